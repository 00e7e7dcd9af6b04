package dev.writebehind.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.testing.RecordingLog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a drain tells of the rows: which of them are in the table, as far as the buffer can know. */
class PresentRowsTest {
    private static final Duration RETAIN = Duration.ofSeconds(10);

    private final KeyPool pool = new KeyPool();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong micros = new AtomicLong(1_000);
    private final CompletionBuffer buffer = new CompletionBuffer(
            () -> new BufferSettings(1_000, ByteSize.ofMebibytes(16), RETAIN),
            new ReceiptClock(micros::getAndIncrement),
            RecordingLog.ofNothing(),
            nanos::get);

    @Test
    void drain_rowsFlushedAMomentAgo_areTold() {
        offer("a");
        assertThat(flush()).isEmpty();

        offer("a", "b");
        assertThat(flush()).containsExactly("a");
    }

    @Test
    void drain_rowsReadAMomentAgo_areTold() {
        read("a", "c");
        offer("a", "b");
        assertThat(flush()).containsExactly("a");
    }

    @Test
    void drain_rowsReadLongAgo_areNot() {
        read("a");
        nanos.addAndGet(RETAIN.toNanos());
        offer("a");
        assertThat(flush()).isEmpty();
    }

    @Test
    void drain_rowsThatAResetDeleted_areNot() {
        read("b");
        offer("a");
        flush();
        buffer.reset(learnerCourse(), null);
        buffer.settle(buffer.drain().resets());

        offer("a", "b");
        assertThat(flush()).isEmpty();
    }

    @Test
    void drain_ofWhatWasReleased_tellsTheSame() {
        read("a");
        offer("a", "b");
        buffer.release(buffer.drain().writes());
        assertThat(flush()).containsExactly("a");
    }

    @Test
    void drainAwaited_ofRowsThatAreThere_tellsThem() {
        read("a");
        FlushTicket ticket = new FlushTicket();
        for (String block : List.of("a", "b")) {
            CompletionKey key = new CompletionKey(1, pool.course("c"), pool.block(block));
            assertThat(buffer.offer(List.of(new CompletionWrite(key, 1)), ticket))
                    .isTrue();
        }
        assertThat(buffer.drainAwaited(10).present())
                .extracting(write -> write.key().block().value())
                .containsExactly("a");
    }

    private void read(String... blocks) {
        View view = buffer.view(1, learnerCourse().course());
        buffer.remember(
                view,
                List.of(blocks).stream()
                        .map(block -> new StoredCompletion(block, "unknown", 0, 1, 1))
                        .toList());
    }

    private LearnerCourse learnerCourse() {
        return new LearnerCourse(1, pool.course("c"));
    }

    private void offer(String... blocks) {
        for (String block : blocks) {
            CompletionKey key = new CompletionKey(1, pool.course("c"), pool.block(block));
            assertThat(buffer.offer(List.of(new CompletionWrite(key, 1)), null)).isTrue();
        }
    }

    /** Returns the blocks whose rows are told to be there. */
    private List<String> flush() {
        Drained drained = buffer.drain();
        buffer.settle(drained.writes());
        assertThat(drained.writes()).isNotEmpty();
        return drained.present().stream()
                .map(CoalescedWrite::key)
                .map(CompletionKey::block)
                .map(BlockKey::value)
                .toList();
    }
}
