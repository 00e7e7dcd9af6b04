package dev.writebehind.journal.file;

import dev.writebehind.completion.KeyPool;
import dev.writebehind.journal.DamagedJournalException;
import dev.writebehind.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a journal's directory holds, found by reading alone: nothing is created, locked, cut off or mended; immutable.
 * All times are microseconds since the epoch, UTC; 0: there is none.
 *
 * @param user the process that uses the directory, as far as can be seen from here; what is found may be over by then
 * @param records changes written down, superseded ones included
 * @param keys distinct keys that the next start takes over; some may be in the table already
 * @param resets course resets, likewise
 * @param oldestReceipt of what the next start takes over
 * @param newestReceipt of that as well
 * @param tornBytes half a frame at the very end, which a crash left or which is just being written
 * @param keptTails files beside the segments in which earlier starts kept what they cut off
 * @param damage what can't be read and may be needed: no start would go on
 * @param unneeded what can't be read, but held nothing that is needed
 */
public record JournalInspection(
        Path directory,
        OptionalLong user,
        int segments,
        long bytes,
        long records,
        long keys,
        long resets,
        long oldestReceipt,
        long newestReceipt,
        long tornBytes,
        int keptTails,
        List<Damage> damage,
        List<Damage> unneeded) {
    private static final Logger log = LoggerFactory.getLogger(JournalInspection.class);

    public JournalInspection {
        damage = List.copyOf(damage);
        unneeded = List.copyOf(unneeded);
    }

    /** Something at a place that can't be read; immutable. */
    public record Damage(Path file, long offset, String what) {
        private static Damage of(DamagedJournalException cause) {
            return new Damage(cause.file(), cause.offset(), cause.what());
        }
    }

    /** Reads a directory; blocks on the disk. Also while a service writes to it: then it tells of a moment. */
    public static JournalInspection of(Path directory) throws IOException {
        OptionalLong user = LockHolder.of(JournalDirectory.lockPath(directory));
        JournalReplay replay = new JournalReplay(Progress.NONE);
        List<Damage> damage = new ArrayList<>();
        int segments = 0;
        long bytes = 0;
        for (Path segment : JournalDirectory.segments(directory)) {
            try {
                bytes += Files.size(segment);
                replay.scan(segment);
                segments++;
            } catch (NoSuchFileException e) {
                log.debug("The service that runs needs it no longer", e);
            } catch (DamagedJournalException e) {
                damage.add(Damage.of(e));
                segments++;
            }
        }
        replay.damage().forEach(each -> damage.add(Damage.of(each)));
        PendingChanges pending = new PendingChanges();
        replay.handOver(new KeyPool(), pending::take, each -> damage.add(Damage.of(each)));
        LongSummaryStatistics receipts = pending.receipts();
        boolean any = receipts.getCount() > 0;
        return new JournalInspection(
                directory,
                user,
                segments,
                bytes,
                replay.records(),
                pending.keys(),
                pending.resets(),
                any ? receipts.getMin() : 0,
                any ? receipts.getMax() : 0,
                replay.tornBytes(),
                keptTails(directory),
                damage,
                replay.harmless().stream()
                        .map(gap -> new Damage(gap.file(), gap.offset(), gap.end() - gap.offset() + " bytes"))
                        .toList());
    }

    /** Whether nothing keeps a start from going on. */
    public boolean isSound() {
        return damage.isEmpty();
    }

    private static int keptTails(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return (int) files.filter(file -> file.toString().endsWith(JournalDirectory.KEPT_TAIL))
                    .count();
        }
    }
}
