package dev.writebehind.journal.file;

import static dev.writebehind.journal.file.JournalFiles.await;
import static dev.writebehind.journal.file.JournalFiles.key;
import static dev.writebehind.journal.file.JournalFiles.replayCopy;
import static dev.writebehind.journal.file.JournalFiles.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.Drained;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.journal.file.JournalFiles.Found;
import dev.writebehind.testing.TemporaryDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class JournalConcurrencyTest {
    private static final int KEYS_PER_THREAD = 25;
    private static final LearnerCourse LEARNER_COURSE = LearnerCourse.of(key(1));

    /** A service as far as durability goes: a buffer in front of a journal, and a table. */
    private static final class Instance implements AutoCloseable {
        final Path dir = TemporaryDirectory.create("instance");
        final FileJournal journal;
        final CompletionBuffer buffer;
        final Map<CompletionKey, StoredCompletion> table = new ConcurrentHashMap<>();
        List<? extends Change> inFlight = List.of();

        Instance(long segmentBytes) {
            journal = JournalFiles.started(dir, segmentBytes);
            buffer = new CompletionBuffer(
                    () -> new BufferSettings(100_000, ByteSize.ofMebibytes(64), Duration.ZERO),
                    new ReceiptClock(),
                    journal);
        }

        void write(int key, double value) throws Exception {
            assertThat(buffer.offerRecorded(List.of(new CompletionWrite(key(key), value)), null))
                    .isTrue();
            await(journal.sync());
        }

        void reset() throws Exception {
            assertThat(buffer.reset(LEARNER_COURSE, null)).isTrue();
            await(journal.sync());
        }

        void drain() {
            Drained drained = buffer.drain();
            List<Change> all = new ArrayList<>(drained.resets());
            all.addAll(drained.writes());
            inFlight = all;
        }

        void commit() {
            inFlight.forEach(change -> commit(change, table));
        }

        private static void commit(Change change, Map<CompletionKey, StoredCompletion> rows) {
            if (change instanceof CoalescedWrite run) {
                rows.compute(run.key(), (key, row) -> run.applyTo(row));
            } else {
                rows.entrySet()
                        .removeIf(row -> change.learnerCourse().holds(row.getKey())
                                && row.getValue().modifiedAt() < change.receivedAt());
            }
        }

        void settle() {
            buffer.settle(inFlight);
            inFlight = List.of();
        }

        void release() {
            buffer.release(inFlight);
            inFlight = List.of();
        }

        /** Has every entry written anew, as a renewal does. */
        void recordAll() {
            buffer.recordAll();
        }

        /** What the table holds after a kill, a start and a flush. */
        Map<CompletionKey, StoredCompletion> tableAfterKill() throws Exception {
            await(journal.sync()); // takes what was queued along
            Map<CompletionKey, StoredCompletion> after = new HashMap<>(table);
            Found found = replayCopy(dir);
            found.resets().forEach(reset -> commit(reset, after));
            found.runs().values().forEach(run -> commit(run, after));
            return after;
        }

        @Override
        public void close() {
            journal.close();
        }
    }

    /** Nobody else comes by who would wake the thread once more. */
    @Test
    void sync_oneAfterTheOther_completesEachTime() throws Exception {
        try (FileJournal journal = JournalFiles.started(TemporaryDirectory.create("sync"), 1 << 24)) {
            for (int i = 0; i < 10_000; i++) {
                ChangeLog.Entry entry = journal.append(run(1, 0.5, i + 1), null);
                long asks = System.nanoTime() + i % 100 * 1_000L; // about when the thread takes the append
                while (System.nanoTime() < asks) {
                    Thread.onSpinWait();
                }
                await(journal.sync());
                assertThat(journal.isWritten(entry)).isTrue();
            }
        }
    }

    @Test
    void sync_ofManyAtOnce_completesForEachWhenAllThatItAppendedIsOnDisk() throws Exception {
        int callers = 4;
        int rounds = 200;
        int burst = 300; // so that a group does not hold all that is queued
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try (FileJournal journal = JournalFiles.started(TemporaryDirectory.create("sync"), 1 << 24)) {
            List<Future<Integer>> unwritten = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                unwritten.add(threads.submit(() -> {
                    Queue<Integer> missing = new ConcurrentLinkedQueue<>();
                    List<CompletableFuture<Void>> all = new ArrayList<>();
                    for (int round = 0; round < rounds; round++) {
                        List<ChangeLog.Entry> entries = new ArrayList<>();
                        for (int i = 0; i < burst; i++) {
                            entries.add(journal.append(run(i, 0.5, i + 1), null));
                        }
                        all.add(journal.sync()
                                .toCompletableFuture()
                                .thenRun(() -> entries.stream()
                                        .filter(entry -> !journal.isWritten(entry))
                                        .forEach(entry -> missing.add(1))));
                    }
                    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                            .get();
                    return missing.size();
                }));
            }
            for (Future<Integer> each : unwritten) {
                assertThat(each.get()).isZero();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private interface Step {
        void take(Instance instance) throws Exception;
    }

    private static final List<List<Step>> CYCLES = List.of(
            List.of(Instance::drain, Instance::commit, Instance::settle),
            List.of(Instance::drain, Instance::release, Instance::drain, Instance::commit, Instance::settle),
            List.of(
                    Instance::drain,
                    Instance::commit,
                    Instance::release,
                    Instance::drain,
                    Instance::commit,
                    Instance::settle),
            List.of(
                    Instance::recordAll,
                    Instance::drain,
                    Instance::recordAll,
                    Instance::release,
                    Instance::recordAll,
                    Instance::drain,
                    Instance::commit,
                    Instance::recordAll,
                    Instance::settle,
                    Instance::recordAll));

    /** Write 2 arrives at every point of the cycle that takes write 1 to the table, and another one follows. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void newerWrite_atEveryPointOfAnOlderOnesCycle_survivesAKillAtAnyPoint(boolean besideOneThatStays)
            throws Exception {
        for (List<Step> cycle : CYCLES) {
            for (int at = 0; at <= cycle.size(); at++) {
                try (Instance instance = new Instance(besideOneThatStays ? 1 << 20 : 1)) {
                    if (besideOneThatStays) {
                        instance.journal.append(JournalFiles.run(9, 0.9, 1), null);
                    }
                    instance.write(1, 0.25);
                    assertHeld(instance, 0.25, "after write 1");
                    List<Step> steps = new ArrayList<>(cycle);
                    steps.addAll(CYCLES.get(0));
                    for (int step = 0; step < steps.size(); step++) {
                        if (step == at) {
                            instance.write(1, 0.75);
                        }
                        String where = "write 2 before step " + at + ", kill before step " + step;
                        assertHeld(instance, step >= at ? 0.75 : 0.25, where);
                        steps.get(step).take(instance);
                        assertHeld(instance, step >= at ? 0.75 : 0.25, "after the step of " + where);
                    }
                    instance.drain();
                    instance.commit();
                    instance.settle();
                    assertThat(instance.table.get(key(1)).completion()).isEqualTo(0.75);
                    await(instance.journal.sync());
                    if (!besideOneThatStays) {
                        assertThat(replayCopy(instance.dir).runs()).isEmpty();
                    }
                }
            }
        }
    }

    /**
     * A reset arrives at every point of the cycle that takes a write to the table, and another write at every later
     * one; a kill at any point must leave what direct writes would have left.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void reset_atEveryPointOfAWritesCycle_isNotUndoneByAKillAtAnyPoint(boolean besideOneThatStays) throws Exception {
        for (List<Step> cycle : CYCLES) {
            for (int at = 0; at <= cycle.size(); at++) {
                for (int then = at; then <= cycle.size() + CYCLES.get(0).size(); then += 3) {
                    resetThenWrite(cycle, at, then, besideOneThatStays);
                }
            }
        }
    }

    private static void resetThenWrite(List<Step> cycle, int at, int then, boolean besideOneThatStays)
            throws Exception {
        try (Instance instance = new Instance(besideOneThatStays ? 1 << 20 : 1)) {
            if (besideOneThatStays) {
                instance.journal.append(JournalFiles.run(9, 0.9, 1), null);
            }
            instance.write(1, 0.25);
            List<Step> steps = new ArrayList<>(cycle);
            steps.addAll(CYCLES.get(0));
            steps.addAll(CYCLES.get(0));
            Double expected = 0.25;
            for (int step = 0; step < steps.size(); step++) {
                if (step == at) {
                    instance.reset();
                    expected = null;
                }
                if (step == then) {
                    instance.write(1, 0.75);
                    expected = 0.75;
                }
                String where = "reset before step " + at + ", write before step " + then + ", kill before step " + step;
                assertRow(instance, expected, where);
                steps.get(step).take(instance);
            }
            assertRow(
                    instance,
                    expected,
                    "reset before step " + at + ", write before step " + then + ", kill at the end");
            assertThat(instance.buffer.pendingKeys()).isZero();
            assertThat(instance.table.containsKey(key(1))).isEqualTo(expected != null);
        }
    }

    private static void assertRow(Instance instance, @Nullable Double value, String where) throws Exception {
        StoredCompletion row = instance.tableAfterKill().get(key(1));
        assertThat(row == null ? null : row.completion()).as(where).isEqualTo(value);
    }

    private static void assertHeld(Instance instance, double value, String where) throws Exception {
        assertThat(instance.tableAfterKill().get(key(1)).completion()).as(where).isEqualTo(value);
    }

    /** A write that nobody asked to have in the journal joins one that is there. */
    @Test
    void unrecordedWrite_thatJoinsARecordedOne_doesNotTakeItAlong() throws Exception {
        for (int at = 0; at < 3; at++) {
            try (Instance instance = new Instance(1)) {
                instance.write(1, 0.25);
                List<Step> steps = CYCLES.get(0);
                for (int step = 0; step < steps.size(); step++) {
                    if (step == at) {
                        instance.buffer.offer(List.of(new CompletionWrite(key(1), 0.75)), null);
                    }
                    steps.get(step).take(instance);
                    assertThat(instance.tableAfterKill().get(key(1)).completion())
                            .isGreaterThanOrEqualTo(0.25);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void manyWritersAndOneFlusher_loseNothingAcknowledgedToAKill(long seed) throws Exception {
        Random random = new Random(seed);
        int threads = 4;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        Map<CompletionKey, Double> acknowledged = new ConcurrentHashMap<>();
        try (Instance instance = new Instance(4_096)) {
            for (int round = 0; round < 12; round++) {
                List<Future<?>> writers = new ArrayList<>();
                for (int thread = 0; thread < threads; thread++) {
                    int own = thread;
                    long ownSeed = random.nextLong();
                    writers.add(executor.submit(() -> hammer(instance, own, ownSeed, acknowledged)));
                }
                while (!writers.stream().allMatch(Future::isDone)) {
                    flushSome(instance, random);
                }
                for (Future<?> writer : writers) {
                    writer.get();
                }
                assertNothingLost(instance, acknowledged, round);
            }
            instance.drain();
            instance.commit();
            instance.settle();
            await(instance.journal.sync());
            assertThat(replayCopy(instance.dir).runs()).isEmpty();
            assertThat(JournalFiles.segments(instance.dir)).hasSize(1);
        } finally {
            executor.shutdownNow();
        }
    }

    /** Values of a key only grow, so that an older one is seen to be older. */
    private static Void hammer(Instance instance, int thread, long seed, Map<CompletionKey, Double> acknowledged)
            throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            List<CompletionWrite> writes = new ArrayList<>();
            for (int j = random.nextInt(4); j >= 0; j--) {
                CompletionKey key = key(thread * KEYS_PER_THREAD + random.nextInt(KEYS_PER_THREAD));
                double last = writes.stream()
                        .filter(write -> write.key().equals(key))
                        .mapToDouble(CompletionWrite::completion)
                        .max()
                        .orElse(acknowledged.getOrDefault(key, 0.0));
                writes.add(new CompletionWrite(key, last + 1.0 / (1 << 20)));
            }
            assertThat(instance.buffer.offerRecorded(writes, null)).isTrue();
            await(instance.journal.sync());
            writes.forEach(write -> acknowledged.merge(write.key(), write.completion(), Math::max));
        }
        return null;
    }

    private static void flushSome(Instance instance, Random random) {
        instance.buffer.renewOutdated();
        List<CoalescedWrite> drained = instance.buffer.drain().writes();
        for (int from = 0; from < drained.size(); from += 10) {
            instance.inFlight = drained.subList(from, Math.min(drained.size(), from + 10));
            int outcome = random.nextInt(4);
            if (outcome != 0) {
                instance.commit();
            }
            if (outcome > 1) {
                instance.settle();
            } else {
                instance.release();
            }
        }
    }

    private static void assertNothingLost(Instance instance, Map<CompletionKey, Double> acknowledged, int round)
            throws Exception {
        await(instance.journal.sync());
        Found found = replayCopy(instance.dir);
        acknowledged.forEach((key, value) -> {
            CoalescedWrite run = found.runs().get(key);
            StoredCompletion row = instance.table.get(key);
            StoredCompletion after = run == null ? row : run.applyTo(row);
            assertThat(after).as("%s in round %s", key, round).isNotNull();
            assertThat(after.completion()).as("%s in round %s", key, round).isEqualTo(value);
        });
    }
}
