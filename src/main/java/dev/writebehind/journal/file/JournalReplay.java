package dev.writebehind.journal.file;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.ChangeLog.Entry;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.journal.DamagedJournalException;
import dev.writebehind.journal.file.SegmentLog.Sealed;
import dev.writebehind.journal.file.SegmentScan.Gap;
import dev.writebehind.journal.file.SegmentScan.Head;
import dev.writebehind.progress.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replay of the segments that a start finds. They are read twice: once to find what is damaged and from which group
 * on anything is needed, before anything is changed, and once to hand that over in the order in which it was written.
 * Nothing is collected meanwhile, so that a replay needs no more heap than what takes it over. For one use, by one
 * thread.
 */
final class JournalReplay {
    private static final Logger log = LoggerFactory.getLogger(JournalReplay.class);

    private final List<Found> found = new ArrayList<>();
    private final List<Gap> gaps = new ArrayList<>();
    private final List<Gap> harmless = new ArrayList<>();
    private final Progress progress;
    private ByteBuffer scratch = ByteBuffer.allocateDirect(0);
    private long lastGroup;
    private long lowWater;
    private long newestReceipt;
    private long records;
    private long tornBytes;
    /** In all segments, each of which is read twice. */
    private long bytes;

    private long read;

    /** Creates one that has read nothing yet. */
    JournalReplay(Progress progress) {
        this.progress = progress;
    }

    /** A segment as it was found. */
    private static final class Found implements SegmentScan.Sink {
        final Path path;
        final JournalReplay replay;
        long firstGroup = Gap.UNKNOWN;
        long lastGroup = Gap.UNKNOWN;
        int goodBytes;
        long size;

        Found(Path path, JournalReplay replay) {
            this.path = path;
            this.replay = replay;
        }

        boolean isEmpty() {
            return firstGroup == Gap.UNKNOWN;
        }

        @Override
        public void frame(Head head, int offset) {
            if (firstGroup == Gap.UNKNOWN) {
                firstGroup = head.group();
            }
            lastGroup = head.group();
            replay.lastGroup = Math.max(replay.lastGroup, head.group());
            replay.lowWater = Math.max(replay.lowWater, head.lowWater());
            replay.newestReceipt = Math.max(replay.newestReceipt, head.newestReceipt());
            replay.records += head.changes();
        }

        @Override
        public void gap(Gap gap) {
            replay.gaps.add(gap);
        }
    }

    /**
     * Reads all the segments, changes nothing.
     *
     * @throws DamagedJournalException if something that may be needed can't be read
     */
    static JournalReplay read(JournalDirectory directory, Progress progress) throws IOException {
        JournalReplay replay = new JournalReplay(progress);
        List<Path> segments = directory.segments();
        for (Path path : segments) {
            replay.bytes += Files.size(path);
        }
        for (Path path : segments) {
            replay.scan(path);
        }
        for (DamagedJournalException damage : replay.damage()) {
            throw damage;
        }
        for (Gap gap : replay.harmless) {
            log.warn(
                    "{} bytes of {} at byte {} can't be read; they held nothing that is needed",
                    gap.end() - gap.offset(),
                    gap.file(),
                    gap.offset());
        }
        return replay;
    }

    /** Reads one segment, to find where it is sound and from which group on anything is needed. */
    void scan(Path path) throws IOException {
        Found segment = new Found(path, this);
        SegmentScan scan = open(path);
        segment.goodBytes = scan.read(segment);
        segment.size = scan.size();
        found.add(segment);
    }

    private SegmentScan open(Path segment) throws IOException {
        SegmentScan scan = SegmentScan.open(segment, scratch);
        scratch = scan.buffer();
        read += scan.size();
        progress.at(read, 2 * bytes, "bytes of the journal read");
        return scan;
    }

    /** Returns everything that can't be read and may be needed, once all segments are scanned. */
    List<DamagedJournalException> damage() {
        List<DamagedJournalException> damage = new ArrayList<>();
        for (Gap gap : gaps) {
            judge(gap, gap.damage(), damage);
        }
        for (int i = 0; i < found.size(); i++) {
            Found segment = found.get(i);
            if (segment.size == segment.goodBytes) {
                continue;
            }
            if (i == found.size() - 1) {
                tornBytes = segment.size - segment.goodBytes;
                continue;
            }
            long next = found.get(i + 1).firstGroup;
            judge(
                    new Gap(segment.path, segment.goodBytes, Math.toIntExact(segment.size), segment.lastGroup, next),
                    new DamagedJournalException(
                            segment.path, segment.goodBytes, "the segment breaks off, but it is not the last one"),
                    damage);
        }
        return damage;
    }

    /**
     * Groups are numbered without a hole. So what is missing is harmless where no number is; where all the missing ones
     * lie below the low water; and where there is just space for as many frames without changes: these are the only
     * ones that are not forced to disk, so that a power cut may leave them out although it left what came behind them.
     */
    private void judge(Gap gap, DamagedJournalException damage, List<DamagedJournalException> all) {
        boolean numbered = gap.before() != Gap.UNKNOWN && gap.next() > gap.before();
        long missing = gap.next() - gap.before() - 1;
        boolean withoutChanges = numbered && (missing == 0 || gap.end() - gap.offset() == missing * Frame.EMPTY_BYTES);
        boolean belowLowWater = gap.next() != Gap.UNKNOWN && gap.next() > gap.before() && gap.next() <= lowWater;
        if (!withoutChanges && !belowLowWater) {
            all.add(damage);
        } else {
            harmless.add(gap);
        }
    }

    /** Cuts the last segment's torn tail off, and has it on disk before another one follows. */
    void repair(SegmentFile.Factory files) throws IOException {
        if (found.isEmpty()) {
            return;
        }
        Found last = found.get(found.size() - 1);
        if (tornBytes > 0) {
            log.warn("The last {} bytes of {}, half written in a crash, are left out", tornBytes, last.path);
        }
        files.end(last.path, last.goodBytes);
        for (Found segment : List.copyOf(found)) {
            if (segment.isEmpty()) {
                Files.deleteIfExists(segment.path);
                found.remove(segment);
            }
        }
    }

    /** Hands over every change from the low water on, oldest first. Returns the groups that hold any. */
    Deque<LiveGroup> handOver(KeyPool keys, LiveTotal live, SegmentLog segments, BiConsumer<Change, Entry> sink)
            throws IOException {
        Deque<LiveGroup> groups = new ArrayDeque<>();
        for (Found segment : found) {
            boolean[] resets = new boolean[1];
            readNeeded(segment, keys, number -> {
                LiveGroup group = new LiveGroup(number, live);
                groups.add(group);
                return (change, encodedBytes) -> {
                    boolean reset = change instanceof CourseReset;
                    resets[0] |= reset;
                    LogEntry entry = new LogEntry(null, reset);
                    entry.measured(encodedBytes);
                    entry.written(group);
                    sink.accept(change, entry);
                };
            });
            segments.adopt(
                    new Sealed(segment.path, segment.firstGroup, segment.lastGroup, segment.goodBytes, resets[0]));
        }
        return groups;
    }

    /** Hands over every change that a start would, and what is damaged nevertheless. */
    void handOver(KeyPool keys, Consumer<Change> sink, Consumer<DamagedJournalException> damage) throws IOException {
        for (Found segment : found) {
            try {
                readNeeded(segment, keys, number -> (change, encodedBytes) -> sink.accept(change));
            } catch (DamagedJournalException e) {
                damage.accept(e);
            } catch (NoSuchFileException e) {
                log.debug("Deleted meanwhile, so not needed", e);
            }
        }
    }

    private void readNeeded(Found segment, KeyPool keys, LongFunction<SegmentScan.Changes> groups) throws IOException {
        SegmentScan scan = open(segment.path);
        scan.read(new SegmentScan.Sink() {
            @Override
            public void frame(Head head, int offset) {
                if (head.group() >= lowWater && head.changes() > 0) {
                    scan.changes(offset, keys, groups.apply(head.group()));
                }
            }

            @Override
            public void gap(Gap gap) {
                // judged already
            }
        });
    }

    /** Returns what can't be read and was not needed. */
    List<Gap> harmless() {
        return List.copyOf(harmless);
    }

    long lastGroup() {
        return lastGroup;
    }

    long newestReceipt() {
        return newestReceipt;
    }

    long records() {
        return records;
    }

    long tornBytes() {
        return tornBytes;
    }
}
