package dev.writebehind.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Variant;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Which runs are said to have been limited by the client or the machine. */
final class HonestyTest {
    private static final OptionalInt TWO = OptionalInt.of(2);

    private static Run run(double lateness, double machine) {
        return SampleResults.withClient("LearnerDay", Variant.AFTER_MEMORY, 2, 1_000, lateness, machine);
    }

    @Test
    void findings_ofPunctualClientsOnMachinesWithTimeToSpareAreNone() {
        assertThat(Honesty.findings(List.of(run(10, 1.9)), TWO)).isEmpty();
    }

    @Test
    void findings_nameTheRunWhoseClientWasLate() {
        assertThat(Honesty.findings(List.of(run(1, 1), run(10.1, 1)), TWO))
                .singleElement()
                .asString()
                .startsWith("LearnerDay, after, ack=memory, round 2: the client was the bottleneck")
                .contains("10.1 ms late", "lower bound")
                .doesNotContain("machine was full");
    }

    @Test
    void findings_nameTheRunOnAFullMachine() {
        assertThat(Honesty.findings(List.of(run(1, 1), run(1, 1.91)), TWO))
                .singleElement()
                .asString()
                .contains("the whole machine was the bottleneck (1.91 of 2 cores", "lower bound")
                .doesNotContain("client was the bottleneck");
    }

    @Test
    void findings_sayBothOfALateClientOnAFullMachine() {
        assertThat(Honesty.findings(List.of(run(50, 2)), TWO))
                .singleElement()
                .asString()
                .contains("the client was the bottleneck", "and the whole machine was full");
    }

    @Test
    void section_hasASentenceForEachSuchRunAndNoOther() {
        String section = Honesty.section(SampleResults.all());
        assertThat(section.split("the client was the bottleneck: it", -1)).hasSize(1 + 5);
        assertThat(section.split("the whole machine was the bottleneck", -1)).hasSize(1 + 3);
        for (Variant variant : Variant.values()) {
            if (variant != Variant.BARE_HTTP) {
                assertThat(section).contains("ExamSpike, " + variant.title() + ", round 1: the client was");
            }
        }
        assertThat(section).doesNotContain("In no run was the client");
    }

    @Test
    void section_ofCalmRunsSaysThatThereWasNoneOfThem() {
        assertThat(Honesty.section(SampleResults.of(List.of(run(1, 1)))))
                .contains("In no run was the client the bottleneck, or the machine full.");
    }

    @Test
    void cores_areTakenFromTheMachinesDescription() {
        assertThat(Honesty.cores("AMD EPYC 7763 64-Core, 2 cores, 8 GiB")).hasValue(2);
        assertThat(Honesty.cores("Xeon E5, 16 vCPUs")).hasValue(16);
        assertThat(Honesty.cores("a machine")).isEmpty();
    }
}
