package dev.writebehind.flush;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.FlushSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Changes that can't be flushed for a reason of their own, so that the others need not wait for them: rows that
 * somebody has locked, new rows for which the table has no id. They stay in flight, and newer writes of their keys
 * behind them, until they are due to be tried again. Confined to the flusher's context.
 */
final class Parked {
    private static final long LOCK_NANOS = 1_000_000_000L;

    private final LongSupplier nanos;
    private final Supplier<FlushSettings> settings;
    private final Conditions conditions;
    private final Deque<Locked> locked = new ArrayDeque<>();
    private final Set<Object> expected = new HashSet<>();
    private final Deque<Change> withoutId = new ArrayDeque<>();
    private final Set<Object> trying = new HashSet<>();
    /** All writes that are parked, by learner. */
    private final Map<Integer, Set<CoalescedWrite>> writes = new HashMap<>();

    private @Nullable Throwable wantOfIds;
    private long idsTriedAt;

    /**
     * @param settings tell how long to wait before ids are tried again, and how many changes are then tried, until one
     *     of them has found an id
     */
    Parked(LongSupplier nanos, Supplier<FlushSettings> settings, Conditions conditions) {
        this.nanos = nanos;
        this.settings = settings;
        this.conditions = conditions;
    }

    private record Locked(Change change, long since) {}

    /** Somebody holds their rows. */
    void onLocks(List<? extends Change> changes) {
        long now = nanos.getAsLong();
        changes.forEach(change -> locked.add(new Locked(change, now)));
        changes.forEach(this::note);
        if (!changes.isEmpty()) {
            conditions.begin(
                    ConditionName.ROWS_LOCKED,
                    "Rows that are to be written wait, the others are flushed",
                    "other transactions hold them");
        }
    }

    /** The table has no id for them. */
    void forIds(List<? extends Change> changes, Throwable cause) {
        if (wantOfIds == null || changes.stream().anyMatch(this::isTried)) {
            idsTriedAt = nanos.getAsLong();
        }
        wantOfIds = cause;
        withoutId.addAll(changes);
        changes.forEach(this::note);
        changes.forEach(change -> trying.remove(key(change)));
    }

    /** They are in the table: had one of them waited for an id, there are ids again. */
    void committed(List<? extends Change> changes) {
        if (!trying.isEmpty() && changes.stream().anyMatch(this::isTried)) {
            trying.clear();
            wantOfIds = null;
        }
    }

    /** Returns what is due to be tried again, and is to be released for that. */
    List<Change> takeDue() {
        long now = nanos.getAsLong();
        List<Change> due = new ArrayList<>();
        expected.clear();
        while (!locked.isEmpty() && now - locked.element().since() >= LOCK_NANOS) {
            Change change = locked.remove().change();
            expected.add(key(change));
            due.add(change);
        }
        if (locked.isEmpty() && due.isEmpty()) {
            conditions.end(Subject.LOCKS, "No row that is to be written is held by another transaction any more");
        }
        if (wantOfIds == null) {
            due.addAll(withoutId);
            withoutId.clear();
        } else if (now - idsTriedAt >= settings.get().maxBackoff().toNanos()) {
            idsTriedAt = now;
            trying.clear();
            while (!withoutId.isEmpty() && trying.size() < settings.get().batchSize()) {
                trying.add(key(withoutId.element()));
                due.add(withoutId.remove());
            }
        }
        due.forEach(this::forget);
        return due;
    }

    /** Returns everything, to be released. */
    List<Change> takeAll() {
        List<Change> all = new ArrayList<>(withoutId);
        locked.forEach(each -> all.add(each.change()));
        withoutId.clear();
        locked.clear();
        writes.clear();
        return all;
    }

    /** Returns the writes of these learners. */
    List<CoalescedWrite> writesOf(Set<Integer> learners) {
        List<CoalescedWrite> found = new ArrayList<>();
        if (!writes.isEmpty()) {
            learners.forEach(learner -> found.addAll(writes.getOrDefault(learner, Set.of())));
        }
        return found;
    }

    private void note(Change change) {
        if (change instanceof CoalescedWrite write) {
            writes.computeIfAbsent(write.key().userId(), learner -> new HashSet<>())
                    .add(write);
        }
    }

    private void forget(Change change) {
        if (change instanceof CoalescedWrite write) {
            writes.computeIfPresent(write.key().userId(), (learner, all) -> {
                all.remove(write);
                return all.isEmpty() ? null : all;
            });
        }
    }

    /** Whether somebody held the change's rows when it was last tried. */
    boolean isLockExpected(Change change) {
        return !expected.isEmpty() && expected.contains(key(change));
    }

    /** Returns why new rows wait for ids; null: none does. */
    @Nullable
    Throwable wantOfIds() {
        return withoutId.isEmpty() ? null : wantOfIds;
    }

    boolean isEmpty() {
        return locked.isEmpty() && withoutId.isEmpty();
    }

    /**
     * Returns when the first write of those parked was received, microseconds; {@link Long#MAX_VALUE}: there is none.
     */
    long oldest() {
        long oldest = Long.MAX_VALUE;
        for (Locked each : locked) {
            oldest = Math.min(oldest, each.change().firstReceivedAt());
        }
        for (Change change : withoutId) {
            oldest = Math.min(oldest, change.firstReceivedAt());
        }
        return oldest;
    }

    private boolean isTried(Change change) {
        return trying.contains(key(change));
    }

    private static Object key(Change change) {
        return change instanceof CoalescedWrite write ? write.key() : change.learnerCourse();
    }
}
