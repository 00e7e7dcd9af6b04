package dev.writebehind.core;

import static java.util.Objects.requireNonNull;

import dev.writebehind.journal.Replication;
import java.time.Duration;

/**
 * The part that an instance has among several on a shared log, at one moment; immutable.
 *
 * @param isFlushing whether it is the one that flushes
 * @param epoch of the newest claim that it has read, whoever's; 0: there was none
 * @param unread records that it has not applied, of those that it last knew of
 * @param behind for how long it has not been at the log's end; zero: it was there when it last looked
 * @param claims how often it has claimed the table
 * @param fencesLost how often the table did not know its claim any more
 * @param replication of the log, as this instance last heard
 */
public record Sharing(
        boolean isFlushing,
        long epoch,
        long unread,
        Duration behind,
        long claims,
        long fencesLost,
        Replication replication) {
    public Sharing {
        requireNonNull(behind, "behind");
        requireNonNull(replication, "replication");
    }

    /** That of which the log's replication is not known. */
    Sharing(boolean isFlushing, long epoch, long unread, Duration behind, long claims, long fencesLost) {
        this(isFlushing, epoch, unread, behind, claims, fencesLost, Replication.UNKNOWN);
    }

    /** Returns it with that. */
    Sharing with(Replication known) {
        return new Sharing(isFlushing, epoch, unread, behind, claims, fencesLost, known);
    }

    /** Returns its part in one word. */
    public String part() {
        return isFlushing ? "flushes" : "follows";
    }
}
