package dev.writebehind.buffer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.StoredCompletion;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The rows of learners' courses as they were read a moment ago. Safe for any thread; {@link #forgotten} is to be read
 * before the table is, so that rows that came too late are not kept.
 */
final class RowSnapshots {
    private static final int STRIPES = 1_024;

    private final long retainNanos;
    private final Cache<LearnerCourse, RowSnapshot> snapshots;
    /**
     * Counts by hash of the key how often one had to be forgotten: rows that are being read meanwhile are stale too.
     */
    private final AtomicLongArray forgotten = new AtomicLongArray(STRIPES);

    RowSnapshots(Duration retain, long maxRows, Ticker ticker) {
        this.retainNanos = retain.toNanos();
        this.snapshots = Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(ticker)
                .expireAfterWrite(retain)
                .maximumWeight(maxRows)
                .weigher((LearnerCourse key, RowSnapshot snapshot) ->
                        1 + snapshot.rows().size())
                .build();
    }

    /** Returns the rows if their reading began less than the retention before that time. */
    @Nullable
    RowSnapshot fresh(LearnerCourse key, long now) {
        RowSnapshot snapshot = snapshots.getIfPresent(key);
        return snapshot != null && now - snapshot.readAt() < retainNanos ? snapshot : null;
    }

    long forgotten(LearnerCourse key) {
        return forgotten.get(stripe(key));
    }

    /** Keeps rows that were read after that view was taken, unless they had to be forgotten meanwhile. */
    void remember(View view, List<StoredCompletion> rows) {
        if (retainNanos == 0) {
            return;
        }
        snapshots.asMap().compute(view.key(), (key, present) -> {
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
        snapshots.asMap().remove(key);
    }

    void cleanUp() {
        snapshots.cleanUp();
    }

    private static int stripe(LearnerCourse key) {
        return Math.floorMod(key.hashCode() * 0x9E3779B9, STRIPES);
    }
}
