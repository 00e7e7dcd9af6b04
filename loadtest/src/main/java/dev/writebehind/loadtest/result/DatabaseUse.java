package dev.writebehind.loadtest.result;

import java.util.List;
import java.util.Map;

/**
 * The work that the database server did for a target in a whole run, until everything accepted was in the table;
 * immutable.
 *
 * @param statements that the target sent, those that prepare others left out
 * @param byKind how many of each kind: select, insert, update, begin, commit, rollback
 * @param rowsRead rows that the storage engine read
 * @param lockWaits how often a statement had to wait for a row's lock
 * @param lockWaitSeconds how long all of them waited together
 * @param digests the costliest kinds of statements, the costliest first
 */
public record DatabaseUse(
        long statements,
        Map<String, Long> byKind,
        long rowsRead,
        long rowsInserted,
        long rowsUpdated,
        long lockWaits,
        double lockWaitSeconds,
        List<Digest> digests) {
    public DatabaseUse {
        byKind = Map.copyOf(byKind);
        digests = List.copyOf(digests);
    }

    /**
     * One kind of statement.
     *
     * @param text with its values taken out
     * @param seconds that all of them took together, waiting included
     * @param lockSeconds that they waited for locks, as the server counts it
     */
    public record Digest(String text, long count, double seconds, double lockSeconds) {}
}
