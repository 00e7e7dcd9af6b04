package dev.writebehind.journal;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the segments of a start hold: the newest state of each key, and the newest reset of each learner and course.
 * For one use, by one thread, in the order of the groups.
 */
final class Recovery {
    private final Map<CompletionKey, Found<CoalescedWrite>> runs = new LinkedHashMap<>();
    private final Map<LearnerCourse, Found<CourseReset>> resets = new LinkedHashMap<>();
    private long lastGroup;
    private long lowWater;
    private long newestReceipt;
    private long records;

    private record Found<C extends Change>(long group, C change) {}

    void accept(SegmentScan.Group group) {
        lastGroup = Math.max(lastGroup, group.number());
        lowWater = Math.max(lowWater, group.lowWater());
        newestReceipt = Math.max(newestReceipt, group.newestReceipt());
        records += group.changes().size();
        for (Change change : group.changes()) {
            if (change instanceof CoalescedWrite run) {
                runs.remove(run.key());
                runs.put(run.key(), new Found<>(group.number(), run));
            } else if (change instanceof CourseReset reset) {
                resets.put(reset.learnerCourse(), new Found<>(group.number(), reset));
            }
        }
    }

    /** Returns the changes that may not be in the table, resets first; none that a reset undoes, live or not. */
    List<Change> live() {
        List<Change> live = new ArrayList<>();
        resets.values().stream().filter(this::isLive).map(Found::change).forEach(live::add);
        runs.values().stream()
                .filter(this::isLive)
                .map(Found::change)
                .filter(run -> !isUndone(run))
                .forEach(live::add);
        return live;
    }

    long liveResets() {
        return resets.values().stream().filter(this::isLive).count();
    }

    long lastGroup() {
        return lastGroup;
    }

    long lowWater() {
        return lowWater;
    }

    long newestReceipt() {
        return newestReceipt;
    }

    long records() {
        return records;
    }

    private boolean isLive(Found<?> found) {
        return found.group() >= lowWater;
    }

    private boolean isUndone(CoalescedWrite run) {
        @Nullable Found<CourseReset> reset = resets.get(run.learnerCourse());
        return reset != null && reset.change().undoes(run);
    }
}
