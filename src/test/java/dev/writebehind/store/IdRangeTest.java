package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdRangeTest {
    @ParameterizedTest
    @CsvSource({
        "tinyint(4), 127",
        "smallint unsigned, 65535",
        "mediumint(9), 8388607",
        "int, 2147483647",
        "int(11), 2147483647",
        "int(10) unsigned, 4294967295",
        "bigint(20), 9223372036854775807",
        "BIGINT UNSIGNED, 18446744073709551615",
    })
    void of_aColumnType_knowsTheHighestId(String type, BigInteger limit) {
        IdRange range = IdRange.of(type, null, null);
        assertThat(range.limit()).isEqualTo(limit);
        assertThat(range.left()).isEqualTo(limit);
        assertThat(range.share()).isEqualTo(1.0);
        assertThat(range.finding().kind()).isEqualTo(Finding.Kind.OK);
    }

    @ParameterizedTest
    @CsvSource({
        // the next id, the newest row's, the highest used
        "1, , 0",
        "501, 500, 500",
        "2000, 500, 1999",
        "1, 500, 500",
        ", 500, 500",
        "2147483647, 2147483647, 2147483647",
        "2147483647, 9, 2147483646",
    })
    void of_whatTheServerSays_takesTheHigher(BigInteger next, BigInteger newest, BigInteger used) {
        IdRange range = IdRange.of("int", next, newest);
        assertThat(range.used()).isEqualTo(used);
        assertThat(range.left()).isEqualTo(BigInteger.valueOf(Integer.MAX_VALUE).subtract(used));
    }

    @Test
    void finding_noneIsLeft_isNoReasonToRefuse_andSaysHowToWiden() {
        Finding finding = IdRange.of("int", BigInteger.ONE, BigInteger.valueOf(Integer.MAX_VALUE))
                .finding();
        assertThat(finding.kind()).isEqualTo(Finding.Kind.NOTE);
        assertThat(finding.text()).contains("none is left", "MODIFY id BIGINT");
    }

    @ParameterizedTest
    @CsvSource({"1717986920, NOTE", "1717986917, OK"})
    void finding_lessThanAFifthIsLeft_isTold(BigInteger newest, Finding.Kind kind) {
        assertThat(IdRange.of("int", null, newest).finding().kind()).isEqualTo(kind);
    }

    @Test
    void left_rowsBeyondTheRange_isNeverNegative() {
        IdRange range = IdRange.of("tinyint", null, BigInteger.valueOf(200));
        assertThat(range.left()).isZero();
        assertThat(range.share()).isZero();
    }

    @Test
    void of_noWholeNumber_isRefused() {
        assertThatExceptionOfType(UnfitSchemaException.class).isThrownBy(() -> IdRange.of("decimal(10,0)", null, null));
    }
}
