package dev.writebehind.buffer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The entries of all learners, by learner and course, in one Caffeine cache, with the queue of those that the next
 * drain has to visit and the resets among them. Safe for any thread: an entry is changed within the cache's compute on
 * its key and under its own monitor, or under that alone while it holds a change that is not yet in the table.
 *
 * <p>An entry that holds a change not yet in the table never expires; any other does after {@code buffer.retain}.
 */
final class Entries {
    /** A change of one entry; returns what it is charged. */
    interface Step {
        Charge on(LearnerEntry entry);
    }

    private final Cache<LearnerCourse, LearnerEntry> entries;
    private final Texts texts;
    private final LinkedBlockingQueue<LearnerCourse> queue = new LinkedBlockingQueue<>();
    /** Those for which somebody waits; some of them may have been drained already. */
    private final LinkedBlockingQueue<LearnerCourse> awaited = new LinkedBlockingQueue<>();

    /** Whether a drain will come by. */
    private volatile boolean isQueueing = true;

    private final Map<LearnerCourse, CourseReset> standing = new ConcurrentHashMap<>();
    /** Flushed runs that are kept readable. */
    private final AtomicLong kept = new AtomicLong();

    /**
     * Creates none yet.
     *
     * @param onExpiry gets those that expired
     */
    Entries(Texts texts, Supplier<Duration> retain, Ticker ticker, Consumer<LearnerCourse> onExpiry) {
        this.texts = texts;
        this.entries = Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(ticker)
                .expireAfter(new UnlessPinned(retain))
                .evictionListener((key, entry, cause) -> {
                    if (key != null && entry != null) {
                        kept.addAndGet(-entry.kept());
                        onExpiry.accept(key);
                    }
                })
                .build();
    }

    /** Has what is kept for a while be kept as long as it would be now, from now on. */
    void reconsiderExpiry() {
        keys().forEach(key -> with(key, entry -> {}));
    }

    /** Returns when the first write was received of the entry that has waited longest; nothing waits: the greatest. */
    long oldestQueued() {
        for (LearnerCourse key : queue) {
            LearnerEntry entry = entries.getIfPresent(key);
            long oldest = entry == null ? Long.MAX_VALUE : entry.oldestPending();
            if (oldest != Long.MAX_VALUE) {
                return oldest;
            }
        }
        return Long.MAX_VALUE;
    }

    @Nullable
    LearnerEntry get(LearnerCourse learnerCourse) {
        return entries.getIfPresent(learnerCourse);
    }

    Set<LearnerCourse> keys() {
        return entries.asMap().keySet();
    }

    void forEach(Consumer<LearnerEntry> action) {
        entries.asMap().values().forEach(action);
    }

    /** Acts on an entry, if there is one, as what neither charges nor queues it. */
    void with(LearnerCourse learnerCourse, Consumer<LearnerEntry> action) {
        entries.asMap().compute(learnerCourse, (key, entry) -> {
            if (entry != null) {
                action.accept(entry);
            }
            return entry;
        });
    }

    /** Queues nothing any more. */
    void follow() {
        isQueueing = false;
        leave(queue);
        leave(awaited);
    }

    private void leave(Queue<LearnerCourse> left) {
        for (LearnerCourse key = left.poll(); key != null; key = left.poll()) {
            with(key, LearnerEntry::leaveQueues);
        }
    }

    /** Queues what waits, and whatever comes. */
    void lead() {
        isQueueing = true;
        keys().forEach(key -> changeIfPresent(key, entry -> Charge.NONE));
    }

    /** Returns how many have come to wait and were not taken; some of them may have been drained as awaited. */
    int queued() {
        return queue.size();
    }

    /** Returns the one that has waited longest, which is no longer queued; to be called while there is one. */
    LearnerCourse next() {
        return queue.remove();
    }

    /** Returns for how many somebody waits; some of them may have been drained already. */
    int awaited() {
        return awaited.size();
    }

    /** Returns the next of these, which is no longer queued as such; to be called while there is one. */
    LearnerCourse nextAwaited() {
        return awaited.remove();
    }

    /** Returns the resets that are still to be carried out, in flight or not, less these. */
    List<CourseReset> standingBesides(List<CourseReset> drained) {
        if (standing.size() == drained.size()) {
            return List.of();
        }
        List<CourseReset> besides = new ArrayList<>(standing.values());
        besides.removeAll(new HashSet<>(drained));
        return besides;
    }

    long kept() {
        return kept.get();
    }

    long size() {
        return entries.estimatedSize();
    }

    void cleanUp() {
        entries.cleanUp();
    }

    /** Makes the step on the learner's entry, which is created if it is missing. Returns what it is charged. */
    Charge change(LearnerCourse learnerCourse, Step step) {
        LearnerEntry pinned = entries.policy().getIfPresentQuietly(learnerCourse);
        if (pinned != null) {
            synchronized (pinned) {
                // Only its last unsettled change takes it from here or lets it expire: past the cache's bookkeeping.
                if (pinned.isPinned()) {
                    return takeAndQueue(learnerCourse, pinned, step);
                }
            }
        }
        Result result = new Result();
        entries.asMap().compute(learnerCourse, (key, present) -> {
            if (present != null) {
                result.charge = takeAndQueue(key, present, step);
                return present;
            }
            LearnerEntry entry = new LearnerEntry(key.course(), texts);
            result.charge = take(key, entry, step);
            result.isNew = true;
            result.isAwaited = entry.isAwaited();
            return entry;
        });
        if (result.isNew && isQueueing) {
            // Not within compute: a drain would look for the entry without waiting, and miss it. Nor is it marked as
            // queued there: who changes it next must not rely upon this thread to have come so far.
            queue.add(learnerCourse);
            if (result.isAwaited) {
                awaited.add(learnerCourse);
            }
        }
        return result.charge;
    }

    /**
     * Makes the step, which settles one change at most, on the learner's entry, if there is one, which goes once it is
     * empty. Returns its charge.
     */
    Charge changeIfPresent(LearnerCourse learnerCourse, Step step) {
        LearnerEntry pinned = entries.policy().getIfPresentQuietly(learnerCourse);
        if (pinned != null) {
            synchronized (pinned) {
                if (pinned.staysPinned()) {
                    Charge charge = takeAndQueue(learnerCourse, pinned, step);
                    if (!pinned.isPinned()) {
                        throw new IllegalStateException("the step has settled more than one change");
                    }
                    return charge;
                }
            }
        }
        Result result = new Result();
        // Not computeIfPresent, which leaves without waiting where the entry was to expire before it was pinned, and
        // whoever pins it has not come so far as to say that it does not.
        entries.asMap().compute(learnerCourse, (key, entry) -> {
            if (entry == null) {
                return null;
            }
            result.charge = takeAndQueue(key, entry, step);
            return entry.isEmpty() ? null : entry;
        });
        return result.charge;
    }

    /**
     * Under the entry's own monitor: whoever finds it marked as queued may rely upon it, a drain that comes by waits,
     * and what stands is told in the order in which it came to stand.
     */
    private Charge takeAndQueue(LearnerCourse key, LearnerEntry entry, Step step) {
        synchronized (entry) {
            Charge charge = take(key, entry, step);
            if (isQueueing && entry.mustQueue()) {
                queue.add(key);
            }
            if (isQueueing && entry.mustQueueAsAwaited()) {
                awaited.add(key);
            }
            return charge;
        }
    }

    private Charge take(LearnerCourse key, LearnerEntry entry, Step step) {
        int keptBefore = entry.kept();
        CourseReset stoodBefore = entry.standing();
        Charge charge = step.on(entry);
        if (entry.kept() != keptBefore) {
            kept.addAndGet((long) entry.kept() - keptBefore);
        }
        CourseReset stands = entry.standing();
        if (stands != null) {
            standing.put(key, stands);
        } else if (stoodBefore != null) {
            standing.remove(key);
        }
        return charge;
    }

    /** The outcome of a step within compute: what it leaves to be done after it. */
    private static final class Result {
        Charge charge = Charge.NONE;
        boolean isNew;
        boolean isAwaited;
    }
}
