package dev.writebehind.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.testing.RecordingLog;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the buffer has written down: always the whole run of a key that is not in the table. */
class RecordedRunTest {
    private final KeyPool keys = new KeyPool();
    private final RecordingLog log = RecordingLog.create();
    private final List<Change> recorded = log.appended();
    private final CompletionBuffer buffer = new CompletionBuffer(
            () -> new BufferSettings(10, ByteSize.ofMebibytes(1), Duration.ZERO), new ReceiptClock(() -> 1_000), log);

    @Test
    void offerRecorded_behindARunInFlight_recordsBothAsOne() {
        write(0.5, true);
        CoalescedWrite inFlight = buffer.drain().writes().get(0);
        write(0.75, true);

        CoalescedWrite newest = (CoalescedWrite) recorded.get(1);
        assertThat(newest.value()).isEqualTo(0.75);
        assertThat(newest.createdAt()).isEqualTo(inFlight.createdAt());
        assertThat(newest.changedAt()).isGreaterThan(inFlight.changedAt());
        assertThat(newest.changed()).isTrue();
    }

    @Test
    void offerRecorded_behindAnUnrecordedWrite_recordsThatToo() {
        write(0.5, false);
        assertThat(recorded).isEmpty();
        write(0.5, true);

        assertThat(recorded).containsExactlyElementsOf(buffer.drain().writes());
    }

    @Test
    void offerRecorded_afterTheRunIsSettled_recordsTheNewWriteAlone() {
        write(0.5, true);
        buffer.settle(buffer.drain().writes());
        write(0.75, true);

        assertThat(recorded.get(1)).isEqualTo(buffer.drain().writes().get(0));
    }

    private void write(double completion, boolean record) {
        List<CompletionWrite> writes =
                List.of(new CompletionWrite(new CompletionKey(1, keys.course("c"), keys.block("b")), completion));
        assertThat(record ? buffer.offerRecorded(writes, null) : buffer.offer(writes, null))
                .isTrue();
    }
}
