package dev.writebehind.journal.file;

import static dev.writebehind.journal.file.JournalFiles.await;
import static dev.writebehind.journal.file.JournalFiles.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.completion.ChangeLog.Entry;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.journal.file.JournalFiles.Found;
import dev.writebehind.journal.file.JournalInspection.Damage;
import dev.writebehind.testing.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalInspectionTest {
    private Path dir;

    @BeforeEach
    void createDirectory() {
        dir = TemporaryDirectory.create("inspection");
    }

    @Test
    void inspection_tellsWhatTheNextStartTakesOver() throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20)) {
            Entry settled = journal.append(run(1, 0.1, 1_000), null);
            await(journal.sync());
            Entry older = journal.append(run(2, 0.2, 2_000), null);
            journal.append(run(2, 0.3, 3_000), older);
            journal.append(run(3, 0.4, 4_000), null);
            journal.append(run(4, 0.5, 5_000), null);
            journal.append(new CourseReset(run(4, 0.5, 1).learnerCourse(), 6_000), null);
            journal.release(settled);
            await(journal.sync());
            journal.append(run(5, 0.6, 7_000), null);
            await(journal.sync());
        }

        JournalInspection found = JournalInspection.of(dir);

        assertThat(found.segments()).isEqualTo(1);
        assertThat(found.records()).isEqualTo(7);
        assertThat(found.keys()).isEqualTo(3);
        assertThat(found.resets()).isEqualTo(1);
        assertThat(found.oldestReceipt()).isEqualTo(3_000);
        assertThat(found.newestReceipt()).isEqualTo(7_000);
        assertThat(found.bytes()).isEqualTo(JournalFiles.size(dir));
        assertThat(found.isSound()).isTrue();
        assertThat(found.user()).isEmpty();
        Found start = JournalFiles.replayCopy(dir);
        assertThat(found.keys()).isEqualTo(start.replay().keys());
        assertThat(found.resets()).isEqualTo(start.replay().resets());
    }

    @Test
    void inspection_ofAnEmptyDirectory_isOfNothing() throws Exception {
        JournalInspection found = JournalInspection.of(dir);
        assertThat(found.segments() + found.bytes() + found.records() + found.keys() + found.tornBytes())
                .isZero();
        assertThat(found.oldestReceipt()).isZero();
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void inspection_ofNoDirectory_fails_andCreatesNone() {
        Path missing = dir.resolve("journal");
        assertThatThrownBy(() -> JournalInspection.of(missing)).isInstanceOf(NoSuchFileException.class);
        assertThat(missing).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20})
    void inspection_ofATornTail_countsItsBytes(int cut) throws Exception {
        List<Integer> frames = write(10);
        byte[] bytes = JournalFiles.read(JournalFiles.lastSegment(dir));
        int begin = frames.get(frames.size() - 2);
        JournalFiles.write(JournalFiles.lastSegment(dir), Arrays.copyOf(bytes, begin + cut));

        JournalInspection found = unchanged();

        assertThat(found.tornBytes()).isEqualTo(cut);
        assertThat(found.isSound()).isTrue();
        JournalFiles.replay(dir);
        assertThat(JournalInspection.of(dir).keptTails()).isEqualTo(1);
    }

    @Test
    void inspection_ofDamageInSeveralSegments_namesEachByFileAndOffset() throws Exception {
        write(5);
        Path first = JournalFiles.lastSegment(dir);
        write(5);
        Path second = JournalFiles.lastSegment(dir);
        assertThat(second).isNotEqualTo(first);
        int inFirst = flip(first, 2);
        int inSecond = flip(second, 3);

        JournalInspection found = unchanged();

        assertThat(found.isSound()).isFalse();
        assertThat(found.damage().stream().map(Damage::file)).containsExactly(first, second);
        assertThat(found.damage().stream().map(Damage::offset)).containsExactly((long) inFirst, (long) inSecond);
        assertThat(found.keys()).isPositive();
    }

    @Test
    void inspection_ofASegmentOfAnotherVersion_isDamage_andTheOthersAreRead() throws Exception {
        write(3);
        Path other = dir.resolve("segment-000000000099.journal");
        JournalFiles.write(other, new byte[] {0x57, 0x42, 0x4A, 0x31, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        byte[] header = JournalFiles.read(other);
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(header, 0, 12);
        java.nio.ByteBuffer.wrap(header).putInt(12, (int) crc.getValue());
        JournalFiles.write(other, header);

        JournalInspection found = unchanged();

        assertThat(found.damage()).singleElement().satisfies(damage -> {
            assertThat(damage.file()).isEqualTo(other);
            assertThat(damage.what()).contains("another version");
        });
        assertThat(found.keys()).isEqualTo(3);
    }

    @Test
    void inspection_whileTheJournalIsInUse_saysByWhom_andLeavesTheLockToIt() throws Exception {
        assumeThat(Path.of("/proc/locks")).isReadable();
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20)) {
            journal.append(run(1, 0.1, 10), null);
            await(journal.sync());

            JournalInspection found = JournalInspection.of(dir);

            assertThat(found.user())
                    .isEqualTo(OptionalLong.of(ProcessHandle.current().pid()));
            assertThat(found.keys()).isEqualTo(1);
            assertThat(JournalInspection.of(dir).user()).isPresent();
            journal.append(run(2, 0.1, 20), null);
            await(journal.sync());
        }
        assertThat(JournalInspection.of(dir).user()).isEmpty();
    }

    /** Inspects, and expects that every byte and every time of change is as it was. */
    private JournalInspection unchanged() throws IOException {
        Map<String, FileTime> times = times();
        Map<String, byte[]> before = JournalFiles.contents(dir);
        JournalInspection found = JournalInspection.of(dir);
        assertThat(times()).isEqualTo(times);
        Map<String, byte[]> after = JournalFiles.contents(dir);
        assertThat(after.keySet()).isEqualTo(before.keySet());
        after.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(before.get(name)));
        return found;
    }

    private Map<String, FileTime> times() throws IOException {
        Map<String, FileTime> times = new TreeMap<>();
        times.put("", Files.getLastModifiedTime(dir));
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : files.toList()) {
                times.put(file.getFileName().toString(), Files.getLastModifiedTime(file));
            }
        }
        return times;
    }

    /** Writes as many frames with a change each; returns where the last segment's frames begin. */
    private List<Integer> write(int frames) throws Exception {
        try (FileJournal journal = JournalFiles.started(dir, 1 << 20)) {
            for (int key = 1; key <= frames; key++) {
                journal.append(run(key, 0.5, 1_000L * key), null);
                await(journal.sync());
            }
        }
        return JournalFiles.frames(JournalFiles.read(JournalFiles.lastSegment(dir)));
    }

    private static int flip(Path segment, int frame) {
        byte[] bytes = JournalFiles.read(segment);
        int offset = JournalFiles.frames(bytes).get(frame);
        bytes[offset + Frame.HEADER_BYTES + 3] ^= 1;
        JournalFiles.write(segment, bytes);
        return offset;
    }
}
