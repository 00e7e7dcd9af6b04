package dev.writebehind.buffer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.StoredCompletion;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rows of learners' courses as they were read a moment ago. Safe for any thread; {@link #forgotten} is to be read
 * before the table is, so that rows that came too late are not kept.
 */
final class RowSnapshots {
    private static final int STRIPES = 1_024;

    private final Supplier<Duration> retain;
    private final long maxRows;
    private final Ticker ticker;
    private volatile Kept kept;
    /**
     * Counts by hash of the key how often one had to be forgotten: rows that are being read meanwhile are stale too.
     */
    private final AtomicLongArray forgotten = new AtomicLongArray(STRIPES);

    /** Rows, and how long they are kept; replaced as a whole, for what had expired must not be fresh again. */
    private record Kept(long retainNanos, Cache<LearnerCourse, RowSnapshot> snapshots) {}

    RowSnapshots(Supplier<Duration> retain, long maxRows, Ticker ticker) {
        this.retain = retain;
        this.maxRows = maxRows;
        this.ticker = ticker;
        this.kept = empty();
    }

    private Kept empty() {
        Duration now = retain.get();
        return new Kept(
                now.toNanos(),
                Caffeine.newBuilder()
                        .executor(Runnable::run)
                        .ticker(ticker)
                        .expireAfterWrite(now)
                        .maximumWeight(maxRows)
                        .weigher((LearnerCourse key, RowSnapshot snapshot) ->
                                1 + snapshot.rows().size())
                        .build());
    }

    /** Forgets all, also what is being read, and keeps rows as long as it is wanted now. */
    void restart() {
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            forgotten.incrementAndGet(stripe);
        }
        kept = empty();
    }

    /** Returns the rows if their reading began less than the retention before that time. */
    @Nullable
    RowSnapshot fresh(LearnerCourse key, long now) {
        Kept present = kept;
        RowSnapshot snapshot = present.snapshots().getIfPresent(key);
        return snapshot != null && now - snapshot.readAt() < present.retainNanos() ? snapshot : null;
    }

    long forgotten(LearnerCourse key) {
        return forgotten.get(stripe(key));
    }

    /** Keeps rows that were read after that view was taken, unless they had to be forgotten meanwhile. */
    void remember(View view, List<StoredCompletion> rows) {
        Kept into = kept;
        if (into.retainNanos() == 0) {
            return;
        }
        into.snapshots().asMap().compute(view.key(), (key, present) -> {
            if (forgotten(key) != view.forgotten()) {
                return null;
            }
            return present != null && present.readAt() - view.takenAt() >= 0
                    ? present
                    : new RowSnapshot(rows, view.takenAt());
        });
    }

    /**
     * Forgets the rows. To be called before what they lack, or what they should no longer hold, goes from the entry.
     */
    void forget(LearnerCourse key) {
        forgotten.incrementAndGet(stripe(key));
        kept.snapshots().asMap().remove(key);
    }

    void cleanUp() {
        kept.snapshots().cleanUp();
    }

    private static int stripe(LearnerCourse key) {
        return Math.floorMod(key.hashCode() * 0x9E3779B9, STRIPES);
    }
}
