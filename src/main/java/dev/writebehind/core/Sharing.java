package dev.writebehind.core;

import static java.util.Objects.requireNonNull;

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
 */
public record Sharing(boolean isFlushing, long epoch, long unread, Duration behind, long claims, long fencesLost) {
    public Sharing {
        requireNonNull(behind, "behind");
    }

    /** Returns its part in one word. */
    public String part() {
        return isFlushing ? "flushes" : "follows";
    }
}
