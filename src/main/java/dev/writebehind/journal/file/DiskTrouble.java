package dev.writebehind.journal.file;

import dev.writebehind.journal.JournalState;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Tells a disk that takes nothing for the time being from one that failed; stateless. */
final class DiskTrouble {
    /** As Linux words them where the locale is English or none. */
    private static final List<String> PASSING =
            List.of("No space left", "quota exceeded", "Read-only file system", "Too many open files");

    /** So little is left that a write that failed did so for want of space, whatever the message's language. */
    private static final long NOTHING_BYTES = 64 << 10;

    private DiskTrouble() {}

    /** Returns what the journal's state is once a call on a file in that directory failed so. */
    static JournalState stateAfter(IOException cause, Path directory) {
        String reason = String.valueOf(cause.getMessage());
        if (cause instanceof JournalDirectory.AwayException) {
            return new JournalState.Away(reason);
        }
        boolean passing = isToldToPass(cause)
                || (!(cause instanceof SegmentLog.NotForcedException) && freeBytes(directory) < NOTHING_BYTES);
        return passing ? new JournalState.Full(reason) : new JournalState.Failed(cause.toString());
    }

    /** Whether the message itself says that the disk takes nothing for the time being. */
    static boolean isToldToPass(IOException cause) {
        String reason = String.valueOf(cause.getMessage());
        return PASSING.stream().anyMatch(reason::contains);
    }

    /** Returns the bytes that may yet be written; {@link Long#MAX_VALUE} where the file system does not tell. */
    static long freeBytes(Path directory) {
        try {
            FileStore store = Files.getFileStore(directory);
            return store.getTotalSpace() <= 0 ? Long.MAX_VALUE : store.getUsableSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    /** Returns the size of the file system; {@link Long#MAX_VALUE} where it does not tell. */
    static long totalBytes(Path directory) {
        try {
            long total = Files.getFileStore(directory).getTotalSpace();
            return total <= 0 ? Long.MAX_VALUE : total;
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }
}
