package dev.writebehind.store;

import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.store.ColumnSpellings.Spelling;
import java.util.Map;
import java.util.Optional;

/** The table's knowledge of the keys of one flush; immutable. */
public final class KnownSpellings {
    /** All keys are plain ASCII on a collation that tells such keys apart as Java does. */
    public static final KnownSpellings PLAIN = new KnownSpellings(Map.of(), Map.of());

    private final Map<String, Spelling> courses;
    private final Map<String, Spelling> blocks;

    KnownSpellings(Map<String, Spelling> courses, Map<String, Spelling> blocks) {
        this.courses = Map.copyOf(courses);
        this.blocks = Map.copyOf(blocks);
    }

    /** Whether keys are equal, and storable, as Java has it. */
    public boolean isPlain() {
        return courses.isEmpty();
    }

    /** Returns why the table can't hold what the change is about; empty where it can. */
    public Optional<String> refusal(Change change) {
        String course =
                spelling(courses, change.learnerCourse().course().value()).refusal();
        String refusal = course.isEmpty() && change instanceof CoalescedWrite write
                ? spelling(blocks, write.key().block().value()).refusal()
                : course;
        return refusal.isEmpty() ? Optional.empty() : Optional.of(refusal);
    }

    /** Whether the table can hold the course: of one that it can't, what is the same for others means nothing. */
    public boolean holds(CourseKey course) {
        return spelling(courses, course.value()).refusal().isEmpty();
    }

    /** Returns what is the same for all courses that the table holds equal, among those of one learner. */
    public String canonical(CourseKey course) {
        Spelling known = courses.get(course.value());
        return known == null ? course.folded() : known.canonical();
    }

    /** Returns what is the same for all blocks that the table holds equal, among those of one learner. */
    public String canonical(BlockKey block) {
        Spelling known = blocks.get(block.value());
        return known == null ? block.folded() : known.canonical();
    }

    private static Spelling spelling(Map<String, Spelling> known, String value) {
        return known.getOrDefault(value, new Spelling(value, ""));
    }
}
