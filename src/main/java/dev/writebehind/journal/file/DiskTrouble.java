package dev.writebehind.journal.file;

import dev.writebehind.condition.ConditionName;
import dev.writebehind.journal.JournalState;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The failure of a call on the journal's files, by what is to be done about it; immutable.
 *
 * @param condition what operators are told of
 * @param state the journal's from then on
 */
record DiskTrouble(ConditionName condition, JournalState state) {
    /** As Linux words them where the locale is English or none. */
    private static final List<String> PASSING =
            List.of("No space left", "quota exceeded", "Read-only file system", "Too many open files");

    /** So little is left that a write that failed did so for want of space, whatever the message's language. */
    private static final long NOTHING_BYTES = 64 << 10;

    /** Returns the trouble that made a call on a file in that directory fail so. */
    static DiskTrouble of(IOException cause, Path directory) {
        String reason = String.valueOf(cause.getMessage());
        if (cause instanceof JournalDirectory.AwayException) {
            return passing(ConditionName.JOURNAL_AWAY, "the journal's volume is away: " + reason);
        }
        boolean passing = isToldToPass(cause)
                || (!(cause instanceof SegmentLog.NotForcedException) && freeBytes(directory) < NOTHING_BYTES);
        if (!passing) {
            return lasting(cause);
        }
        String lack = reason.contains("Read-only") ? "read-only" : "full";
        return passing(ConditionName.JOURNAL_FULL, "the journal's disk is " + lack + ": " + reason);
    }

    /** Returns a trouble that lasts until the service is started anew. */
    static DiskTrouble lasting(Throwable cause) {
        return new DiskTrouble(
                ConditionName.JOURNAL_FAILED,
                new JournalState.Failed("the journal failed and stays so until a restart: " + cause));
    }

    private static DiskTrouble passing(ConditionName condition, String explanation) {
        return new DiskTrouble(condition, new JournalState.Interrupted(explanation));
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
