package dev.writebehind.journal.file;

import static dev.writebehind.journal.file.JournalFiles.await;
import static dev.writebehind.journal.file.JournalFiles.key;
import static dev.writebehind.journal.file.JournalFiles.replay;
import static dev.writebehind.journal.file.JournalFiles.replayCopy;
import static dev.writebehind.journal.file.JournalFiles.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.writebehind.completion.ChangeLog.Entry;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.journal.DamagedJournalException;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.JournalUnavailableException;
import dev.writebehind.journal.file.FaultyDisk.Call;
import dev.writebehind.journal.file.JournalFiles.Found;
import dev.writebehind.testing.Command;
import dev.writebehind.testing.TemporaryDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class JournalFaultTest {
    private static final String IO_ERROR = "Input/output error";
    private static final String NO_SPACE = "No space left on device";
    private static final long SMALL = 400;

    private final FaultyDisk disk = new FaultyDisk();
    private final Set<CompletionKey> acknowledged = new HashSet<>();
    private Path dir;
    private int next;

    @BeforeEach
    void createDirectory() {
        dir = TemporaryDirectory.create("fault");
    }

    /** Appends a run of a new key and waits; returns whether it was acknowledged. */
    private boolean write(FileJournal journal) throws Exception {
        int key = next++;
        journal.append(run(key, 0.5, 10 + key), null);
        boolean durable = succeeds(journal.sync());
        if (durable) {
            acknowledged.add(key(key));
        }
        return durable;
    }

    private void assertAcknowledgedIn(Found found) {
        assertThat(found.runs().keySet()).containsAll(acknowledged);
    }

    private static boolean succeeds(CompletionStage<Void> sync) throws Exception {
        try {
            await(sync);
            return true;
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(JournalUnavailableException.class);
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CREATE", "WRITE", "FORCE"})
    void anyCallThatFails_endsAcknowledgementForGood(Call kind) throws Exception {
        for (int n = 1; n <= 5; n++) {
            createDirectory();
            acknowledged.clear();
            disk.heal();
            try (FileJournal journal = JournalFiles.started(dir, SMALL, disk)) {
                disk.partialWrite = 11 * n;
                disk.failFrom(n, kind, IO_ERROR);
                while (write(journal)) {
                    assertThat(acknowledged).as("the fault must strike").hasSizeLessThan(100);
                }
                int calls = disk.calls.size();
                disk.heal();
                for (int i = 0; i < 5; i++) {
                    assertThat(write(journal)).isFalse();
                }
                assertThat(journal.state()).isInstanceOf(JournalState.Failed.class);
                assertThat(journal.state().explanation()).contains(IO_ERROR, "restart");
                assertThat(disk.calls).as("the files are left alone").hasSize(calls);
                assertAcknowledgedIn(replayCopy(dir));
                Path cut = disk.powerCut(dir);
                assertThat(replay(cut).runs().keySet()).isEqualTo(acknowledged);
            }
            assertAcknowledgedIn(replay(dir));
        }
    }

    /** As btrfs and NFS do. What lies in the page cache since may be lost although a second force succeeds. */
    @ParameterizedTest
    @ValueSource(strings = {NO_SPACE, "Disk quota exceeded", "Read-only file system"})
    void force_thatTellsOfWantOfSpace_goesOnBehindWhatWasForcedBefore(String message) throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20, disk)) {
            Entry settled = journal.append(run(500, 0.5, 10), null);
            await(journal.sync());
            assertThat(write(journal)).isTrue();
            Path segment = JournalFiles.lastSegment(dir);
            long forcedBefore = disk.forced.get(segment);
            journal.release(settled);
            await(journal.sync());
            assertThat(Files.size(segment))
                    .as("with a frame that is not forced")
                    .isGreaterThan(forcedBefore);
            disk.failFrom(1, Call.FORCE, message);

            assertThat(write(journal)).isFalse();
            assertThat(journal.state()).isInstanceOf(JournalState.Interrupted.class);
            disk.heal();
            await().until(() -> journal.state().isHealthy());

            assertThat(disk.truncated).containsExactly(forcedBefore);
            acknowledged.add(key(next - 1));
            assertThat(write(journal)).isTrue();
            Path cut = disk.powerCut(dir);
            assertAcknowledgedIn(replay(cut));
        }
        assertAcknowledgedIn(replay(dir));
    }

    @ParameterizedTest
    @ValueSource(strings = {NO_SPACE, IO_ERROR})
    void truncate_thatFails_isTriedAgainForWantOfSpaceAlone(String message) throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20, disk)) {
            assertThat(write(journal)).isTrue();
            disk.partialWrite = 20;
            disk.failWith((call, number) -> {
                if (call == Call.WRITE || call == Call.TRUNCATE) {
                    throw new IOException(call == Call.WRITE ? NO_SPACE : message);
                }
            });
            assertThat(write(journal)).isFalse();
            await().until(() -> disk.calls.contains(Call.TRUNCATE));
            disk.heal();

            if (message.equals(NO_SPACE)) {
                await().until(() -> journal.state().isHealthy());
                assertThat(write(journal)).isTrue();
            } else {
                assertThat(write(journal)).isFalse();
                assertThat(journal.state()).isInstanceOf(JournalState.Failed.class);
            }
        }
        assertAcknowledgedIn(replay(dir));
    }

    @Test
    void directoryThatIsAnotherOne_acknowledgesNothingAndGetsNothing_untilItIsBack() throws Exception {
        Path elsewhere = dir.resolveSibling(dir.getFileName() + "-elsewhere");
        try (FileJournal journal = JournalFiles.started(dir, SMALL, disk)) {
            assertThat(write(journal)).isTrue();
            Files.move(dir, elsewhere);
            assertThat(write(journal)).isFalse();
            assertThat(journal.state().explanation()).contains("volume is away", dir.toString());
            Files.createDirectory(dir);
            Files.createFile(dir.resolve("lock"));
            for (int i = 0; i < 10; i++) {
                assertThat(write(journal)).isFalse();
            }
            assertThatThrownBy(journal::requirePresent).isInstanceOf(IOException.class);
            assertThat(JournalFiles.segments(dir)).isEmpty();

            Files.delete(dir.resolve("lock"));
            Files.delete(dir);
            Files.move(elsewhere, dir);
            await().until(() -> journal.state().isHealthy());
            journal.requirePresent();
            for (int i = 0; i < 10; i++) {
                assertThat(write(journal)).isTrue();
            }
        }
        assertAcknowledgedIn(replay(dir));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 40, 100})
    void fullDisk_isLeftByItself_onceThereIsSpace(int partialWrite) throws Exception {
        disk.partialWrite = partialWrite;
        try (FileJournal journal = JournalFiles.started(dir, SMALL, disk)) {
            for (int round = 0; round < 4; round++) {
                for (int i = 0; i <= round; i++) {
                    assertThat(write(journal)).isTrue();
                }
                failWhenFull();
                assertThat(write(journal)).isFalse();
                assertThat(write(journal)).isFalse();
                assertThat(journal.state()).isInstanceOf(JournalState.Interrupted.class);
                assertThat(journal.state().explanation()).contains("full", NO_SPACE);
                assertAcknowledgedIn(replayCopy(dir));

                disk.heal();
                await().until(() -> journal.state().isHealthy());
            }
            assertThat(write(journal)).isTrue();
            assertAcknowledgedIn(replayCopy(dir));
        }
        assertAcknowledgedIn(replay(dir));
    }

    private void failWhenFull() {
        disk.failWith((call, number) -> {
            if (call == Call.WRITE || call == Call.CREATE) {
                throw new IOException(NO_SPACE);
            }
        });
    }

    /** The journal's thread may take an append and the sync that asks for it in two goes. */
    @Test
    void sync_afterSpaceCameBack_isNotToldThatAnAppendBeforeIsOnDiskUnlessItIs() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20, disk)) {
            failWhenFull();
            journal.append(run(1, 0.5, 10), null);
            await().until(() -> journal.state() instanceof JournalState.Interrupted);
            disk.heal();
            await().until(() -> journal.state().isHealthy());

            boolean told = succeeds(journal.sync());

            assertThat(replayCopy(dir).runs().containsKey(key(1))).isEqualTo(told);
            assertThat(journal.hasRoom(500_000)).isTrue();
        }
    }

    @Test
    void appendReleasedWhileTheDiskIsFull_doesNotComeBack() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20, disk)) {
            Entry older = journal.append(run(1, 0.1, 10), null);
            await(journal.sync());
            failWhenFull();
            Entry newer = journal.append(run(1, 0.2, 20), older);
            assertThat(succeeds(journal.sync())).isFalse();
            assertThat(replayCopy(dir).value(1)).isEqualTo(0.1);
            journal.release(newer);
            assertThat(succeeds(journal.sync())).isFalse();
            disk.heal();
            await().until(() -> journal.state().isHealthy());
            assertThat(write(journal)).isTrue();
            await(journal.sync());
        }

        assertThat(replay(dir).runs()).doesNotContainKey(key(1));
    }

    @Test
    void olderEntry_isKept_whileTheNewerOneFindsNoSpace() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, SMALL, disk)) {
            Entry older = journal.append(run(50, 0.1, 10), null);
            await(journal.sync());
            failWhenFull();
            Entry newer = journal.append(run(50, 0.2, 20), older);
            assertThat(succeeds(journal.sync())).isFalse();
            assertThat(replayCopy(dir).value(50)).isEqualTo(0.1);
            disk.heal();
            await().until(() -> journal.state().isHealthy());
            for (int i = 0; i < 20; i++) {
                assertThat(write(journal)).isTrue();
                assertThat(replayCopy(dir).value(50)).isGreaterThanOrEqualTo(0.1);
            }
            journal.append(run(50, 0.3, 30), newer);
            await(journal.sync());
            assertThat(replayCopy(dir).value(50)).isEqualTo(0.3);
        }
    }

    /** There are more appends than one frame takes, and space for one frame. */
    @Test
    void whatAResetUndoes_isKept_whileTheResetItselfFindsNoSpace() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20, disk)) {
            Entry undone = journal.append(run(1, 0.1, 10), null);
            await(journal.sync());
            failWhenFull();
            for (int i = 0; i < 9_000; i++) {
                journal.append(run(100 + i, 0.5, 11), null);
            }
            journal.append(new CourseReset(LearnerCourse.of(key(1)), 20), null);
            journal.release(undone);
            assertThat(succeeds(journal.sync())).isFalse();

            AtomicInteger writes = new AtomicInteger();
            disk.failWith((call, number) -> {
                if (call == Call.WRITE && writes.incrementAndGet() > 1) {
                    throw new IOException(NO_SPACE);
                }
            });
            await().until(() -> replayCopy(dir).runs().containsKey(key(100)));
            assertThat(replayCopy(dir).resets()).isEmpty();
            assertThat(replayCopy(dir).value(1)).isEqualTo(0.1);

            disk.heal();
            await().until(() -> journal.state().isHealthy());
            assertThat(replayCopy(dir).runs()).doesNotContainKey(key(1));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CREATE", "WRITE", "FORCE"})
    void unforeseenException_leavesNobodyWaiting(Call kind) throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1, disk)) {
            assertThat(write(journal)).isTrue();
            disk.failWith((call, number) -> {
                if (call == kind) {
                    throw new IllegalStateException("unforeseen");
                }
            });

            assertThat(write(journal)).isFalse();
            disk.heal();
            assertThat(write(journal)).isFalse();

            assertThat(journal.state().explanation()).contains("unforeseen");
            assertThat(journal.hasRoom(500_000)).isTrue();
        }
        assertAcknowledgedIn(replay(dir));
    }

    @Test
    void sync_afterClose_failsAtOnce() throws Exception {
        FileJournal journal = JournalFiles.started(dir, 1 << 20, disk);
        journal.close();

        CompletableFuture<Void> done = journal.sync().toCompletableFuture();

        assertThat(done).isCompletedExceptionally();
        assertThatThrownBy(done::get).hasMessageContaining("closed");
        journal.close();
    }

    @Test
    void close_completesWhatWasAskedForBefore() throws Exception {
        FileJournal journal = JournalFiles.started(dir, 1 << 20, disk);
        journal.append(run(1, 0.5, 10), null);
        CompletionStage<Void> done = journal.sync();

        journal.close();

        assertThat(done.toCompletableFuture()).isCompleted();
        assertThat(replay(dir).runs()).containsOnlyKeys(key(1));
    }

    @Test
    void close_withoutReplay_letsGoOfTheDirectoryAndFailsWhoWaits() {
        FileJournal journal = JournalFiles.open(dir, 1 << 20);
        CompletionStage<Void> done = journal.sync();

        journal.close();

        assertThat(done.toCompletableFuture()).isCompletedExceptionally();
        assertThat(replay(dir).runs()).isEmpty();
    }

    @Test
    void sync_isNotDoneBeforeTheForceIs() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, SMALL, disk)) {
            CompletableFuture<Void> forcing = new CompletableFuture<>();
            CompletableFuture<Void> mayReturn = new CompletableFuture<>();
            disk.failWith((call, number) -> {
                if (call == Call.FORCE) {
                    forcing.complete(null);
                    mayReturn.join();
                }
            });
            journal.append(run(1, 0.5, 10), null);
            CompletionStage<Void> done = journal.sync();
            await(forcing);
            assertThat(done.toCompletableFuture()).isNotDone();
            mayReturn.complete(null);
            await(done);
        }
    }

    /** Every acknowledged write is in what a power cut leaves, whatever was released and sealed meanwhile. */
    @Test
    void powerCut_atAnyMoment_leavesEverythingAcknowledged() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, SMALL, disk)) {
            for (int i = 0; i < 120; i++) {
                Entry entry = journal.append(run(1_000 + i, 0.5, 10), null);
                assertThat(write(journal)).isTrue();
                journal.release(entry);
                await(journal.sync());
                Path cut = disk.powerCut(dir);
                assertAcknowledgedIn(replay(cut));
                JournalFiles.delete(cut);
            }
        }
    }

    /** A frame that only raises the low water is not forced; it must be before the next segment begins. */
    @Test
    void powerCut_afterASegmentEndedInAnUnforcedFrame_isNoDamage() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, SMALL, disk)) {
            for (int i = 0; i < 60; i++) {
                List<Entry> entries =
                        List.of(journal.append(run(1, 0.5, 10), null), journal.append(run(2, 0.5, 10), null));
                await(journal.sync());
                for (Entry entry : entries) {
                    journal.release(entry);
                    await(journal.sync());
                }
                Path cut = disk.powerCut(dir);
                replay(cut);
                JournalFiles.delete(cut);
            }
        }
        List<Call> calls = disk.calls;
        for (int i = 1; i < calls.size(); i++) {
            if (calls.get(i) == Call.CLOSE && i < calls.size() - 1) {
                assertThat(calls.get(i - 1)).as("before the segment is closed").isEqualTo(Call.FORCE);
            }
        }
    }

    /** What a killed process wrote without forcing it is read by the next one, which may be the last to see it. */
    @Test
    void powerCut_afterAStart_leavesWhatTheProcessBeforeHadNotForced() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20, disk)) {
            assertThat(write(journal)).isTrue();
            disk.failFrom(1, Call.FORCE, IO_ERROR);
            assertThat(write(journal)).isFalse();
        }
        assertThat(replay(disk.powerCut(dir)).runs()).containsOnlyKeys(key(0));
        disk.heal();
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20, disk)) {
            assertThat(write(journal)).isTrue();
            assertThat(replay(disk.powerCut(dir)).runs()).containsOnlyKeys(key(0), key(1), key(2));
        }
    }

    /** A power cut may leave out any part of what was not forced, although it left what came behind it. */
    @Test
    void powerCut_thatLeavesOutAnyPartOfAFrameThatOnlyRaisesTheLowWater_isNoDamage() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20, disk)) {
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                entries.add(journal.append(run(i, 0.5, 10 + i), null));
                await(journal.sync());
            }
            for (Entry entry : entries.subList(0, 2)) {
                journal.release(entry);
                await(journal.sync());
            }
            journal.append(run(9, 0.9, 99), null);
            await(journal.sync());
        }
        byte[] whole = JournalFiles.read(JournalFiles.lastSegment(dir));
        List<Integer> frames = JournalFiles.frames(whole);
        int last = frames.get(frames.size() - 2);
        int first = frames.get(frames.size() - 4);
        assertThat(last - first).as("two frames without changes").isEqualTo(2 * Frame.EMPTY_BYTES);
        for (int from = first; from < last; from += 3) {
            for (int to = from + 1; to <= last; to += 5) {
                byte[] cut = whole.clone();
                Arrays.fill(cut, from, to, (byte) 0);
                Path crashed = TemporaryDirectory.create("power-cut");
                JournalFiles.write(crashed.resolve("segment-000000000001.journal"), cut);

                assertThat(replay(crashed).runs().keySet()).contains(key(2), key(3), key(9));
                JournalFiles.delete(crashed);
            }
        }
        byte[] damaged = whole.clone();
        Arrays.fill(damaged, first - 20, last, (byte) 0);
        Path refused = TemporaryDirectory.create("damaged");
        JournalFiles.write(refused.resolve("segment-000000000001.journal"), damaged);
        assertThatThrownBy(() -> replay(refused)).isInstanceOf(DamagedJournalException.class);
    }

    @Test
    void journalWithNothingToDo_writesNothing() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20, disk)) {
            Entry entry = journal.append(run(1, 0.5, 10), null);
            await(journal.sync());
            journal.release(entry);
            await(journal.sync());
            int calls = disk.calls.size();

            for (int i = 0; i < 20; i++) {
                await(journal.sync());
            }

            assertThat(disk.calls).hasSize(calls);
        }
        assertThat(replay(dir).runs()).isEmpty();
    }

    /** The same with a file system that really is full; only where one may be mounted. */
    @Test
    void fullFileSystem_isLeftByItself_onceThereIsSpace() throws Exception {
        assumeTrue(Command.run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", dir.toString()), "may mount");
        try {
            Path other = dir.resolve("other");
            JournalFiles.write(other, new byte[128 << 10]);
            try (FileJournal journal = JournalFiles.started(dir, 16 << 10)) {
                for (int round = 0; round < 2; round++) {
                    while (write(journal)) {
                        assertThat(acknowledged).hasSizeLessThan(10_000);
                    }
                    assertThat(journal.state()).isInstanceOf(JournalState.Interrupted.class);
                    assertThat(write(journal)).isFalse();
                    // Half of the space that is missing, then the rest.
                    try (FileChannel file = FileChannel.open(other, StandardOpenOption.WRITE)) {
                        file.truncate((1 - round) * (64L << 10));
                    }
                    await().until(() -> journal.state().isHealthy());
                    assertThat(write(journal)).isTrue();
                }
                assertAcknowledgedIn(replayCopy(dir));
            }
        } finally {
            assertThat(Command.run("umount", "-l", dir.toString())).isTrue();
        }
    }
}
