package dev.writebehind.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "512, 512",
        "512B, 512",
        "64KiB, 65536",
        "16MiB, 16777216",
        "1GiB, 1073741824",
        "' 2 KiB ', 2048"
    })
    void parse_ofANumberAndAUnit_isThatMany(String text, long bytes) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "KiB", "1.5KiB", "-1", "1KB", "1kib", "1TiB", "1000000000000000", "1KiB x"})
    void parse_ofAnythingElse_isRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ByteSize.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0B", "1B", "1023B", "1KiB", "1025B", "32MiB", "768MiB", "3GiB", "1048577KiB"})
    void toString_readsBackAsTheSame(String text) {
        assertThat(ByteSize.parse(text)).hasToString(text);
        assertThat(ByteSize.parse(ByteSize.parse(text).toString())).isEqualTo(ByteSize.parse(text));
    }

    @Test
    void compareTo_ordersByBytes() {
        assertThat(ByteSize.ofKibibytes(1))
                .isLessThan(ByteSize.ofMebibytes(1))
                .isEqualByComparingTo(ByteSize.parse("1024"));
    }

    @Test
    void new_ofANegativeNumber_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteSize(-1));
    }
}
