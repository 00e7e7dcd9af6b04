package dev.writebehind.buffer;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.writebehind.completion.LearnerCourse;
import java.time.Duration;
import java.util.function.Supplier;

/** The expiry of entries so long after their last change, but for those that hold what is not yet in the table. */
record UnlessPinned(Supplier<Duration> retain) implements Expiry<LearnerCourse, LearnerEntry> {
    @Override
    public long expireAfterCreate(LearnerCourse key, LearnerEntry entry, long currentTime) {
        return entry.isPinned() ? Long.MAX_VALUE : retain.get().toNanos();
    }

    @Override
    public long expireAfterUpdate(LearnerCourse key, LearnerEntry entry, long currentTime, long currentDuration) {
        return entry.isPinned() ? Long.MAX_VALUE : retain.get().toNanos();
    }

    @Override
    public long expireAfterRead(LearnerCourse key, LearnerEntry entry, long currentTime, long currentDuration) {
        return currentDuration;
    }
}
