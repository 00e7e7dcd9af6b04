package dev.writebehind.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.loadtest.result.Variant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How figures, durations and texts are printed. */
final class FiguresTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0;0",
                "12345.6;12,346",
                "99.96;100",
                "99.94;99.9",
                "9.999;10.0",
                "9.994;9.99",
                "0.5;0.50",
                "0.0123;0.012",
                "0.00099;0.00099",
                "-5;-5.00",
                "NaN;–",
                "Infinity;–"
            })
    void number_hasAsManyDigitsAsItIsGoodFor(double value, String printed) {
        assertThat(Figures.number(value)).isEqualTo(printed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"0;0", "0.001;0.001", "0.30000000000000004;0.3", "20;20", "100000;100,000", "44.4832;44.5"})
    void plain_leavesRoundNumbersRound(double value, String printed) {
        assertThat(Figures.plain(value)).isEqualTo(printed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"20s;20", "500 ms;0.5", "1.5 min;90", "20s each;20", "2m;120"})
    void seconds_areReadFromParameters(String text, double seconds) {
        assertThat(BusyFormula.seconds(text)).hasValue(seconds);
    }

    @Test
    void seconds_ofAnythingElseAreNone() {
        assertThat(BusyFormula.seconds("long")).isEmpty();
        assertThat(BusyFormula.seconds("")).isEmpty();
    }

    @Test
    void expected_isThePoolByTheMeanWait() {
        assertThat(BusyFormula.expected(32, 0.2, 20)).isEqualTo(16);
    }

    @Test
    void summary_keepsHostileTextsInTheirCells() {
        String summary = Markdown.summary(SampleResults.all());
        assertThat(summary).contains("**not met**: LearnerDay").doesNotContain("<script>alert('&\"')</script>|`x`:");
        assertThat(summary.lines().filter(line -> line.startsWith("| ")))
                .hasSize(1 + SampleResults.SCENARIOS.size() * 5 + 1)
                .allSatisfy(line -> assertThat(line.replace("\\|", "").chars().filter(c -> c == '|'))
                        .hasSize(9));
    }

    @Test
    void summary_leavesFiguresOutThatThereAreNot() {
        String summary = Markdown.summary(
                SampleResults.of(List.of(SampleResults.calm("UserTableBusy", Variant.BEFORE_KEY, 1, 0))));
        assertThat(summary).contains("| UserTableBusy | before, with the key | 0 | 15,000 | 29,900 | – | 1,712 |");
    }
}
