package dev.writebehind.flush;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.store.KnownSpellings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The resets that are still to be carried out, by what the table holds for one course, and which of them are due;
 * immutable once made. Of one course they are carried out one in a cycle, in the order of their receipt, for writes
 * wait behind each of them that only the buffer sees; and not before what was received earlier and is parked.
 */
final class TwinCourses {
    private final KnownSpellings spellings;
    private final Map<Course, CourseReset> first = new HashMap<>();
    private final Set<CourseReset> due = new HashSet<>();

    private TwinCourses(KnownSpellings spellings) {
        this.spellings = spellings;
    }

    /** A learner's course as the table has it; immutable. */
    record Course(int userId, String canonical) {}

    /**
     * Finds out which of the resets are due.
     *
     * @param resets that were drained
     * @param besides resets that stand and writes that are parked, of the same learners
     */
    static TwinCourses of(
            Collection<CourseReset> resets, Collection<? extends Change> besides, KnownSpellings spellings) {
        TwinCourses courses = new TwinCourses(spellings);
        resets.forEach(courses::add);
        Map<Course, Long> parkedSince = new HashMap<>();
        for (Change change : besides) {
            if (change instanceof CoalescedWrite write) {
                parkedSince.merge(courses.of(write), write.firstReceivedAt(), Math::min);
            } else if (change instanceof CourseReset reset
                    && spellings.holds(reset.learnerCourse().course())) {
                courses.add(reset);
            }
        }
        for (CourseReset reset : resets) {
            Course course = courses.of(reset);
            if (reset.equals(courses.first.get(course))
                    && parkedSince.getOrDefault(course, Long.MAX_VALUE) > reset.receivedAt()) {
                courses.due.add(reset);
            }
        }
        return courses;
    }

    /** Returns the resets, each for every one of these courses that the table holds equal to its own. */
    static List<CourseReset> spread(List<CourseReset> resets, List<LearnerCourse> courses, KnownSpellings spellings) {
        TwinCourses known = new TwinCourses(spellings);
        List<CourseReset> spread = new ArrayList<>();
        for (CourseReset reset : resets) {
            for (LearnerCourse course : courses) {
                CourseReset twin = new CourseReset(course, reset.receivedAt());
                if (spellings.holds(course.course()) && known.of(twin).equals(known.of(reset))) {
                    spread.add(twin);
                }
            }
        }
        return spread;
    }

    private void add(CourseReset reset) {
        first.merge(of(reset), reset, (a, b) -> a.receivedAt() < b.receivedAt() ? a : b);
    }

    Course of(Change change) {
        return new Course(
                change.learnerCourse().userId(),
                spellings.canonical(change.learnerCourse().course()));
    }

    /** Returns the reset of the change's course that was received first; null: none stands. */
    @Nullable
    CourseReset firstReset(Change change) {
        return first.get(of(change));
    }

    /** Whether it is to be carried out now. */
    boolean isDue(CourseReset reset) {
        return due.contains(reset);
    }
}
