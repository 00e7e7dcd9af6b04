package dev.writebehind.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.Drained;
import dev.writebehind.buffer.View;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.core.MemoryLog.Placement;
import dev.writebehind.journal.LogRecord.Reset;
import dev.writebehind.journal.LogRecord.Writes;
import dev.writebehind.journal.Told;
import dev.writebehind.journal.Told.AllCommitted;
import dev.writebehind.journal.Told.CarriedOut;
import dev.writebehind.journal.Told.Claim;
import dev.writebehind.journal.Told.Committed;
import dev.writebehind.journal.Told.Floor;
import dev.writebehind.journal.Told.Settled;
import dev.writebehind.journal.Told.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two instances on one log under random operations, against a table and a model of direct writes in the log's order.
 * One of them flushes, whatever it likes and when, and tells in the log what it has committed. The other takes over at
 * any time, behind a fence in the table: it begins once it has read its own claim. Either may be started anew.
 */
class ReplicatedLogTest {
    private static final double[] VALUES = {0.0, 0.5, 1.0};
    private static final List<Acknowledgement> LEVELS = List.of(Acknowledgement.values());
    /** For each seed; {@code mvn test -Dtest=ReplicatedLogTest -Dwritebehind.histories=250000} takes a while. */
    private static final int HISTORIES = Integer.getInteger("writebehind.histories", 1_500);

    private static final int STEPS = 120;

    private final KeyPool pool = new KeyPool();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyHistory_leavesTheTableAsDirectWritesWould_andReadsAreRightOnBoth(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < HISTORIES; i++) {
            List<String> faults = new History(random, true).run();
            assertThat(faults).isEmpty();
        }
    }

    @Test
    void anyHistory_withoutTheFence_isWrongSometimes_soTheModelSees() {
        Random random = new Random(5);
        int wrong = 0;
        for (int i = 0; i < HISTORIES; i++) {
            wrong += new History(random, false).run().isEmpty() ? 0 : 1;
        }
        assertThat(wrong).isPositive();
    }

    private final class History {
        private final Random random;
        private final boolean isFenced;
        private final AtomicLong micros = new AtomicLong(1_000_000);
        private final MemoryLog log = new MemoryLog(micros::get);
        private final Map<CompletionKey, StoredCompletion> direct = new HashMap<>();
        private final Map<CompletionKey, StoredCompletion> table = new HashMap<>();
        /** What direct writes would have left of each key, by the position of the record that left it so. */
        private final Map<CompletionKey, Map<Long, StoredCompletion>> states = new HashMap<>();

        private final List<Waiting> waiting = new ArrayList<>();
        /** The instance that stands still from one step to another, while it flushes, and then goes on where it was. */
        private final Node paused;

        private final Node other;
        private final int sleeps;
        private int wakes = -1;

        private final List<Node> nodes;
        private final List<String> faults = new ArrayList<>();
        private int fence;

        History(Random random, boolean isFenced) {
            this.random = random;
            this.isFenced = isFenced;
            this.sleeps = random.nextInt(2 * STEPS); // not at all in some
            this.paused = new Node(0);
            this.other = new Node(1);
            this.nodes = List.of(paused, other);
            nodes.get(random.nextInt(2)).claim();
        }

        /**
         * A request that waits for the table.
         *
         * @param after the last position before it
         */
        private record Waiting(Node node, Offer.Flushing offer, Set<CompletionKey> keys, long after) {
            boolean isLost() {
                return offer.durable().toCompletableFuture().isCompletedExceptionally();
            }
        }

        List<String> run() {
            for (int step = 0; step < STEPS; step++) {
                micros.addAndGet(random.nextInt(random.nextInt(10) == 0 ? 30_000 : 300));
                if (wakes < 0 && step >= sleeps && paused.isCommitting()) {
                    wakes = step + random.nextInt(STEPS);
                    other.claim();
                    for (int i = random.nextInt(4); i > 0; i--) {
                        other.reset();
                    }
                    if (random.nextBoolean()) {
                        other.flushAll();
                    }
                }
                if (step == wakes) {
                    paused.commitAll(); // what it was about to do
                }
                Node node = step < wakes || random.nextBoolean() ? other : paused;
                switch (random.nextInt(16)) {
                    case 0, 1 -> node.write();
                    case 2 -> node.reset();
                    case 3, 4, 5, 6 -> place(node);
                    case 7, 8, 9, 10 -> read(node);
                    case 11 -> node.beginFlush();
                    case 12, 13 -> node.commitSome();
                    case 14 -> node.endFlush();
                    default -> rarely(node);
                }
                checkTickets();
            }
            finish();
            return faults;
        }

        private void read(Node node) {
            for (int i = random.nextInt(6); i >= 0; i--) {
                node.log.readNext();
            }
        }

        private void rarely(Node node) {
            switch (random.nextInt(5)) {
                case 0 -> node.claim();
                case 1 -> node.log.lose();
                case 2 -> node.restart();
                default -> checkReads(node);
            }
        }

        private void place(Node node) {
            Placement placement = node.log.place(random.nextInt(10) == 0);
            if (placement == null) {
                return;
            }
            if (placement.content() instanceof Writes writes) {
                long stamp = placement.firstStamp();
                for (CompletionWrite write : writes.writes()) {
                    CoalescedWrite single = CoalescedWrite.of(write, stamp++);
                    direct.compute(write.key(), (key, row) -> single.applyTo(row));
                    state(write.key(), placement.position());
                }
            } else if (placement.content() instanceof Reset reset) {
                direct.keySet().removeIf(reset.learnerCourse()::holds);
                states.forEach((key, before) -> {
                    if (reset.learnerCourse().holds(key)) {
                        before.put(placement.position(), null);
                    }
                });
            }
        }

        private void state(CompletionKey key, long position) {
            states.computeIfAbsent(key, first -> new HashMap<>()).put(position, direct.get(key));
        }

        /** Whoever was told that it is in the table finds it, or something later, there. */
        private void checkTickets() {
            waiting.removeIf(request -> {
                boolean isOver =
                        request.offer().ticket().flushed().toCompletableFuture().isDone();
                if (isOver) {
                    request.keys().stream()
                            .filter(key -> !isAsAfter(key, request.after()))
                            .forEach(key -> faults.add("acknowledged, but not in the table: " + key));
                }
                return isOver;
            });
        }

        private boolean isAsAfter(CompletionKey key, long position) {
            StoredCompletion row = table.get(key);
            return states.getOrDefault(key, Map.of()).entrySet().stream()
                    .anyMatch(state -> state.getKey() > position && Objects.equals(state.getValue(), row));
        }

        /** Caught up, every instance shows what direct writes would have left. */
        private void checkReads(Node node) {
            node.catchUp();
            for (int userId = 1; userId <= 2; userId++) {
                for (String name : List.of("c", "d")) {
                    LearnerCourse learnerCourse = new LearnerCourse(userId, pool.course(name));
                    Map<CompletionKey, StoredCompletion> expected = rows(direct, learnerCourse);
                    Map<CompletionKey, StoredCompletion> seen = node.read(learnerCourse);
                    if (!seen.equals(expected)) {
                        faults.add("read by " + node.number + ": " + seen + " instead of " + expected);
                    }
                }
            }
        }

        /** The last leader has the rest flushed: then the table is as direct writes would have left it. */
        private void finish() {
            nodes.forEach(node -> {
                while (!node.log.isEmpty()) {
                    place(node);
                }
            });
            nodes.forEach(Node::catchUp);
            Node leader = nodes.get(random.nextInt(2));
            leader.claim();
            leader.flushAll();
            settleMarks();
            checkTickets();
            if (!table.equals(direct)) {
                faults.add("table " + table + " instead of " + direct);
            }
            waiting.stream()
                    .filter(request -> !request.isLost())
                    .forEach(request -> faults.add("never told: " + request));
            nodes.forEach(node -> {
                if (node.buffer.pendingKeys() != 0) {
                    faults.add(node.buffer.pendingKeys() + " keys are left in " + node.number);
                }
            });
        }

        private void settleMarks() {
            nodes.forEach(node -> {
                while (!node.log.isEmpty()) {
                    place(node);
                }
            });
            nodes.forEach(Node::catchUp);
        }

        private Map<CompletionKey, StoredCompletion> rows(
                Map<CompletionKey, StoredCompletion> from, LearnerCourse learnerCourse) {
            Map<CompletionKey, StoredCompletion> rows = new HashMap<>(from);
            rows.keySet().removeIf(key -> !learnerCourse.holds(key));
            return rows;
        }

        /** One instance. */
        private final class Node {
            private final int number;
            private final MemoryLog.Instance log = History.this.log.newInstance();
            private CompletionBuffer buffer;
            private LogFirst acceptance;
            private final List<Change> inFlight = new ArrayList<>();
            private final List<Change> committed = new ArrayList<>();
            /** The epoch that the log has come to, as far as it is read. */
            private long epoch;
            /** The epoch in which this one leads, by its own opinion; 0: it does not. */
            private int leading;

            Node(int number) {
                this.number = number;
                begin();
            }

            private void begin() {
                Duration retain = random.nextInt(3) == 0 ? Duration.ZERO : Duration.ofMillis(1 + random.nextInt(40));
                buffer = new CompletionBuffer(
                        () -> new BufferSettings(1_000, ByteSize.ofMebibytes(64), retain),
                        new ReceiptClock(micros::get),
                        ChangeLog.DURABLE_BEFORE);
                buffer.followedLog().follow();
                acceptance = new LogFirst(log, buffer, told -> {});
                acceptance.begin();
                log.onMark(this::follow);
            }

            /** A crash and a new start, from where everything before is known to be in the table. */
            void restart() {
                inFlight.clear();
                committed.clear();
                leading = 0;
                epoch = 0;
                waiting.removeIf(request -> request.node() == this);
                log.restart();
                begin();
            }

            void write() {
                List<CompletionWrite> writes = new ArrayList<>();
                Set<CompletionKey> keys = new HashSet<>();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    CompletionKey key = key();
                    keys.add(key);
                    writes.add(new CompletionWrite(key, VALUES[random.nextInt(VALUES.length)]));
                }
                await(acceptance.take(writes, level(), null), keys);
            }

            void reset() {
                await(acceptance.reset(LearnerCourse.of(key()), CourseReset.RECEIPT, level()), Set.of());
            }

            private void await(Offer offer, Set<CompletionKey> keys) {
                if (offer instanceof Offer.Flushing flushing) {
                    waiting.add(new Waiting(this, flushing, keys, History.this.log.last()));
                }
            }

            /** Takes over, with nothing in flight: what the table sees first, the log hears of later. */
            void claim() {
                release();
                leading = ++fence;
                if (random.nextInt(4) == 0) {
                    log.tell(new Floor(log.appliedUpTo() + random.nextInt(500)));
                }
                log.tell(new Claim(leading, new UUID(0, leading)));
            }

            void beginFlush() {
                if (!isLeader() || !inFlight.isEmpty()) {
                    return;
                }
                Drained drained = switch (random.nextInt(3)) {
                    case 0 -> buffer.drain();
                    case 1 -> buffer.drain(1 + random.nextInt(3));
                    default -> buffer.drainAwaited(1 + random.nextInt(3));
                };
                inFlight.addAll(drained.resets());
                inFlight.addAll(drained.writes());
                Collections.shuffle(inFlight, random);
            }

            /** Leads, and flushes all there is, with whatever waits behind a reset. */
            void flushAll() {
                while (!log.isEmpty()) {
                    place(this);
                }
                catchUp();
                for (int i = 0; i < 40 && buffer.pendingKeys() > 0; i++) {
                    beginFlush();
                    commitAll();
                    endFlush();
                }
            }

            /** Whether it leads and has something to commit. */
            boolean isCommitting() {
                return isLeader() && inFlight.size() > committed.size();
            }

            void commitSome() {
                commit(random.nextInt(inFlight.size() + 1));
            }

            void commitAll() {
                commit(inFlight.size());
            }

            private void commit(int changes) {
                if (isFenced && leading != fence) {
                    return;
                }
                for (Change change : List.copyOf(inFlight.subList(0, changes))) {
                    if (committed.stream().noneMatch(done -> done == change)) {
                        apply(change);
                        committed.add(change);
                    }
                }
            }

            private void apply(Change change) {
                if (change instanceof CoalescedWrite write) {
                    table.compute(write.key(), (key, row) -> write.applyTo(row));
                } else {
                    table.entrySet()
                            .removeIf(row -> change.learnerCourse().holds(row.getKey())
                                    && row.getValue().modifiedAt() < change.receivedAt());
                }
            }

            /** Tells what is in the table; the rest waits again: a row is locked, or the connection broke. */
            void endFlush() {
                if (!inFlight.isEmpty()) {
                    long applied = log.appliedUpTo();
                    buffer.settle(committed);
                    if (!committed.isEmpty()) {
                        log.tell(new Committed(
                                leading, committed.stream().map(this::settled).toList()));
                    }
                    inFlight.removeIf(change -> committed.stream().anyMatch(done -> done == change));
                    committed.clear();
                    release();
                    long upTo = Math.min(applied, buffer.followedLog().oldestUnsettled() - 1);
                    log.tell(new AllCommitted(upTo));
                    log.forget(upTo);
                }
            }

            /** The leader, and it has read so itself. */
            private boolean isLeader() {
                return leading > 0 && leading == epoch;
            }

            private void follow(Told mark) {
                if (mark instanceof Claim claim && claim.epoch() > epoch) {
                    epoch = claim.epoch();
                    release();
                    if (isLeader()) {
                        buffer.followedLog().lead();
                    } else {
                        buffer.followedLog().follow();
                    }
                } else if (mark instanceof Committed done) {
                    done.settled().forEach(this::takeNote);
                } else if (mark instanceof AllCommitted done) {
                    buffer.followedLog().allFlushed(done.upTo());
                }
            }

            private void takeNote(Settled settled) {
                if (settled instanceof CarriedOut reset) {
                    buffer.followedLog().carriedOut(new CourseReset(reset.learnerCourse(), reset.receivedAt()));
                } else if (settled instanceof Written written) {
                    buffer.followedLog().flushed(written.key(), written.upTo());
                }
            }

            private Settled settled(Change change) {
                return change instanceof CoalescedWrite write
                        ? new Written(write.key(), write.receivedAt(), null)
                        : new CarriedOut(change.learnerCourse(), change.receivedAt(), null);
            }

            private void release() {
                buffer.release(List.copyOf(inFlight));
                inFlight.clear();
                committed.clear();
            }

            void catchUp() {
                while (log.readNext()) {
                    Thread.onSpinWait();
                }
                assertThat(acceptance.caughtUp()).isCompleted();
            }

            Map<CompletionKey, StoredCompletion> read(LearnerCourse learnerCourse) {
                View view = buffer.view(learnerCourse.userId(), learnerCourse.course());
                List<StoredCompletion> rows = view.rows()
                        .orElseGet(() -> List.copyOf(rows(table, learnerCourse).values()));
                if (random.nextBoolean()) {
                    buffer.remember(view, rows);
                }
                Map<CompletionKey, StoredCompletion> seen = new HashMap<>();
                CourseCompletions.of(rows, view, Long.MAX_VALUE)
                        .forEach(
                                Set.of(),
                                (row, isPending) -> seen.put(
                                        new CompletionKey(
                                                learnerCourse.userId(),
                                                learnerCourse.course(),
                                                pool.block(row.blockKey())),
                                        row));
                return seen;
            }

            private CompletionKey key() {
                CourseKey course = pool.course(random.nextBoolean() ? "c" : "d");
                return new CompletionKey(1 + random.nextInt(2), course, pool.block("b" + random.nextInt(4)));
            }

            private Acknowledgement level() {
                return LEVELS.get(random.nextInt(LEVELS.size()));
            }
        }
    }
}
