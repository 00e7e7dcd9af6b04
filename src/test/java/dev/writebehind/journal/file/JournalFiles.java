package dev.writebehind.journal.file;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.ChangeLog.Entry;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.condition.Conditions;
import dev.writebehind.journal.Replay;
import dev.writebehind.testing.TemporaryDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** A journal's directory as a crash leaves it, and what a start makes of it. */
final class JournalFiles {
    static final KeyPool POOL = new KeyPool();
    /** So large that it bounds nothing. */
    static final long HEAP_BYTES = 64L << 30;

    private JournalFiles() {}

    static CompletionKey key(int number) {
        return new CompletionKey(1 + number, POOL.course("course-v1:O+C+R"), POOL.block("block"));
    }

    static CoalescedWrite run(int key, double value, long receivedAt) {
        return new CoalescedWrite(key(key), value, receivedAt, receivedAt, receivedAt, false);
    }

    static FileJournal open(Path dir, long segmentBytes) {
        return open(dir, segmentBytes, SegmentFile::onDisk);
    }

    static FileJournal open(Path dir, long segmentBytes, SegmentFile.Factory files) {
        return FileJournal.open(
                dir, segmentBytes, HEAP_BYTES, POOL, new FileJournal.Disk(files, 5), new Conditions(Clock.systemUTC()));
    }

    static FileJournal started(Path dir, long segmentBytes) {
        return started(dir, segmentBytes, SegmentFile::onDisk);
    }

    static FileJournal started(Path dir, long segmentBytes, SegmentFile.Factory files) {
        FileJournal journal = open(dir, segmentBytes, files);
        journal.replay(new Taken(journal));
        return journal;
    }

    /** Waits until everything queued is on disk. */
    static void await(CompletionStage<Void> done) throws Exception {
        done.toCompletableFuture().get(2, TimeUnit.MINUTES);
    }

    /** What a start finds. */
    record Found(Replay replay, Map<CompletionKey, CoalescedWrite> runs, List<CourseReset> resets) {
        double value(int key) {
            return runs.get(key(key)).value();
        }
    }

    /** Starts on the directory itself, and stops. */
    static Found replay(Path dir) {
        try (FileJournal journal = open(dir, 1 << 20)) {
            Taken taken = new Taken(journal);
            return new Found(
                    journal.replay(taken),
                    taken.runs,
                    taken.resets.values().stream().map(CourseReset.class::cast).toList());
        }
    }

    /** Takes over what a replay hands over, as the buffer does. */
    static final class Taken implements BiConsumer<Change, Entry> {
        final Map<CompletionKey, CoalescedWrite> runs = new LinkedHashMap<>();
        final Map<LearnerCourse, CourseReset> resets = new LinkedHashMap<>();
        final Map<Object, Entry> entries = new HashMap<>();
        private final FileJournal journal;

        Taken(FileJournal journal) {
            this.journal = journal;
        }

        @Override
        public void accept(Change change, Entry entry) {
            if (change instanceof CourseReset reset) {
                for (CoalescedWrite run : List.copyOf(runs.values())) {
                    if (reset.undoes(run)) {
                        runs.remove(run.key());
                        journal.release(entries.remove(run.key()));
                    }
                }
                resets.put(reset.learnerCourse(), reset);
                replace(reset.learnerCourse(), entry);
            } else if (change instanceof CoalescedWrite run) {
                CourseReset reset = resets.get(run.learnerCourse());
                if (reset != null && reset.undoes(run)) {
                    journal.release(entry);
                } else {
                    runs.put(run.key(), run);
                    replace(run.key(), entry);
                }
            }
        }

        private void replace(Object key, Entry entry) {
            Entry older = entries.put(key, entry);
            if (older != null) {
                journal.release(older);
            }
        }
    }

    /** Starts on a copy of the directory: what a kill at this instant leaves. */
    static Found replayCopy(Path dir) {
        Path copy = copy(dir);
        Found found = replay(copy);
        delete(copy);
        return found;
    }

    /** Copies the files into a directory of their own, the lock aside. */
    static Path copy(Path dir) {
        Path copy = TemporaryDirectory.create("crashed");
        contents(dir).forEach((name, bytes) -> write(copy.resolve(name), bytes));
        return copy;
    }

    /** Returns the files by name, the lock aside. */
    static Map<String, byte[]> contents(Path dir) {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (!name.equals("lock")) {
                    contents.put(name, Files.readAllBytes(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return contents;
    }

    static List<Path> segments(Path dir) {
        try (Stream<Path> files = Files.list(dir)) {
            return files.filter(file -> file.toString().endsWith(".journal"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path lastSegment(Path dir) {
        List<Path> segments = segments(dir);
        return segments.get(segments.size() - 1);
    }

    static long size(Path dir) {
        return contents(dir).values().stream().mapToLong(bytes -> bytes.length).sum();
    }

    /** Returns where the frames of a segment begin, and where the last one ends. */
    static List<Integer> frames(byte[] segment) {
        ByteBuffer bytes = ByteBuffer.wrap(segment);
        List<Integer> offsets = new ArrayList<>();
        int offset = 0;
        while (offset < segment.length && Frame.isSound(bytes, offset)) {
            offsets.add(offset);
            offset = Math.toIntExact(Frame.end(bytes, offset));
        }
        offsets.add(offset);
        return offsets;
    }

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path dir) {
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(dir);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
