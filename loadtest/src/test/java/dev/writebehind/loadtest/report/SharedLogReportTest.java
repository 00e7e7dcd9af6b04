package dev.writebehind.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.loadtest.result.LogTrial;
import dev.writebehind.loadtest.result.SharedLogResult;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedLogReportTest {
    private static SharedLogResult result(int round, double acceptedPerSecond, long different) {
        return new SharedLogResult(
                "the service", round, acceptedPerSecond, 5, 10, 400, 4_296, 669, 7.5, 6.5, 0.5, 4_296, different);
    }

    @Test
    void markdown_isALineForEachSide_ofMedians_withTheSumOfWhatDiffers() {
        String text = SharedLogReport.markdown(List.of(result(1, 1_000, 0), result(2, 3_000, 2)), List.of());

        assertThat(text.lines()).hasSize(3);
        assertThat(text)
                .endsWith(
                        "| the service | 2,000 | 5.00 | 10.0 | 400 | 4,296 | 669 | 7.50 | 6.50 | 0.50 | 2 of 8592 |\n");
    }

    @Test
    void markdown_tellsOfTrials() {
        String text = SharedLogReport.markdown(
                List.of(result(1, 1_000, 0)), List.of(new LogTrial("a reset", "the service", 500, 1, 2, "a | b")));

        assertThat(text).endsWith("| a reset | the service | 1 of 500 | 2 | a / b |\n");
    }
}
