package dev.writebehind.journal.file;

import static dev.writebehind.journal.file.JournalFiles.await;
import static dev.writebehind.journal.file.JournalFiles.key;
import static dev.writebehind.journal.file.JournalFiles.replay;
import static dev.writebehind.journal.file.JournalFiles.replayCopy;
import static dev.writebehind.journal.file.JournalFiles.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.completion.ChangeLog.Entry;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.journal.DamagedJournalException;
import dev.writebehind.journal.file.JournalFiles.Found;
import dev.writebehind.testing.ChildProcess;
import dev.writebehind.testing.JavaCommand;
import dev.writebehind.testing.TemporaryDirectory;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class JournalRecoveryTest {
    private static final long LARGE = 1 << 20;

    private Path dir;

    @BeforeEach
    void createDirectory() {
        dir = TemporaryDirectory.create("recovery");
    }

    @Nested
    class WhatComesBack {
        @Test
        void replay_givesTheNewestStateOfEachKeyThatWasNotReleased() throws Exception {
            try (FileJournal journal = JournalFiles.started(dir, LARGE)) {
                Entry settled = journal.append(run(1, 0.1, 10), null);
                await(journal.sync());
                Entry older = journal.append(run(2, 0.2, 20), null);
                await(journal.sync());
                journal.append(run(2, 0.3, 30), older);
                journal.append(run(3, 0.4, 40), null);
                await(journal.sync());
                journal.release(settled);
            }

            Found found = replay(dir);

            assertThat(found.runs())
                    .containsOnly(Map.entry(key(2), run(2, 0.3, 30)), Map.entry(key(3), run(3, 0.4, 40)));
            assertThat(found.replay().keys()).isEqualTo(2);
            assertThat(found.replay().records()).isEqualTo(4);
            assertThat(found.replay().tornBytes()).isZero();
            assertThat(found.replay().newestReceipt()).isEqualTo(40);
        }

        @Test
        void replay_ofOneThatWasReleasedWhileAnOlderOneIsAlive_mayGiveItAgain() throws Exception {
            try (FileJournal journal = JournalFiles.started(dir, LARGE)) {
                journal.append(run(1, 0.1, 10), null);
                await(journal.sync());
                Entry settled = journal.append(run(2, 0.2, 20), null);
                await(journal.sync());
                journal.release(settled);
            }

            // The low water is the group of key 1. To flush run 2 once more changes nothing in the table.
            assertThat(replay(dir).runs()).containsOnlyKeys(key(1), key(2));
        }

        @Test
        void replay_whenEverythingWasReleased_givesNothingButTheNewestReceipt() throws Exception {
            try (FileJournal journal = JournalFiles.started(dir, LARGE)) {
                Entry entry = journal.append(run(1, 0.1, 77), null);
                await(journal.sync());
                journal.release(entry);
            }

            for (int start = 0; start < 3; start++) {
                Found found = replay(dir);
                assertThat(found.runs()).isEmpty();
                assertThat(found.replay().newestReceipt()).isEqualTo(77);
            }
        }

        @Test
        void replay_ofANewDirectory_isEmpty() {
            assertThat(replay(dir.resolve("a/b")).replay().newestReceipt()).isZero();
            assertThat(replay(dir.resolve("a/b")).runs()).isEmpty();
        }

        @Test
        void replay_afterAKill_givesWhatWasSynced() throws Exception {
            try (FileJournal journal = JournalFiles.started(dir, LARGE)) {
                Entry first = journal.append(run(1, 0.1, 10), null);
                await(journal.sync());
                assertThat(replayCopy(dir).runs()).containsOnlyKeys(key(1));
                journal.append(run(1, 0.2, 20), first);
                await(journal.sync());
                assertThat(replayCopy(dir).value(1)).isEqualTo(0.2);
            }
        }

        @Test
        void replay_ofEntriesReleasedInTheSameGo_forgetsThem() throws Exception {
            try (FileJournal journal = JournalFiles.open(dir, LARGE)) {
                // queued before the journal's thread runs, so that it takes all of it at once
                Entry entry = journal.append(run(1, 0.1, 10), null);
                journal.release(entry);
                Entry older = journal.append(run(2, 0.1, 10), null);
                journal.release(journal.append(run(2, 0.2, 20), older));
                journal.replay(new JournalFiles.Taken(journal));
                await(journal.sync());
                await(journal.sync());
            }

            assertThat(replay(dir).runs()).isEmpty();
        }

        @Test
        void replay_overManyStartsAndSegments_losesNothing() throws Exception {
            Random random = new Random(1);
            Map<CompletionKey, Double> expected = new HashMap<>();
            for (int start = 0; start < 6; start++) {
                Map<CompletionKey, Entry> entries = new HashMap<>();
                Map<CompletionKey, Double> found = new HashMap<>();
                try (FileJournal journal = JournalFiles.open(dir, 4_096)) {
                    journal.replay((change, entry) -> {
                        CoalescedWrite run = (CoalescedWrite) change;
                        entries.put(run.key(), entry);
                        found.put(run.key(), run.value());
                    });
                    assertThat(found).containsAllEntriesOf(expected);
                    for (int i = 0; i < 300; i++) {
                        CoalescedWrite run = run(random.nextInt(100), random.nextDouble(), start * 1_000L + i);
                        entries.put(run.key(), journal.append(run, entries.get(run.key())));
                        expected.put(run.key(), run.value());
                        if (i % 7 == 0) {
                            CompletionKey done = key(random.nextInt(100));
                            Entry entry = entries.remove(done);
                            if (entry != null) {
                                journal.release(entry);
                                expected.remove(done);
                            }
                            await(journal.sync());
                        }
                    }
                }
            }

            assertThat(replay(dir).runs()).hasSizeGreaterThan(50);
        }
    }

    @Nested
    class Resets {
        private final LearnerCourse learnerCourse = LearnerCourse.of(key(1));

        @Test
        void replay_afterAReset_givesItAndWhatCameLaterAlone() throws Exception {
            try (FileJournal journal = JournalFiles.started(dir, LARGE)) {
                journal.append(run(1, 0.1, 10), null);
                journal.append(run(2, 0.2, 11), null);
                journal.append(new CourseReset(learnerCourse, 20), null);
                await(journal.sync());
            }
            Found found = replay(dir);
            assertThat(found.runs()).containsOnlyKeys(key(2));
            assertThat(found.resets()).containsExactly(new CourseReset(learnerCourse, 20));
            assertThat(found.replay().resets()).isEqualTo(1);
            assertThat(found.replay().newestReceipt()).isEqualTo(20);

            try (FileJournal journal = JournalFiles.started(dir, LARGE)) {
                journal.append(run(1, 0.3, 30), null);
                await(journal.sync());
            }
            assertThat(replay(dir).runs()).containsOnlyKeys(key(1), key(2));
        }

        @Test
        void replay_anOlderRunThatIsWrittenAgainBehindTheReset_doesNotComeBack() throws Exception {
            try (FileJournal journal = JournalFiles.started(dir, LARGE)) {
                journal.append(new CourseReset(learnerCourse, 20), null);
                await(journal.sync());
                journal.append(run(1, 0.1, 10), null);
                await(journal.sync());
            }
            assertThat(replay(dir).runs()).isEmpty();
        }

        @Test
        void replay_aResetThatWasReleased_stillKeepsOlderRunsAway() throws Exception {
            try (FileJournal journal = JournalFiles.started(dir, LARGE)) {
                journal.append(run(2, 0.2, 5), null); // holds the low water down
                await(journal.sync());
                Entry older = journal.append(run(1, 0.1, 10), null);
                await(journal.sync());
                Entry reset = journal.append(new CourseReset(learnerCourse, 20), null);
                journal.release(older);
                await(journal.sync());
                journal.release(reset);
                await(journal.sync());
            }
            assertThat(replay(dir).runs()).containsOnlyKeys(key(2));
        }

        @Test
        void replay_aLaterReset_takesThePlaceOfAnEarlierOne() throws Exception {
            try (FileJournal journal = JournalFiles.started(dir, LARGE)) {
                Entry earlier = journal.append(new CourseReset(learnerCourse, 20), null);
                journal.append(new CourseReset(learnerCourse, 30), earlier);
                await(journal.sync());
            }
            assertThat(replay(dir).resets()).containsExactly(new CourseReset(learnerCourse, 30));
        }

        @Test
        void replay_aJournalOfAnotherLayout_isRefusedAndLeftAlone() throws Exception {
            try (FileJournal journal = JournalFiles.started(dir, LARGE)) {
                journal.append(run(1, 0.1, 10), null);
                await(journal.sync());
            }
            Path segment = JournalFiles.lastSegment(dir);
            byte[] bytes = JournalFiles.read(segment);
            bytes[3]++;
            ByteBuffer header = ByteBuffer.wrap(bytes, 0, 12);
            CRC32C crc = new CRC32C();
            crc.update(header);
            ByteBuffer.wrap(bytes).putInt(12, (int) crc.getValue());
            JournalFiles.write(segment, bytes);

            assertThatThrownBy(() -> replay(dir))
                    .isInstanceOf(DamagedJournalException.class)
                    .hasMessageContaining("another version");
            assertThat(JournalFiles.read(segment)).isEqualTo(bytes);
        }
    }

    @Nested
    class TornTail {
        @Test
        void segmentCutAtEveryByteOfItsLastFrames_startsWithEverythingBefore() throws Exception {
            byte[] whole = sixFrames();
            List<Integer> frames = JournalFiles.frames(whole);
            assertThat(frames).endsWith(whole.length);
            for (int length = frames.get(frames.size() - 4); length < whole.length; length++) {
                Path crashed = TemporaryDirectory.create("cut");
                JournalFiles.write(crashed.resolve("segment-000000000001.journal"), Arrays.copyOf(whole, length));
                int end = length;
                int good = frames.stream().filter(offset -> offset <= end).reduce(0, (a, b) -> b);

                Found found = replay(crashed);

                // the first frame is that of the start, without a run
                int runs = frames.indexOf(good) - 1;
                assertThat(found.runs()).as("cut at %s", length).hasSize(runs);
                assertThat(found.replay().tornBytes()).isEqualTo(length - good);
                Path tail = crashed.resolve("segment-000000000001.journal.torn-tail");
                assertThat(Files.exists(tail)).isEqualTo(length > good);
                if (length > good) {
                    assertThat(JournalFiles.read(tail)).isEqualTo(Arrays.copyOfRange(whole, good, length));
                }
                if (length % 8 == 0 || length == good) {
                    appendAndReplay(crashed, runs);
                }
                JournalFiles.delete(crashed);
            }
        }

        private void appendAndReplay(Path crashed, int runs) throws Exception {
            try (FileJournal journal = JournalFiles.started(crashed, LARGE)) {
                journal.append(run(99, 0.9, 1_000), null);
                await(journal.sync());
            }
            Found again = replay(crashed);
            assertThat(again.runs()).hasSize(runs + 1).containsKey(key(99));
            assertThat(again.replay().tornBytes()).isZero();
        }

        @ParameterizedTest
        @ValueSource(ints = {0xFF, 0x01, 0x80})
        void anyByteOfTheLastFrameFlipped_startsAndReportsAndLoadsNothingWrong(int pattern) throws Exception {
            byte[] whole = sixFrames();
            List<Integer> frames = JournalFiles.frames(whole);
            int last = frames.get(frames.size() - 2);
            for (int i = last; i < whole.length; i++) {
                Path crashed = withSegments(flipped(whole, i, pattern));

                Found found = replay(crashed);

                assertThat(found.runs()).as("byte %s", i).containsOnlyKeys(key(0), key(1), key(2), key(3));
                for (int key = 0; key < 4; key++) {
                    assertThat(found.runs().get(key(key))).isEqualTo(run(key, 0.5, 10 + key));
                }
                assertThat(found.replay().tornBytes()).isEqualTo(whole.length - last);
                JournalFiles.delete(crashed);
            }
        }

        @Test
        void garbageBehindTheLastFrame_isKeptAsideAndReported() throws Exception {
            byte[] whole = sixFrames();
            Random random = new Random(1);
            for (int length : new int[] {1, 15, 16, 17, 100, 5_000}) {
                byte[] garbage = new byte[length];
                random.nextBytes(garbage);
                byte[] longer = Arrays.copyOf(whole, whole.length + length);
                System.arraycopy(garbage, 0, longer, whole.length, length);

                Path crashed = withSegments(longer);

                Found found = replay(crashed);
                assertThat(found.runs()).hasSize(5);
                assertThat(found.replay().tornBytes()).isEqualTo(length);
                assertThat(JournalFiles.read(crashed.resolve("segment-000000000001.journal.torn-tail")))
                        .isEqualTo(garbage);
            }
        }

        @Test
        void zeroesBehindTheLastFrame_areLeftOut() throws Exception {
            byte[] whole = sixFrames();

            Found found = replay(withSegments(Arrays.copyOf(whole, whole.length + 4_096)));

            assertThat(found.runs()).hasSize(5);
            assertThat(found.replay().tornBytes()).isEqualTo(4_096);
        }

        @Test
        void emptyFiles_areRead() throws Exception {
            byte[] whole = sixFrames();

            assertThat(replay(withSegments(new byte[0])).runs()).isEmpty();
            assertThat(replay(withSegments(whole, new byte[0])).runs()).hasSize(5);
            assertThat(replay(withSegments(new byte[0], whole)).runs()).hasSize(5);
        }
    }

    @Nested
    class Damage {
        @ParameterizedTest
        @ValueSource(ints = {0xFF, 0x01, 0x80, 0x10})
        void anyByteOfAMiddleFrameFlipped_isRefusedByFileAndOffsetAndChangesNothing(int pattern) throws Exception {
            byte[] whole = sixFrames();
            List<Integer> frames = JournalFiles.frames(whole);
            Path damaged = withSegments(whole);
            for (int i = frames.get(2); i < frames.get(3); i++) {
                byte[] bytes = flipped(whole, i, pattern);
                JournalFiles.write(damaged.resolve("segment-000000000001.journal"), bytes);
                assertRefused(damaged, 1, frames.get(2));
            }
        }

        @Test
        void zeroedPageInTheMiddle_isRefused() throws Exception {
            try (FileJournal journal = JournalFiles.started(dir, LARGE)) {
                for (int i = 0; i < 300; i++) {
                    journal.append(run(i, 0.5, 10 + i), null);
                    await(journal.sync());
                }
            }
            byte[] whole = JournalFiles.read(JournalFiles.lastSegment(dir));
            assertThat(whole.length).isGreaterThan(3 * 4_096);
            List<Integer> frames = JournalFiles.frames(whole);
            int damaged = frames.stream().filter(offset -> offset <= 4_096).reduce(0, (a, b) -> b);
            Arrays.fill(whole, 4_096, 8_192, (byte) 0);

            assertRefused(withSegments(whole), 1, damaged);
        }

        @Test
        void segmentThatBreaksOffButIsNotTheLast_isRefused() throws Exception {
            byte[] whole = sixFrames();
            List<Integer> frames = JournalFiles.frames(whole);
            int last = frames.get(frames.size() - 2);
            byte[] torn = Arrays.copyOf(whole, whole.length - 1);

            assertRefused(withSegments(torn, whole), 1, last);
            assertRefused(withSegments(torn, new byte[0]), 1, last);
            assertRefused(withSegments(flipped(whole, last + 20, 1), whole), 1, last);
        }

        @Test
        void damageInAnEarlierSegment_isFoundBeforeTheTornTailOfTheLastIsCut() throws Exception {
            byte[] whole = sixFrames();
            List<Integer> frames = JournalFiles.frames(whole);
            byte[] torn = Arrays.copyOf(whole, whole.length - 1);

            assertRefused(withSegments(whole, flipped(whole, frames.get(3) + 30, 1), torn), 2, frames.get(3));
        }

        @Test
        void close_afterDamageWasFound_letsGoOfTheDirectory() throws Exception {
            byte[] whole = sixFrames();
            Path damaged =
                    withSegments(flipped(whole, JournalFiles.frames(whole).get(2), 1));
            FileJournal journal = JournalFiles.open(damaged, LARGE);
            assertThatThrownBy(() -> journal.replay((run, entry) -> {})).isInstanceOf(DamagedJournalException.class);

            journal.close();

            JournalFiles.write(damaged.resolve("segment-000000000001.journal"), whole);
            assertThat(replay(damaged).runs()).hasSize(5);
        }

        private void assertRefused(Path damaged, int segment, int offset) {
            Map<String, byte[]> before = JournalFiles.contents(damaged);
            assertThatThrownBy(() -> replay(damaged))
                    .isInstanceOf(DamagedJournalException.class)
                    .hasMessageContaining("segment-00000000000" + segment + ".journal at byte " + offset + ":");
            assertThat(JournalFiles.contents(damaged))
                    .usingRecursiveComparison()
                    .isEqualTo(before);
        }
    }

    @Nested
    class OneProcess {
        @Test
        void open_ofADirectoryInUse_isRefused() {
            FileJournal first = JournalFiles.started(dir, LARGE);

            assertThatThrownBy(() -> JournalFiles.open(dir, LARGE))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("is used by another process")
                    .hasMessageContaining(dir.toString())
                    .hasMessageContaining("journal.dir");

            first.close();
            assertThat(replay(dir).runs()).isEmpty();
        }

        @Test
        void open_ofADirectoryThatAnotherProcessUses_isRefused() throws Exception {
            FileJournal first = JournalFiles.started(dir, LARGE);

            try (ChildProcess child = JavaCommand.of(OpenDirectory.class, List.of(), dir.toString())
                    .start()) {
                assertThat(child.exitCode(Duration.ofMinutes(2))).isZero();
                assertThat(String.join("\n", child.output())).contains("is used by another process");
            }
            first.close();
        }
    }

    /** Opens the directory and says what came of it. */
    static final class OpenDirectory {
        private OpenDirectory() {}

        public static void main(String[] args) {
            try (FileJournal journal = JournalFiles.open(Path.of(args[0]), LARGE)) {
                System.out.println("opened " + journal.state());
            } catch (UncheckedIOException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Nested
    class CrashWhileStarting {
        private static final int KEYS = 9_000; // more than one frame takes

        /** Fails every operation from the n-th on, with or without a part of the failing write in the file. */
        @ParameterizedTest
        @ValueSource(ints = {7, 100_000})
        void crashAtEveryOperationOfAStart_losesNothing(int partialWrite) throws Exception {
            Path original = severalSegments();
            int operations = operationsOfAStart(original);
            assertThat(operations).as("create, write, force").isEqualTo(3);
            for (int n = 1; n <= operations; n++) {
                Path crashing = JournalFiles.copy(original);
                FaultyDisk disk = new FaultyDisk();
                disk.partialWrite = partialWrite;
                disk.failFrom(n, null, "Input/output error");
                FileJournal journal = JournalFiles.open(crashing, 4_096, disk);
                assertThatThrownBy(() -> journal.replay((run, entry) -> {})).isInstanceOf(UncheckedIOException.class);

                Path cut = disk.powerCut(crashing);
                assertAllThere(replay(cut), n);
                JournalFiles.delete(cut);
                journal.close();
                assertAllThere(replay(crashing), n);
                JournalFiles.delete(crashing);
            }
        }

        @Test
        void crashAfterAnyOfTheOldSegmentsWasDeleted_losesNothing() throws Exception {
            Path original = severalSegments();
            List<Path> old = JournalFiles.segments(original);
            Path rewritten = JournalFiles.copy(original);
            JournalFiles.started(rewritten, 4_096).close();
            for (int deleted = 0; deleted <= old.size(); deleted++) {
                Path crashed = JournalFiles.copy(rewritten);
                for (Path kept : old.subList(deleted, old.size())) {
                    JournalFiles.write(crashed.resolve(kept.getFileName()), JournalFiles.read(kept));
                }
                assertAllThere(replay(crashed), deleted);
                JournalFiles.delete(crashed);
            }
        }

        private int operationsOfAStart(Path original) {
            Path copy = JournalFiles.copy(original);
            FaultyDisk disk = new FaultyDisk();
            FileJournal journal = JournalFiles.open(copy, 4_096, disk);
            journal.replay((run, entry) -> {});
            int operations = disk.calls.size();
            journal.close();
            JournalFiles.delete(copy);
            return operations;
        }

        private Path severalSegments() throws Exception {
            try (FileJournal journal = JournalFiles.started(dir, 256 << 10)) {
                for (int i = 0; i < KEYS; i++) {
                    Entry older = journal.append(run(i, 0.1, 1 + i), null);
                    journal.append(run(i, 0.5, KEYS + 1 + i), older);
                    if (i % 1_000 == 0) {
                        await(journal.sync());
                    }
                }
                await(journal.sync());
            }
            assertThat(JournalFiles.segments(dir)).hasSizeGreaterThanOrEqualTo(3);
            return dir;
        }

        private void assertAllThere(Found found, int step) {
            assertThat(found.runs()).as("step %s", step).hasSize(KEYS);
            assertThat(found.runs().values()).as("step %s", step).allMatch(run -> run.value() == 0.5);
            assertThat(found.replay().newestReceipt()).isEqualTo(2 * KEYS);
        }
    }

    /** A segment with a frame that the start wrote and five of one run each. */
    private byte[] sixFrames() throws Exception {
        Path made = TemporaryDirectory.create("made");
        try (FileJournal journal = JournalFiles.started(made, LARGE)) {
            for (int i = 0; i < 5; i++) {
                journal.append(run(i, 0.5, 10 + i), null);
                await(journal.sync());
            }
        }
        byte[] bytes = JournalFiles.read(JournalFiles.lastSegment(made));
        assertThat(JournalFiles.frames(bytes)).hasSize(7);
        JournalFiles.delete(made);
        return bytes;
    }

    private static Path withSegments(byte[]... segments) {
        Path made = TemporaryDirectory.create("made");
        for (int i = 0; i < segments.length; i++) {
            JournalFiles.write(made.resolve("segment-00000000000" + (i + 1) + ".journal"), segments[i]);
        }
        return made;
    }

    private static byte[] flipped(byte[] bytes, int at, int pattern) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) pattern;
        return flipped;
    }
}
