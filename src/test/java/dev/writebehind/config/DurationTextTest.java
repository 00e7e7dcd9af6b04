package dev.writebehind.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
    @ParameterizedTest
    @CsvSource({
        "250ms, PT0.25S",
        "0s, PT0S",
        "1s, PT1S",
        "5m, PT5M",
        "1h, PT1H",
        "' 10 s ', PT10S",
        "999999999999h, PT999999999999H"
    })
    void parse_ofANumberAndAUnit_isThatLong(String text, Duration duration) {
        assertThat(DurationText.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "s", "1.5s", "-1s", "1d", "1S", "PT1S", "1s2ms", "1s x", "9999999999999s"})
    void parse_ofAnythingElse_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DurationText.parse(text))
                .withMessage("\"" + text + "\" is not a valid duration: write it as 250ms, 1s, 5m or 1h");
    }
}
