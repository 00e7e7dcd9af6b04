package dev.writebehind.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.testing.RecordingLog;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A buffer whose settings change while it holds something. */
class ChangedSettingsTest {
    private static final String COURSE = "course-v1:O+C+R";

    private final KeyPool pool = new KeyPool();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong micros = new AtomicLong(1_000);
    private BufferSettings settings = settings(10, Duration.ofSeconds(5));
    private final CompletionBuffer buffer =
            new CompletionBuffer(() -> settings, new ReceiptClock(micros::get), RecordingLog.ofNothing(), nanos::get);

    @Test
    void maxPending_shrunkBelowWhatWaits_takesNoNewKeyUntilThereIsRoom_andGrows() {
        assertThat(offer("a", "b", "c")).isTrue();
        change(settings(2, Duration.ZERO));

        assertThat(offer("d")).isFalse();
        assertThat(offer("a", "c")).as("what waits already").isTrue();
        List<CoalescedWrite> drained = buffer.drain().writes();
        assertThat(drained).hasSize(3);
        buffer.settle(drained.subList(0, 2));
        assertThat(offer("e")).isTrue();
        assertThat(offer("f")).isFalse();

        change(settings(3, Duration.ZERO));
        assertThat(offer("f")).isTrue();
        buffer.settle(drained.subList(2, 3));
        assertThat(buffer.pendingKeys()).isEqualTo(2);
    }

    @Test
    void maxBytes_shrunkBelowWhatWaits_takesNoNewKey() {
        assertThat(offer("a")).isTrue();
        change(new BufferSettings(10, ByteSize.ofKibibytes(1), Duration.ZERO));
        assertThat(offer("b", "c", "d")).isFalse();

        change(settings(10, Duration.ZERO));
        assertThat(offer("b", "c", "d")).isTrue();
    }

    /** The run that they lack has expired by the shorter time: by the longer one they would be fresh again. */
    @Test
    void retain_raised_bringsNoRowsBackThatLackAFlushedRun() {
        offer("a");
        List<CoalescedWrite> drained = buffer.drain().writes();
        buffer.remember(view(), List.of());
        buffer.settle(drained);
        assertThat(view().flushed()).isEqualTo(drained);
        pass(Duration.ofSeconds(6));

        change(settings(10, Duration.ofSeconds(60)));

        assertThat(view().rows()).isEmpty();
    }

    @Test
    void retain_raisedAfterItWasLowered_bringsNoRowsBackThatLackAFlushedRun() {
        change(settings(10, Duration.ofSeconds(60)));
        offer("a");
        List<CoalescedWrite> drained = buffer.drain().writes();
        buffer.remember(view(), List.of());
        buffer.settle(drained);

        change(settings(10, Duration.ofSeconds(1)));
        pass(Duration.ofSeconds(2));
        change(settings(10, Duration.ofSeconds(60)));

        assertThat(view().flushed()).isEmpty();
        assertThat(view().rows()).isEmpty();
    }

    @Test
    void retain_changedWhileRowsAreRead_keepsNoneOfThem() {
        View reading = view();
        change(settings(10, Duration.ofSeconds(60)));

        buffer.remember(reading, List.of());

        assertThat(view().rows()).isEmpty();
        buffer.remember(view(), List.of());
        assertThat(view().rows()).as("read after the change").isPresent();
    }

    @Test
    void retain_lowered_endsWhatWasKeptForLonger() {
        change(settings(10, Duration.ofHours(1)));
        offer("a");
        buffer.settle(buffer.drain().writes());
        buffer.remember(view(), List.of());

        change(settings(10, Duration.ofSeconds(2)));
        pass(Duration.ofSeconds(1));
        assertThat(view().flushed()).hasSize(1);
        assertThat(view().rows()).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(view().flushed()).isEmpty();
    }

    @Test
    void retain_loweredToNothing_dropsNothingThatWaits() {
        offer("a");
        change(settings(10, Duration.ZERO));
        pass(Duration.ofHours(1));
        buffer.cleanUp();

        assertThat(view().pending()).hasSize(1);
        assertThat(buffer.drain().writes()).hasSize(1);
    }

    @Test
    void threshold_setAnewBelowWhatWaits_isSignalledAtOnce() {
        AtomicInteger signals = new AtomicInteger();
        buffer.onThreshold(9, signals::incrementAndGet);
        offer("a", "b");
        assertThat(signals).hasValue(0);

        buffer.onThreshold(2, signals::incrementAndGet);

        assertThat(signals).hasValue(1);
    }

    private void change(BufferSettings changed) {
        settings = changed;
        buffer.settingsChanged();
    }

    private static BufferSettings settings(int maxPending, Duration retain) {
        return new BufferSettings(maxPending, ByteSize.ofMebibytes(64), retain);
    }

    private View view() {
        return buffer.view(1, pool.course(COURSE));
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        micros.addAndGet(time.toNanos() / 1_000);
    }

    private boolean offer(String... blocks) {
        List<CompletionWrite> writes = Arrays.stream(blocks)
                .map(block -> new CompletionWrite(
                        new CompletionKey(1, pool.course(COURSE), pool.block(block)), micros.incrementAndGet() % 2))
                .toList();
        return buffer.offer(writes, null);
    }
}
