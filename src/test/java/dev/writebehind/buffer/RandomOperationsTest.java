package dev.writebehind.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.testing.RecordingLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The buffer under random operations, against a table and a model of direct writes. */
class RandomOperationsTest {
    private static final double[] VALUES = {0.0, 0.5, 1.0};
    private static final int MAX_PENDING = 12;

    private final KeyPool pool = new KeyPool();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyOperations_keepReadsExactAndTheAccountRight(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 1_500; i++) {
            Duration retain = i % 4 == 0 ? Duration.ZERO : Duration.ofMillis(1 + random.nextInt(40));
            new Scenario(random, retain).run(80);
        }
    }

    private final class Scenario {
        private final Random random;
        private final AtomicLong micros = new AtomicLong(1_000);
        private final CompletionBuffer buffer;
        private final Map<CompletionKey, StoredCompletion> direct = new HashMap<>();
        private final Map<CompletionKey, StoredCompletion> table = new HashMap<>();
        private final Set<CompletionKey> unsettled = new HashSet<>();
        private final Set<CompletionKey> waiting = new HashSet<>();
        private final Map<LearnerCourse, Long> standing = new HashMap<>();
        private final List<Change> inFlight = new ArrayList<>();
        private final List<Read> reads = new ArrayList<>();
        private final StringBuilder story = new StringBuilder();

        private record Read(View view, List<StoredCompletion> rows) {}

        Scenario(Random random, Duration retain) {
            this.random = random;
            this.buffer = new CompletionBuffer(
                    () -> new BufferSettings(MAX_PENDING, ByteSize.ofMebibytes(1), retain),
                    new ReceiptClock(micros::get),
                    RecordingLog.ofNothing(),
                    () -> micros.get() * 1_000);
            story.append("retain ").append(retain).append(':');
        }

        void run(int steps) {
            for (int step = 0; step < steps; step++) {
                micros.addAndGet(1 + random.nextInt(random.nextInt(10) == 0 ? 30_000 : 500));
                switch (random.nextInt(10)) {
                    case 0, 1, 2 -> offer();
                    case 3, 4 -> drain();
                    case 5 -> settle();
                    case 6 -> release();
                    case 7 -> beginRead();
                    case 8 -> reset();
                    default -> endRead();
                }
                if (random.nextInt(5) == 0) {
                    buffer.cleanUp();
                }
                checkAccount();
                checkReads();
            }
            drainEverything();
        }

        private void offer() {
            List<CompletionWrite> writes = new ArrayList<>();
            for (int i = random.nextInt(5); i >= 0; i--) {
                writes.add(new CompletionWrite(key(random), VALUES[random.nextInt(VALUES.length)]));
            }
            Set<CompletionKey> after = new HashSet<>(unsettled);
            writes.forEach(write -> after.add(write.key()));
            boolean fits = after.size() + standing.size() <= MAX_PENDING || after.equals(unsettled);

            assertThat(buffer.offer(writes, null)).as("%s", story).isEqualTo(fits);
            story.append(fits ? " offer" : " refused").append(writes);
            if (fits) {
                unsettled.addAll(after);
                writes.forEach(write -> waiting.add(write.key()));
                stamps(writes)
                        .forEach((stamp, write) -> direct.compute(
                                write.key(),
                                (key, row) -> CoalescedWrite.of(write, stamp).applyTo(row)));
            }
        }

        private void reset() {
            LearnerCourse learnerCourse = LearnerCourse.of(key(random));
            boolean fits = unsettled.size() + standing.size() < MAX_PENDING
                    || standing.containsKey(learnerCourse)
                    || waiting.stream().anyMatch(learnerCourse::holds);

            assertThat(buffer.reset(learnerCourse, null)).as("%s", story).isEqualTo(fits);
            story.append(fits ? " reset" : " refused reset").append(learnerCourse);
            if (fits) {
                standing.put(learnerCourse, micros.getAndIncrement());
                direct.keySet().removeIf(learnerCourse::holds);
                waiting.removeIf(learnerCourse::holds);
                Set<CompletionKey> flying = new HashSet<>();
                inFlight.stream()
                        .filter(CoalescedWrite.class::isInstance)
                        .forEach(write -> flying.add(((CoalescedWrite) write).key()));
                unsettled.removeIf(key -> learnerCourse.holds(key) && !flying.contains(key));
            }
        }

        /** The stamps that a clock at this time gives, when nothing else was stamped in this microsecond. */
        private Map<Long, CompletionWrite> stamps(List<CompletionWrite> writes) {
            Map<Long, CompletionWrite> stamps = new TreeMap<>();
            for (CompletionWrite write : writes) {
                stamps.put(micros.get() + stamps.size(), write);
            }
            micros.addAndGet(writes.size());
            return stamps;
        }

        private void drain() {
            if (inFlight.isEmpty()) {
                Drained drained = buffer.drain();
                inFlight.addAll(drained.resets());
                inFlight.addAll(drained.writes());
                Collections.shuffle(inFlight, random);
                story.append(" drain");
                assertThat(drained.resets().stream().map(CourseReset::learnerCourse))
                        .as("%s", story)
                        .containsExactlyInAnyOrderElementsOf(standing.keySet());
                assertThat(drained.writes()).extracting(CoalescedWrite::key).doesNotHaveDuplicates();
                assertThat(drained.writes()).noneMatch(write -> standing.containsKey(write.learnerCourse()));
                drained.writes().forEach(write -> waiting.remove(write.key()));
            }
        }

        private void settle() {
            List<Change> batch = takeBatch();
            batch.forEach(this::commit);
            story.append(" settle").append(batch);
            buffer.settle(batch);
            for (Change change : batch) {
                if (change instanceof CoalescedWrite write) {
                    settled(write.key());
                } else {
                    standing.remove(change.learnerCourse(), change.receivedAt());
                }
            }
        }

        private void settled(CompletionKey key) {
            if (!waiting.contains(key)) {
                unsettled.remove(key);
            }
        }

        /** Sometimes the batch was committed all the same and only the answer lost. */
        private void release() {
            List<Change> batch = takeBatch();
            if (random.nextBoolean()) {
                story.append(" (committed)");
                batch.forEach(this::commit);
            }
            story.append(" release").append(batch);
            buffer.release(batch);
            for (Change change : batch) {
                if (change instanceof CoalescedWrite write) {
                    if (standing.containsKey(write.learnerCourse())) {
                        settled(write.key());
                    } else {
                        waiting.add(write.key());
                    }
                }
            }
        }

        private List<Change> takeBatch() {
            List<Change> part = inFlight.subList(0, random.nextInt(inFlight.size() + 1));
            List<Change> batch = List.copyOf(part);
            part.clear();
            return batch;
        }

        private void commit(Change change) {
            if (change instanceof CoalescedWrite write) {
                table.compute(write.key(), (key, row) -> write.applyTo(row));
            } else {
                table.entrySet()
                        .removeIf(row -> change.learnerCourse().holds(row.getKey())
                                && row.getValue().modifiedAt() < change.receivedAt());
            }
        }

        private void beginRead() {
            CompletionKey key = key(random);
            View view = buffer.view(key.userId(), key.course());
            story.append(" read").append(key.userId()).append(key.course());
            reads.add(new Read(
                    view, List.copyOf(rows(table, key.userId(), key.course()).values())));
        }

        private void endRead() {
            if (!reads.isEmpty()) {
                Read read = reads.remove(random.nextInt(reads.size()));
                story.append(" remember").append(read.rows());
                buffer.remember(read.view(), read.rows());
            }
        }

        private void checkAccount() {
            int keys = unsettled.size() + standing.size();
            Set<LearnerCourse> learners = new HashSet<>(standing.keySet());
            unsettled.forEach(key -> learners.add(LearnerCourse.of(key)));
            long bytes = (long) Charges.BYTES_PER_KEY * keys
                    + (long) Charges.BYTES_PER_ENTRY * learners.size()
                    + learners.stream()
                            .map(LearnerCourse::course)
                            .distinct()
                            .mapToLong(Texts::bytes)
                            .sum()
                    + unsettled.stream()
                            .map(CompletionKey::block)
                            .distinct()
                            .mapToLong(Texts::bytes)
                            .sum();
            if (buffer.pendingKeys() != keys || buffer.pendingBytes() != bytes) {
                assertThat(buffer.pendingKeys()).as("%s", story).isEqualTo(keys);
                assertThat(buffer.pendingBytes()).as("%s", story).isEqualTo(bytes);
            }
        }

        private void checkReads() {
            for (int userId = 1; userId <= 2; userId++) {
                for (String name : List.of("c", "d")) {
                    CourseKey course = pool.course(name);
                    View view = buffer.view(userId, course);
                    Map<CompletionKey, StoredCompletion> seen = new HashMap<>();
                    for (StoredCompletion row : view.rows()
                            .orElseGet(() -> List.copyOf(
                                    rows(table, view.key().userId(), course).values()))) {
                        if (!view.hides(row)) {
                            seen.put(new CompletionKey(userId, course, pool.block(row.blockKey())), row);
                        }
                    }
                    view.flushed().forEach(run -> seen.compute(run.key(), (key, row) -> run.applyTo(row)));
                    view.pending().forEach(run -> seen.compute(run.key(), (key, row) -> run.applyTo(row)));
                    Map<CompletionKey, StoredCompletion> expected = rows(direct, userId, course);
                    if (!seen.equals(expected)) {
                        assertThat(seen).as("%s", story).isEqualTo(expected);
                    }
                }
            }
        }

        private void drainEverything() {
            buffer.release(inFlight);
            inFlight.clear();
            for (int i = 0; i < 2; i++) { // what waits behind a reset goes with the second
                Drained drained = buffer.drain();
                List<Change> rest = new ArrayList<>(drained.resets());
                rest.addAll(drained.writes());
                rest.forEach(this::commit);
                buffer.settle(rest);
            }
            assertThat(table).as("%s", story).isEqualTo(direct);
            assertThat(buffer.pendingKeys()).as("%s", story).isZero();
            assertThat(buffer.pendingBytes()).as("%s", story).isZero();
            assertThat(buffer.drain()).isEqualTo(new Drained(List.of(), List.of(), Set.of(), List.of()));
            for (int i = 0; i < 3; i++) { // the cache's wheel turns by about a second
                micros.addAndGet(5_000_000);
                buffer.cleanUp();
            }
            assertThat(buffer.entryCount()).as("%s", story).isZero();
        }

        private Map<CompletionKey, StoredCompletion> rows(
                Map<CompletionKey, StoredCompletion> from, int userId, CourseKey course) {
            Map<CompletionKey, StoredCompletion> rows = new HashMap<>(from);
            rows.keySet()
                    .removeIf(key -> key.userId() != userId || !key.course().equals(course));
            return rows;
        }
    }

    private CompletionKey key(Random random) {
        return new CompletionKey(
                1 + random.nextInt(2),
                pool.course(random.nextBoolean() ? "c" : "d"),
                pool.block("b" + random.nextInt(4)));
    }

    @Test
    void manyOfferingThreads_andOneFlusher_loseNothingAndLeaveNothing() throws Exception {
        CompletionBuffer buffer = new CompletionBuffer(
                () -> new BufferSettings(500, ByteSize.ofMebibytes(64), Duration.ofNanos(50)),
                new ReceiptClock(),
                RecordingLog.ofNothing(),
                System::nanoTime);
        Map<CompletionKey, StoredCompletion> table = new ConcurrentHashMap<>();
        int threads = 6;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Map<CompletionKey, Double>>> offering = new ArrayList<>();
            List<FlushTicket> tickets = Collections.synchronizedList(new ArrayList<>());
            for (int thread = 0; thread < threads; thread++) {
                int own = thread;
                offering.add(executor.submit(() -> hammer(buffer, own, tickets)));
            }
            Random random = new Random(1);
            while (!offering.stream().allMatch(Future::isDone)) {
                flush(buffer, table, random, 20);
            }
            flush(buffer, table, random, 0);

            for (Future<Map<CompletionKey, Double>> done : offering) {
                done.get()
                        .forEach((key, value) -> assertThat(table.get(key).completion())
                                .as("%s", key)
                                .isEqualTo(value));
            }
            assertThat(buffer.pendingKeys()).isZero();
            assertThat(buffer.pendingBytes()).isZero();
            assertThat(buffer.drain()).isEqualTo(new Drained(List.of(), List.of(), Set.of(), List.of()));
            assertThat(tickets)
                    .hasSizeGreaterThan(100)
                    .allMatch(ticket -> ticket.flushed().toCompletableFuture().isDone());
        } finally {
            executor.shutdownNow();
        }
    }

    /** Every thread has keys of its own, in courses that they all write to, so that it knows what must come out. */
    private Map<CompletionKey, Double> hammer(CompletionBuffer buffer, int thread, List<FlushTicket> tickets) {
        Random random = new Random(thread);
        Map<CompletionKey, Double> last = new HashMap<>();
        for (int i = 0; i < 30_000; i++) {
            List<CompletionWrite> writes = new ArrayList<>();
            for (int j = random.nextInt(4); j >= 0; j--) {
                CompletionKey key = new CompletionKey(
                        1 + random.nextInt(10),
                        pool.course("c" + random.nextInt(2)),
                        pool.block("t" + thread + "b" + random.nextInt(6)));
                writes.add(new CompletionWrite(key, random.nextInt(1_000) / 1_000.0));
            }
            FlushTicket ticket = i % 10 == 0 ? new FlushTicket() : null;
            if (buffer.offer(writes, ticket)) {
                writes.forEach(write -> last.put(write.key(), write.completion()));
                if (ticket != null) {
                    tickets.add(ticket);
                }
            }
        }
        return last;
    }

    private static void flush(
            CompletionBuffer buffer, Map<CompletionKey, StoredCompletion> table, Random random, int failingPercent) {
        List<CoalescedWrite> drained = buffer.drain().writes();
        for (int from = 0; from < drained.size(); from += 50) {
            List<CoalescedWrite> batch = drained.subList(from, Math.min(drained.size(), from + 50));
            if (random.nextInt(100) < failingPercent) {
                buffer.release(batch);
            } else {
                batch.forEach(write -> table.compute(write.key(), (key, row) -> write.applyTo(row)));
                buffer.settle(batch);
            }
        }
    }
}
