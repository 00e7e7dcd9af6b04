package dev.writebehind.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Variant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which of several rounds is shown. */
final class RoundsTest {
    private static Run run(int round, double acceptedPerSecond) {
        return SampleResults.calm("LearnerDay", Variant.AFTER_JOURNAL, round, acceptedPerSecond);
    }

    private static Rounds rounds(Run... runs) {
        return new Rounds("LearnerDay", Variant.AFTER_JOURNAL, List.of(runs));
    }

    @Test
    void median_ofThreeIsTheMiddleByAcceptedWrites() {
        assertThat(rounds(run(1, 900), run(2, 100), run(3, 500)).median().round())
                .isEqualTo(3);
    }

    @Test
    void median_ofTwoIsTheLower() {
        assertThat(rounds(run(1, 900), run(2, 100)).median().round()).isEqualTo(2);
    }

    @Test
    void cell_isTheMedianWithTheRangeOfAll() {
        Rounds.Cell cell = rounds(run(1, 900), run(2, 100), run(3, 500))
                .cell(run -> run.recording().acceptedPerSecond(), Figures::number);
        assertThat(cell).isEqualTo(new Rounds.Cell("500", "(100–900)"));
    }

    @Test
    void cell_withoutDifferencesHasNoRange() {
        assertThat(rounds(run(1, 500), run(2, 500))
                        .cell(run -> 1.0, Figures::number)
                        .range())
                .isEmpty();
    }

    @Test
    void cell_leavesRoundsWithoutTheFigureOutOfTheRange() {
        Rounds.Cell cell =
                rounds(run(1, 900), run(2, 0), run(3, 500)).cell(Charts::statementsPerWrite, Figures::number);
        assertThat(cell.value()).isEqualTo(Figures.number(Charts.statementsPerWrite(run(3, 500))));
        assertThat(cell.range()).doesNotContain(Figures.NONE + "–").doesNotContain("–" + Figures.NONE);
    }

    @Test
    void of_keepsTheOrderOfVariantsAndLeavesOutWhatDidNotRun() {
        List<Run> runs = List.of(
                SampleResults.calm("Soak", Variant.AFTER_JOURNAL, 1, 10),
                SampleResults.calm("Soak", Variant.BEFORE_KEY, 1, 10),
                SampleResults.calm("LearnerDay", Variant.AFTER_MEMORY, 1, 10));
        assertThat(Rounds.of("Soak", runs))
                .extracting(Rounds::variant)
                .containsExactly(Variant.BEFORE_KEY, Variant.AFTER_JOURNAL);
        assertThat(Rounds.scenarios(runs)).containsExactly("Soak", "LearnerDay");
    }

    @Test
    void rounds_ofNothingAreRefused() {
        assertThatThrownBy(RoundsTest::rounds).isInstanceOf(IllegalArgumentException.class);
    }
}
