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
 * reads it. Confined to the test's thread.
 */
final class MemoryLog {
    /** @param last receipt time that nothing behind it has: its own last one, or a later floor */
    private record Placed(long firstStamp, long last, int from, long request, LogRecord.Content content) {}

    private record Sent(int from, long request, LogRecord.Content content, CompletableFuture<Void> done) {}

    private record Behind(int records, CompletableFuture<Void> caughtUp) {}

    private final LongSupplier micros;
    private final List<Placed> placed = new ArrayList<>();
    private final List<Instance> instances = new ArrayList<>();
    private int lives;
    private int needed;

    MemoryLog(LongSupplier micros) {
        this.micros = micros;
    }

    Instance newInstance() {
        Instance instance = new Instance(lives++);
        instances.add(instance);
        return instance;
    }

    /** The position of the first record that is not forgotten: a new instance begins there. */
    int needed() {
        return needed;
    }

    /** The receipt time of the last change before that position, or a floor. */
    private long stampBefore(int position) {
        return position == 0 ? 0 : placed.get(position - 1).last();
    }

    /** The position of the last record. */
    long last() {
        return placed.size() - 1L;
    }

    private Placed placed(Sent next) {
        LogRecord.Content content = next.content();
        long last = stampBefore(placed.size());
        if (content instanceof Told.Floor floor) {
            last = Math.max(last, floor.stamp());
        }
        long firstStamp = Math.max(micros.getAsLong(), last + 1);
        if (content.changes() > 0) {
            last = firstStamp + content.changes() - 1;
        }
        return new Placed(firstStamp, last, next.from(), next.request(), content);
    }

    final class Instance implements ReplicatedLog {
        private int number;
        private final Deque<Sent> told = new ArrayDeque<>();
        private final Deque<Sent> sent = new ArrayDeque<>();
        private @Nullable Consumer<LogRecord> follower;
        private @Nullable Consumer<Told> marks;
        private final List<Behind> behind = new ArrayList<>();
        private int read;
        boolean hasRoom = true;
        JournalState state = new JournalState.Healthy();

        private Instance(int number) {
            this.number = number;
        }

        @Override
        public CompletionStage<Void> append(long request, LogRecord.Content content) {
            Sent next = new Sent(number, request, content, new CompletableFuture<>());
            sent.add(next);
            return next.done();
        }

        @Override
        public CompletionStage<Void> tell(Told news) {
            Sent next = new Sent(number, 0, news, new CompletableFuture<>());
            told.add(next);
            return next.done();
        }

        @Override
        public long appliedUpTo() {
            return stampBefore(read);
        }

        @Override
        public void forget(long upTo) {
            int position = read;
            while (position > needed && stampBefore(position) > upTo) {
                position--;
            }
            needed = Math.max(needed, position);
        }

        /** Another life of the instance begins where it is needed; what the last one sent may still arrive. */
        void restart() {
            number = lives++;
            read = needed;
            behind.clear();
        }

        /** Has what is told handed to that one instead of the follower. */
        void onMark(Consumer<Told> handler) {
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

        /** Gives what is sent next its place. Returns what it is; null: nothing was sent. */
        @Nullable
        Placement place(boolean isAnswerLost) {
            Sent next = told.isEmpty() ? sent.poll() : told.poll();
            if (next == null) {
                return null;
            }
            Placed now = placed(next);
            placed.add(now);
            if (isAnswerLost) {
                next.done().completeExceptionally(new IllegalStateException("the answer is lost"));
            } else {
                next.done().complete(null);
            }
            return new Placement(last(), now.firstStamp(), now.content());
        }

        boolean isEmpty() {
            return told.isEmpty() && sent.isEmpty();
        }

        /** Loses the oldest changes sent on their way. */
        void lose() {
            Sent next = sent.poll();
            if (next != null) {
                next.done().completeExceptionally(new IllegalStateException("it is lost"));
            }
        }

        /** Has the next record read, if there is one. */
        boolean readNext() {
            if (read == placed.size()) {
                return false;
            }
            Placed next = placed.get(read);
            if (marks != null && next.content() instanceof Told news) {
                marks.accept(news);
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
