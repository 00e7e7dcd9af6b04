package dev.writebehind.openedx;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.InvalidKeyException;
import dev.writebehind.completion.KeyPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The three things that a call names, each still as it was sent; immutable. Its methods are the checks that need no
 * database, each to be made in its turn; one that fails throws {@link Refused}.
 */
record Batch(JsonNode username, JsonNode courseKey, Blocks blocks) {
    private static final Set<CourseKey.Form> COURSES =
            Set.of(CourseKey.Form.COURSE, CourseKey.Form.SLASHED_COURSE, CourseKey.Form.CCX_COURSE);

    Batch {
        requireNonNull(username, "username");
        requireNonNull(courseKey, "courseKey");
        requireNonNull(blocks, "blocks");
    }

    static Batch of(RequestData data) {
        return new Batch(
                present(data.username(), "username"),
                present(data.courseKey(), "course_key"),
                present(data.blocks(), "blocks"));
    }

    private static <T> T present(@Nullable T value, String name) {
        if (value == null) {
            throw Answer.bad("Key '" + name + "' not found.").refused();
        }
        return value;
    }

    /** Whether the body is about that user, in exact letter case. */
    static boolean isAbout(RequestData data, @Nullable String user) {
        JsonNode username = data.username();
        return user != null
                && username != null
                && username.isTextual()
                && username.textValue().equals(user);
    }

    /** Returns the course's key as text, if it is spelled like one. */
    String course() {
        String course = courseKey.isTextual() ? courseKey.textValue() : null;
        if (course == null
                || course.length() > CourseBlocks.MAX_KEY_CHARACTERS
                || CourseKey.Form.of(course) == CourseKey.Form.OPAQUE) {
            throw Answer.bad("Invalid learning context key: " + Python.str(courseKey))
                    .refused();
        }
        return course;
    }

    /** Whether learners enrol in such a course: not in libraries. */
    static boolean hasEnrolments(String course) {
        return COURSES.contains(CourseKey.Form.of(course));
    }

    /** How many blocks are named. */
    int size() {
        return blocks instanceof Blocks.Named named ? named.count() : 0;
    }

    /**
     * Returns the writes for that user: first every block is read, in order, then every value and key is measured, as
     * the LMS does.
     */
    List<CompletionWrite> writes(int userId, String course, KeyPool keys) {
        List<Read> read = new ArrayList<>();
        if (blocks instanceof Blocks.Named named) {
            for (Map.Entry<String, JsonNode> block : named.body().pairs(named).entrySet()) {
                String key = CourseBlocks.keyWithin(course, block.getKey());
                read.add(new Read(block.getKey(), key, Python.toFloat(block.getValue())));
            }
        } else if (blocks instanceof Blocks.Other other && !isEmptyList(other.value())) {
            throw noObject(course, other.value()).refused();
        }
        List<CompletionWrite> writes = new ArrayList<>(read.size());
        CourseKey courseKey = read.isEmpty() ? null : storableCourse(course, keys);
        for (Read block : read) {
            if (!CompletionWrite.isCompletion(block.value())) {
                throw Answer.bad(Python.repr(block.value()) + " must be between 0.0 and 1.0")
                        .refused();
            }
            BlockKey key = storableBlock(block, keys);
            writes.add(new CompletionWrite(new CompletionKey(userId, requireNonNull(courseKey), key), block.value()));
        }
        return writes;
    }

    private record Read(String sent, String key, double value) {}

    private static boolean isEmptyList(JsonNode value) {
        return value.isArray() && value.isEmpty();
    }

    /** The LMS takes the elements of a list, and the characters of a string, for keys. */
    private static Answer noObject(String course, JsonNode blocks) {
        JsonNode first = blocks.isArray() ? blocks.get(0) : null;
        if (first != null && (first.isTextual() || first.isNull())) {
            CourseBlocks.keyWithin(course, Python.str(first));
        } else if (blocks.isTextual() && !blocks.textValue().isEmpty()) {
            String text = blocks.textValue();
            CourseBlocks.keyWithin(course, text.substring(0, text.offsetByCodePoints(0, 1)));
        }
        return Answer.bad("blocks must be an object of block keys and values");
    }

    private static CourseKey storableCourse(String course, KeyPool keys) {
        try {
            return keys.course(course);
        } catch (InvalidKeyException e) {
            throw Answer.bad("Invalid learning context key: " + course + ": it " + e.reason())
                    .refused();
        }
    }

    private static BlockKey storableBlock(Read block, KeyPool keys) {
        try {
            return keys.block(block.key());
        } catch (InvalidKeyException e) {
            throw Answer.bad("Invalid block key: " + block.sent() + ": it " + e.reason())
                    .refused();
        }
    }
}
