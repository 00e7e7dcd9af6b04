package dev.writebehind.core;

import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.LogRecord;
import dev.writebehind.journal.ReplicatedLog;
import dev.writebehind.journal.Told;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A replicated log in memory, in which the test decides when what is appended gets its place and when which instance
 * reads it. It also carries the flushing instance's marks, which the service itself does not know. Confined to the
 * test's thread.
 */
final class MemoryLog {
    /** A record, or a mark of whoever flushes. */
    private record Placed(long firstStamp, int from, long request, LogRecord.@Nullable Content content, Object mark) {}

    private record Sent(
            int from, long request, LogRecord.@Nullable Content content, Object mark, CompletableFuture<Void> done) {}

    private record Behind(int records, CompletableFuture<Void> caughtUp) {}

    private static final Object NO_MARK = new Object();

    private final LongSupplier micros;
    private final List<Placed> placed = new ArrayList<>();
    private final List<Instance> instances = new ArrayList<>();
    private long nextStamp;
    private int lives;

    MemoryLog(LongSupplier micros) {
        this.micros = micros;
    }

    Instance newInstance() {
        Instance instance = new Instance(lives++);
        instances.add(instance);
        return instance;
    }

    /** The position of the record in which something of that time is, or of whatever comes next. */
    int positionOf(long stamp) {
        int position = placed.size();
        while (position > 0 && placed.get(position - 1).firstStamp() > stamp) {
            position--;
        }
        return stamp == Long.MAX_VALUE ? position : Math.max(0, position - 1);
    }

    /** The receipt time of the last change before that position. */
    long stampBefore(int position) {
        Placed last = placed.isEmpty() || position == 0 ? null : placed.get(position - 1);
        return last == null
                ? 0
                : last.firstStamp()
                        + (last.content() == null ? 0 : last.content().changes())
                        - 1;
    }

    /** The position of the last record. */
    long last() {
        return placed.size() - 1L;
    }

    final class Instance implements ReplicatedLog {
        private int number;
        private final Deque<Sent> sent = new ArrayDeque<>();
        private @Nullable Consumer<LogRecord> follower;
        private Consumer<Object> marks = mark -> {};
        private final List<Behind> behind = new ArrayList<>();
        private int read;
        boolean hasRoom = true;
        JournalState state = new JournalState.Healthy();

        private Instance(int number) {
            this.number = number;
        }

        @Override
        public CompletionStage<Void> append(long request, LogRecord.Content content) {
            Sent next = new Sent(number, request, content, NO_MARK, new CompletableFuture<>());
            sent.add(next);
            return next.done();
        }

        @Override
        public CompletionStage<Void> tell(Told told) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long appliedUpTo() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void forget(long upTo) {
            throw new UnsupportedOperationException();
        }

        void appendMark(Object mark) {
            sent.add(new Sent(number, -1, null, mark, new CompletableFuture<>()));
        }

        /** Another life of the instance begins there; what the last one sent may still arrive. */
        void restartAt(int position) {
            number = lives++;
            read = position;
            behind.clear();
        }

        /** How many records have been read. */
        int read() {
            return read;
        }

        void onMark(Consumer<Object> handler) {
            marks = handler;
        }

        @Override
        public CompletionStage<Void> caughtUp() {
            CompletableFuture<Void> caughtUp = new CompletableFuture<>();
            behind.add(new Behind(placed.size(), caughtUp));
            complete();
            return caughtUp;
        }

        private void complete() {
            behind.removeIf(waiting -> {
                boolean isThere = waiting.records() <= read;
                if (isThere) {
                    waiting.caughtUp().complete(null);
                }
                return isThere;
            });
        }

        @Override
        public void follow(Consumer<LogRecord> handler) {
            follower = handler;
        }

        @Override
        public JournalState state() {
            return state;
        }

        @Override
        public boolean hasRoom(int changes) {
            return hasRoom;
        }

        /** Gives the oldest thing sent its place. Returns what it is; null: a mark, or nothing was sent. */
        @Nullable
        Placement place(boolean isAnswerLost) {
            Sent next = sent.poll();
            if (next == null) {
                return null;
            }
            long stamp = Math.max(micros.getAsLong(), nextStamp);
            nextStamp = stamp + (next.content() == null ? 0 : next.content().changes());
            placed.add(new Placed(stamp, next.from(), next.request(), next.content(), next.mark()));
            if (isAnswerLost) {
                next.done().completeExceptionally(new IllegalStateException("the answer is lost"));
            } else {
                next.done().complete(null);
            }
            return next.content() == null ? null : new Placement(last(), stamp, next.content());
        }

        boolean isEmpty() {
            return sent.isEmpty();
        }

        /** Loses the oldest thing sent on its way, unless it is a mark. */
        void lose() {
            Sent next = sent.peek();
            if (next != null && next.content() != null) {
                sent.remove();
                next.done().completeExceptionally(new IllegalStateException("it is lost"));
            }
        }

        /** Has the next record read, if there is one. */
        boolean readNext() {
            if (read == placed.size()) {
                return false;
            }
            Placed next = placed.get(read);
            if (next.content() == null) {
                marks.accept(next.mark());
            } else if (follower != null) {
                follower.accept(
                        new LogRecord(next.firstStamp(), next.from() == number, next.request(), next.content()));
            }
            read++;
            complete();
            return true;
        }
    }

    /** A record's place. */
    record Placement(long position, long firstStamp, LogRecord.Content content) {}
}
