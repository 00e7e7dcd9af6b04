package dev.writebehind.ops;

import dev.writebehind.core.Administration;
import dev.writebehind.core.NotTaken;
import dev.writebehind.core.TakingStats;
import dev.writebehind.flush.FlushStats;
import dev.writebehind.journal.JournalStats;
import io.vertx.core.json.JsonArray;
import java.util.List;

/**
 * The figures of one moment, from which charts are drawn; immutable. Those that count go on from the service's start.
 *
 * @param at milliseconds since the epoch
 * @param notTaken requests that were not taken or not acknowledged
 * @param rows rows that were inserted, updated or deleted
 * @param oldestSeconds for how long the oldest write has waited
 * @param intervalSeconds {@code flush.interval}
 */
record Sample(
        long at,
        long accepted,
        long notTaken,
        long coalesced,
        long statements,
        long rows,
        long pendingKeys,
        long pendingBytes,
        double oldestSeconds,
        double intervalSeconds,
        long flushes,
        long flushNanos,
        long syncs,
        long syncNanos) {
    /** What {@link #json} holds, in its order. */
    static final List<String> COLUMNS = List.of(
            "at",
            "accepted",
            "not_taken",
            "coalesced",
            "statements",
            "rows",
            "pending_keys",
            "pending_bytes",
            "oldest_seconds",
            "interval_seconds",
            "flushes",
            "flush_nanos",
            "syncs",
            "sync_nanos");

    static Sample of(long at, Administration service, TakingStats taking) {
        FlushStats flushing = service.flushStats();
        JournalStats journal = service.journalStats();
        long notTaken = 0;
        for (NotTaken.Reason reason : NotTaken.Reason.values()) {
            notTaken += taking.noes(reason);
        }
        return new Sample(
                at,
                taking.writes(),
                notTaken,
                service.coalesced(),
                flushing.statements(),
                flushing.rowsChanged() + flushing.rowsDeleted(),
                service.pendingKeys(),
                service.pendingBytes(),
                service.oldestPending().toMillis() / 1_000.0,
                service.flushSettings().interval().toMillis() / 1_000.0,
                flushing.flushes(),
                flushing.flushNanos(),
                journal.syncs(),
                journal.syncNanos());
    }

    JsonArray json() {
        return JsonArray.of(
                at,
                accepted,
                notTaken,
                coalesced,
                statements,
                rows,
                pendingKeys,
                pendingBytes,
                oldestSeconds,
                intervalSeconds,
                flushes,
                flushNanos,
                syncs,
                syncNanos);
    }
}
