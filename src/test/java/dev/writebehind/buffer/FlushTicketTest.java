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
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FlushTicketTest {
    private final KeyPool pool = new KeyPool();
    private final AtomicLong micros = new AtomicLong(1_000);
    private final CompletionBuffer buffer = new CompletionBuffer(
            () -> new BufferSettings(1_000, ByteSize.ofMebibytes(64), Duration.ZERO),
            new ReceiptClock(micros::get),
            RecordingLog.ofNothing(),
            () -> 0);
    private final FlushTicket ticket = new FlushTicket();

    @Test
    void flushed_onceAllKeysAreSettled_completes() {
        buffer.offer(List.of(write(1, "a"), write(2, "a"), write(1, "b")), ticket);
        assertThat(isFlushed(ticket)).isFalse();
        List<CoalescedWrite> drained = buffer.drain().writes();
        assertThat(isFlushed(ticket)).isFalse();

        for (CoalescedWrite write : drained) {
            assertThat(isFlushed(ticket)).isFalse();
            buffer.settle(List.of(write));
        }

        assertThat(isFlushed(ticket)).isTrue();
    }

    @Test
    void flushed_ofNothing_completesAtOnce() {
        buffer.offer(List.of(), ticket);

        assertThat(isFlushed(ticket)).isTrue();
    }

    @Test
    void flushed_whenAnOlderRunInFlightSettles_doesNotComplete() {
        buffer.offer(List.of(write(1, "a")), null);
        List<CoalescedWrite> older = buffer.drain().writes();
        buffer.offer(List.of(write(1, "a")), ticket);

        buffer.settle(older);
        assertThat(isFlushed(ticket)).isFalse();
        buffer.settle(buffer.drain().writes());
        assertThat(isFlushed(ticket)).isTrue();
    }

    @Test
    void flushed_afterARelease_waitsForTheNextFlush() {
        FlushTicket newer = new FlushTicket();
        buffer.offer(List.of(write(1, "a")), ticket);
        List<CoalescedWrite> failed = buffer.drain().writes();
        buffer.offer(List.of(write(1, "a")), newer);

        buffer.release(failed);
        assertThat(isFlushed(ticket)).isFalse();
        List<CoalescedWrite> merged = buffer.drain().writes();
        assertThat(merged).hasSize(1);
        buffer.settle(merged);

        assertThat(isFlushed(ticket)).isTrue();
        assertThat(isFlushed(newer)).isTrue();
    }

    @Test
    void flushed_withDuplicateKeysInOneOffer_completesOnceEachIsSettled() {
        buffer.offer(List.of(write(1, "a"), write(1, "a"), write(2, "a"), write(1, "a"), write(1, "b")), ticket);
        List<CoalescedWrite> drained = buffer.drain().writes();
        assertThat(drained).hasSize(3);

        buffer.settle(drained.subList(0, 2));
        assertThat(isFlushed(ticket)).isFalse();
        buffer.settle(drained.subList(2, 3));

        assertThat(isFlushed(ticket)).isTrue();
    }

    @Test
    void flushed_ofEveryTicketOnOneKey_completesTogether() {
        List<FlushTicket> tickets = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            tickets.add(new FlushTicket());
            buffer.offer(List.of(write(1, "a")), tickets.get(i));
        }

        buffer.settle(buffer.drain().writes());

        assertThat(tickets).allMatch(FlushTicketTest::isFlushed);
    }

    @Test
    void flushed_ofARefusedOffer_neverCompletes() {
        CompletionBuffer full = new CompletionBuffer(
                () -> new BufferSettings(1, ByteSize.ofMebibytes(64), Duration.ZERO),
                new ReceiptClock(micros::get),
                RecordingLog.ofNothing(),
                () -> 0);

        assertThat(full.offer(List.of(write(1, "a"), write(1, "b")), ticket)).isFalse();

        assertThat(isFlushed(ticket)).isFalse();
    }

    @Test
    void cancel_leavesTheWriteWaiting() {
        buffer.offer(List.of(write(1, "a")), ticket);

        ticket.cancel();

        assertThat(ticket.flushed().toCompletableFuture()).isCancelled();
        List<CoalescedWrite> drained = buffer.drain().writes();
        assertThat(drained).hasSize(1);
        buffer.settle(drained);
        assertThat(buffer.pendingKeys()).isZero();
    }

    @Test
    void cancel_ofTenThousandTicketsOnOneKey_letsTheBufferForgetThem() {
        List<WeakReference<FlushTicket>> given = new ArrayList<>();
        FlushTicket waiting = new FlushTicket();
        buffer.offer(List.of(write(1, "a")), waiting);
        for (int i = 0; i < 10_000; i++) {
            FlushTicket cancelled = new FlushTicket();
            buffer.offer(List.of(write(1, "a")), cancelled);
            cancelled.cancel();
            given.add(new WeakReference<>(cancelled));
        }

        for (int tries = 0; tries < 100 && held(given) > 16; tries++) {
            System.gc();
        }

        assertThat(held(given)).isLessThanOrEqualTo(16);
        buffer.settle(buffer.drain().writes());
        assertThat(isFlushed(waiting)).isTrue();
    }

    private static long held(List<WeakReference<FlushTicket>> tickets) {
        return tickets.stream().filter(ticket -> ticket.get() != null).count();
    }

    private static boolean isFlushed(FlushTicket ticket) {
        return ticket.flushed().toCompletableFuture().isDone()
                && !ticket.flushed().toCompletableFuture().isCancelled();
    }

    private CompletionWrite write(int userId, String block) {
        return new CompletionWrite(new CompletionKey(userId, pool.course("course"), pool.block(block)), 1.0);
    }
}
