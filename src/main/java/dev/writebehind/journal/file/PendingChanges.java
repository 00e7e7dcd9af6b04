package dev.writebehind.journal.file;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import java.util.Collection;
import java.util.HashMap;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.stream.LongStream;

/** The changes that a start would take over from a journal, found without starting. Not for concurrent use. */
final class PendingChanges {
    private final Map<LearnerCourse, Map<CompletionKey, CoalescedWrite>> runs = new HashMap<>();
    private final Map<LearnerCourse, CourseReset> resets = new HashMap<>();

    /** Takes the next change, in the order in which they were written: it replaces or undoes others. */
    void take(Change change) {
        LearnerCourse where = change.learnerCourse();
        if (change instanceof CourseReset reset) {
            resets.merge(where, reset, (known, other) -> known.receivedAt() > other.receivedAt() ? known : other);
            Map<CompletionKey, CoalescedWrite> before = runs.get(where);
            if (before != null) {
                before.values().removeIf(reset::undoes);
            }
        } else if (change instanceof CoalescedWrite run) {
            CourseReset reset = resets.get(where);
            if (reset == null || !reset.undoes(run)) {
                runs.computeIfAbsent(where, first -> new HashMap<>()).put(run.key(), run);
            }
        }
    }

    long keys() {
        return runs.values().stream().mapToLong(Map::size).sum();
    }

    long resets() {
        return resets.size();
    }

    /** Returns the least and the greatest time of receipt, microseconds since the epoch. */
    LongSummaryStatistics receipts() {
        LongStream ofRuns = runs.values().stream()
                .map(Map::values)
                .flatMap(Collection::stream)
                .flatMapToLong(run -> LongStream.of(run.createdAt(), run.receivedAt()));
        LongStream ofResets = resets.values().stream().mapToLong(CourseReset::receivedAt);
        return LongStream.concat(ofRuns, ofResets).summaryStatistics();
    }
}
