package dev.writebehind.loadtest.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.writebehind.loadtest.result.Recording;
import dev.writebehind.loadtest.traffic.Request;
import dev.writebehind.loadtest.traffic.Write;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The measured phase is from second 10 to second 20. */
class RecorderTest {
    private double now;
    private final Recorder recorder = new Recorder(() -> now, 10, 20);

    @Test
    void answered_countsFromWhenItWasDue_notFromWhenItWasSent() {
        Request request = request(12);
        now = 15;
        recorder.sent(request, 15); // the learner's last request was answered just now
        now = 16;
        recorder.answered(request, 15, new Answer.Accepted());
        Recording recording = recorder.recording();
        assertThat(recording.answers().max()).isCloseTo(4_000, within(10.0));
        assertThat(recording.service().max()).isCloseTo(1_000, within(2.0));
        assertThat(recording.lateness().max())
                .as("the target's fault, not the client's")
                .isZero();
        assertThat(recording.acceptedWrites()).isEqualTo(1);
    }

    @Test
    void sent_lateAlthoughTheLearnerWasFree_isTheClientsDelay() {
        now = 12.5;
        recorder.sent(request(12), 3);
        assertThat(recorder.recording().lateness().max()).isCloseTo(500, within(2.0));
    }

    @Test
    void neverSent_countsAsDue_withTheTimeItWaited() {
        now = 25;
        recorder.neverSent(request(13));
        Recording recording = recorder.recording();
        assertThat(recording.dueWrites()).isEqualTo(1);
        assertThat(recording.acceptedWrites()).isZero();
        assertThat(recording.unansweredRequests()).isEqualTo(1);
        assertThat(recording.answers().max()).isCloseTo(7_000, within(10.0));
    }

    @Test
    void answeredAfterTheEnd_isAcceptedInAll_notInThePhase() {
        Request request = request(19);
        now = 19;
        recorder.sent(request, 0);
        now = 21;
        recorder.answered(request, 19, new Answer.Accepted());
        Recording recording = recorder.recording();
        assertThat(recording.acceptedWrites()).isZero();
        assertThat(recording.acceptedInAll()).isEqualTo(1);
        assertThat(recording.unansweredRequests()).isEqualTo(1);
        assertThat(recording.answers().max()).isCloseTo(2_000, within(4.0));
    }

    @Test
    void warmUp_countsInAll_notInThePhase() {
        Request request = request(9);
        now = 9;
        recorder.sent(request, 0);
        recorder.answered(request, 9, new Answer.Accepted());
        Recording recording = recorder.recording();
        assertThat(recording.dueWrites()).isZero();
        assertThat(recording.acceptedWrites()).isZero();
        assertThat(recording.acceptedInAll()).isEqualTo(1);
        assertThat(recording.answers().count()).isZero();
        assertThat(recording.timeline().get(9).accepted()).isEqualTo(1);
        assertThat(recording.timeline().get(9).at()).isEqualTo(-1);
    }

    @Test
    void refused_isAFailure_andNotInTheTimes() {
        Request request = request(12);
        now = 12;
        recorder.sent(request, 0);
        recorder.answered(request, 12, new Answer.Refused("503"));
        Recording recording = recorder.recording();
        assertThat(recording.failures()).containsOnly(Map.entry("503", 1L));
        assertThat(recording.answers().count()).isZero();
        assertThat(recording.acceptedInAll()).isZero();
    }

    @Test
    void judgeStep_whenAcceptedTooLittleTwice_isTheLast() {
        now = 13;
        for (int at = 0; at < 30; at++) {
            recorder.answered(request(11), 11, new Answer.Accepted());
        }
        recorder.judgeStep(3, 100, 500);
        assertThat(recorder.recording().steps().get(0).good()).isFalse();
        assertThat(recorder.end()).isEqualTo(20);
        now = 16;
        recorder.judgeStep(3, 125, 500);
        assertThat(recorder.end()).isEqualTo(16);
        assertThat(recorder.isInTime(16.5)).isFalse();
        assertThat(recorder.recording().knee()).isEmpty();
    }

    @Test
    void judgeStep_whenTheTargetKeepsUp_isTheKneeSoFar() {
        now = 12;
        for (int at = 0; at < 300; at++) {
            recorder.answered(request(11.9), 11.9, new Answer.Accepted());
        }
        now = 13;
        recorder.judgeStep(3, 100, 500);
        assertThat(recorder.recording().knee().orElseThrow().acceptedPerSecond())
                .isEqualTo(100);
        assertThat(recorder.end()).isEqualTo(20);
    }

    private static Request request(double due) {
        return new Request(due, List.of(new Write(0, 1, 1.0)));
    }
}
