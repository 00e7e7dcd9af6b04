package dev.writebehind.journal.file;

import static dev.writebehind.journal.file.JournalFiles.await;
import static dev.writebehind.journal.file.JournalFiles.key;
import static dev.writebehind.journal.file.JournalFiles.replayCopy;
import static dev.writebehind.journal.file.JournalFiles.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.ChangeLog.Entry;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.file.FaultyDisk.Call;
import dev.writebehind.testing.SmallDisk;
import dev.writebehind.testing.TemporaryDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class JournalSpaceTest {
    private final Path dir = TemporaryDirectory.create("space");

    private static CompletionBuffer buffer(FileJournal journal) {
        return new CompletionBuffer(
                () -> new BufferSettings(100_000, ByteSize.ofMebibytes(512), Duration.ZERO),
                new ReceiptClock(),
                journal);
    }

    private static CompletionWrite write(int key, double value) {
        return new CompletionWrite(key(key), value);
    }

    @Test
    void segments_areDeletedOnceAllTheirRunsAreReleased() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1_000)) {
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                entries.add(journal.append(run(i, 0.5, 10), null));
                await(journal.sync());
            }
            assertThat(JournalFiles.segments(dir)).hasSizeGreaterThan(8);
            Path first = JournalFiles.segments(dir).get(0);

            for (Entry entry : entries.subList(1, 100)) {
                journal.release(entry);
            }
            await(journal.sync());
            assertThat(JournalFiles.segments(dir)).contains(first);
            assertThat(replayCopy(dir).runs()).containsKey(key(0));

            journal.release(entries.get(0));
            await(journal.sync());
            assertThat(JournalFiles.segments(dir)).hasSize(1).doesNotContain(first);
        }
    }

    @Test
    void stuckKeyAmongHotOnes_isOutdatedAndOnceRenewedHoldsNothingBack() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1_000)) {
            Entry stuck = journal.append(run(0, 0.5, 10), null);
            await(journal.sync());
            assertThat(journal.hasOutdated()).isFalse();
            assertThat(journal.isOutdated(stuck)).isFalse();
            Entry hot = hammer(journal, 100);
            assertThat(journal.hasOutdated()).isTrue();
            assertThat(journal.isOutdated(stuck)).isTrue();
            assertThat(journal.isOutdated(hot)).isFalse();

            Entry renewed = journal.append(run(0, 0.5, 10), stuck);
            assertThat(journal.isOutdated(renewed)).isFalse();
            await(journal.sync());

            assertThat(journal.hasOutdated()).isFalse();
            assertThat(JournalFiles.segments(dir)).hasSizeLessThanOrEqualTo(2);
            assertThat(replayCopy(dir).value(0)).isEqualTo(0.5);
        }
    }

    private static Entry hammer(FileJournal journal, int times) throws Exception {
        Entry hot = null;
        for (int i = 0; i < times; i++) {
            hot = journal.append(run(1, 0.5, 10 + i), hot);
            await(journal.sync());
        }
        return hot;
    }

    /** The table is out of reach: nothing is settled, the flusher tries and fails all the while. */
    @ParameterizedTest
    @ValueSource(longs = {16 << 10, 128 << 10})
    void outage_withKeysRewrittenManyTimes_takesASmallMultipleOfWhatIsAlive(long segmentBytes) throws Exception {
        int keys = 1_000;
        long live = keys * 110L;
        long most = 0;
        try (FileJournal journal = JournalFiles.started(dir, segmentBytes)) {
            CompletionBuffer buffer = buffer(journal);
            assertThat(buffer.offerRecorded(List.of(write(keys, 0.25)), null)).isTrue(); // written but once
            for (int round = 1; round <= 200; round++) {
                for (int from = 0; from < keys; from += 100) {
                    List<CompletionWrite> writes = new ArrayList<>();
                    for (int key = from; key < from + 100; key++) {
                        writes.add(write(key, round / 200.0));
                    }
                    assertThat(buffer.offerRecorded(writes, null)).isTrue();
                }
                await(journal.sync());
                buffer.renewOutdated();
                List<CoalescedWrite> drained = buffer.drain().writes();
                buffer.release(drained);
                await(journal.sync());
                most = Math.max(most, JournalFiles.size(dir));
            }
            assertThat(most).isLessThan(4 * live + 6 * segmentBytes);
            var found = replayCopy(dir);
            assertThat(found.runs()).hasSize(keys + 1);
            assertThat(found.runs().values())
                    .allMatch(run -> run.value() == 1.0 || run.key().equals(key(keys)));
            assertThat(found.value(keys)).isEqualTo(0.25);

            List<CoalescedWrite> drained = buffer.drain().writes();
            buffer.settle(drained);
            await(journal.sync());
            assertThat(replayCopy(dir).runs()).isEmpty();
            assertThat(JournalFiles.segments(dir)).hasSize(1);
        }
    }

    /** More is alive than the sealed segments that are tolerated: to append it anew would free nothing. */
    @Test
    void renewal_whereMuchIsAlive_isNotRepeatedForNothing() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        try (FileJournal journal = JournalFiles.started(dir, 4_096, disk)) {
            CompletionBuffer buffer = buffer(journal);
            for (int key = 0; key < 1_000; key++) {
                assertThat(buffer.offerRecorded(List.of(write(key, 0.5)), null)).isTrue();
                if (key % 20 == 0) {
                    await(journal.sync());
                }
            }
            await(journal.sync());
            for (int i = 0; i < 3; i++) {
                buffer.renewOutdated();
                await(journal.sync());
            }
            int calls = disk.calls.size();
            for (int i = 0; i < 10; i++) {
                buffer.renewOutdated();
                await(journal.sync());
            }

            assertThat(disk.calls).hasSize(calls);
            assertThat(replayCopy(dir).runs()).hasSize(1_000);
        }
    }

    @Test
    void hasRoom_isBoundedByWhatIsQueued() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20, disk)) {
            CompletableFuture<Void> mayReturn = new CompletableFuture<>();
            disk.failWith((call, number) -> {
                if (call == Call.FORCE) {
                    mayReturn.join();
                }
            });
            assertThat(journal.hasRoom(500_000)).isTrue();
            assertThat(journal.hasRoom(500_001)).isFalse();

            for (int i = 0; i < 1_000; i++) {
                journal.append(run(i, 0.5, 10), null);
            }

            assertThat(journal.hasRoom(499_000)).isTrue();
            assertThat(journal.hasRoom(499_001)).isFalse();
            mayReturn.complete(null);
            await(journal.sync());
            await(journal.sync());
            assertThat(journal.hasRoom(500_000)).isTrue();
        }
    }

    /** Space must not be needed to be allowed to free space: neither under way nor at a start. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void diskFullOfItsOwnSegments_isLeftByItselfOnceTheirRunsAreReleased(boolean oneStays) throws Exception {
        try (SmallDisk disk = mounted()) {
            Path journalDir = disk.path().resolve("journal");
            List<Entry> entries = new ArrayList<>();
            try (FileJournal journal = JournalFiles.started(journalDir, 16 << 20)) {
                fill(journal, entries);
                for (Entry entry : entries.subList(oneStays ? 1 : 0, entries.size())) {
                    journal.release(entry);
                }
                await().until(() -> journal.state().isHealthy());
                journal.append(run(0, 0.75, 1_000_000), oneStays ? entries.get(0) : null);
                await(journal.sync());
                assertThat(JournalFiles.size(journalDir)).isLessThan(512 << 10);
            }
            assertThat(JournalFiles.replay(journalDir).value(0)).isEqualTo(0.75);
        }
    }

    @Test
    void startOnAFullDisk_handsEverythingOverAndIsHealthyOnceThatIsReleased() throws Exception {
        try (SmallDisk disk = mounted()) {
            Path journalDir = disk.path().resolve("journal");
            List<Entry> entries = new ArrayList<>();
            try (FileJournal journal = JournalFiles.started(journalDir, 16 << 20)) {
                fill(journal, entries);
            }
            disk.fillSpace();
            try (FileJournal journal = JournalFiles.open(journalDir, 16 << 20)) {
                JournalFiles.Taken taken = new JournalFiles.Taken(journal);
                assertThat(journal.replay(taken).keys()).isGreaterThanOrEqualTo(entries.size());
                assertThat(journal.state()).isInstanceOf(JournalState.Interrupted.class);

                taken.entries.values().forEach(journal::release);

                await().until(() -> journal.state().isHealthy());
                journal.append(run(0, 0.75, 1_000_000), null);
                await(journal.sync());
            }
            assertThat(JournalFiles.replay(journalDir).runs()).containsOnlyKeys(key(0));
        }
    }

    /** Appends until the disk takes no more; keeps the entries that are on disk. */
    private static void fill(FileJournal journal, List<Entry> entries) {
        for (int from = 0; journal.state().isHealthy(); from += 100) {
            List<Entry> appended = new ArrayList<>();
            for (int key = from; key < from + 100; key++) {
                appended.add(journal.append(run(key, 0.5, 10), null));
            }
            boolean durable = journal.sync()
                    .handle((done, failure) -> failure == null)
                    .toCompletableFuture()
                    .join();
            if (durable) {
                entries.addAll(appended);
            } else {
                appended.forEach(journal::release);
            }
        }
        assertThat(entries).hasSizeGreaterThan(5_000);
    }

    private static SmallDisk mounted() {
        Optional<SmallDisk> disk = SmallDisk.mount(2, 100);
        assumeThat(disk).as("this process may mount a file system").isPresent();
        return disk.orElseThrow();
    }
}
