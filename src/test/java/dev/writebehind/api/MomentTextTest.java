package dev.writebehind.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.completion.Receipts;
import java.time.DateTimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MomentTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 1970-01-01T00:00:00.000000Z",
        "1, 1970-01-01T00:00:00.000001Z",
        "-1, 1969-12-31T23:59:59.999999Z",
        "1795725312000000, 2026-11-26T20:35:12.000000Z",
        "1795725312123456, 2026-11-26T20:35:12.123456Z",
        "1795725312999999, 2026-11-26T20:35:12.999999Z"
    })
    void of_hasSixDigitsWhateverTheyAre(long micros, String text) {
        assertThat(MomentText.of(micros)).isEqualTo(text);
    }

    @Test
    void of_receiptsOverTheEndOfASecond_isEachOnesOwn() {
        Receipts receipts = new Receipts(5);
        receipts.add(1_795_725_312_999_998L, 3);
        receipts.add(1_795_725_399_000_010L, 2);

        assertThat(MomentText.of(receipts))
                .containsExactly(
                        "2026-11-26T20:35:12.999998Z",
                        "2026-11-26T20:35:12.999999Z",
                        "2026-11-26T20:35:13.000000Z",
                        "2026-11-26T20:36:39.000010Z",
                        "2026-11-26T20:36:39.000011Z");
    }

    @Test
    void micros_readWhatIsWritten_andOtherOffsets_fromTheEpochToTheLastYear() {
        assertThat(MomentText.of(MomentText.micros("2026-11-26T20:35:12.123456789Z")))
                .isEqualTo("2026-11-26T20:35:12.123456Z");
        assertThat(MomentText.micros("1970-01-01T01:00:01+01:00")).isEqualTo(1_000_000);
        assertThat(MomentText.micros("-999999999-01-01T00:00:00Z")).isZero();
        assertThat(MomentText.of(MomentText.micros("9999-12-31T23:59:59.5Z"))).isEqualTo("9999-12-31T23:59:59.500000Z");
        assertThatThrownBy(() -> MomentText.micros("+10000-01-01T00:00:00Z")).isInstanceOf(DateTimeException.class);
    }
}
