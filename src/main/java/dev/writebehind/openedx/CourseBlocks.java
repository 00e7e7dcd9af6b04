package dev.writebehind.openedx;

import dev.writebehind.completion.BlockKey;
import org.jspecify.annotations.Nullable;

/**
 * The membership of blocks in a course or library, by their keys alone and in exact letter case; stateless. Asides lie
 * in none: nobody completes them.
 */
final class CourseBlocks {
    /** No key of the LMS is longer than its columns, four times less; what is longer is not worth looking at. */
    static final int MAX_KEY_CHARACTERS = 1_024;

    private static final String LOCATION = "i4x://";
    private static final String COURSE = "course-v1:";
    private static final String LIBRARY = "library-v1:";
    private static final String CCX = "ccx-v1:";

    private CourseBlocks() {}

    /** Returns the key under which a block of the course is stored; throws {@link Refused} where it is not one. */
    static String keyWithin(String course, String block) {
        BlockKey.Form form = block.length() > MAX_KEY_CHARACTERS ? BlockKey.Form.OPAQUE : BlockKey.Form.of(block);
        if (form == BlockKey.Form.OPAQUE) {
            throw Answer.bad("Invalid block key: " + block).refused();
        }
        if (form == BlockKey.Form.LOCATION) {
            return locationWithin(course, block);
        }
        String prefix = prefix(course, form);
        if (prefix == null || !block.startsWith(prefix)) {
            throw outside(course, block);
        }
        return block;
    }

    private static @Nullable String prefix(String course, BlockKey.Form form) {
        return switch (form) {
            case BLOCK -> course.startsWith(COURSE) ? "block-v1:" + course.substring(COURSE.length()) + "+type@" : null;
            case LEGACY_LIBRARY_BLOCK ->
                course.startsWith(LIBRARY) ? "lib-block-v1:" + course.substring(LIBRARY.length()) + "+type@" : null;
            case LIBRARY_BLOCK -> course.startsWith("lib:") ? "lb:" + course.substring("lib:".length()) + ":" : null;
            case CCX_BLOCK ->
                course.startsWith(CCX) ? "ccx-block-v1:" + course.substring(CCX.length()) + "+type@" : null;
            case LOCATION, ASIDE, OPAQUE -> null;
        };
    }

    /**
     * A location tells no run: it takes the course's and then, in a course of the new spelling, is spelled like that.
     */
    private static String locationWithin(String course, String location) {
        String[] parts = location.substring(LOCATION.length()).split("/", -1);
        if (location.indexOf('@') < 0) {
            if (course.startsWith(parts[0] + "/" + parts[1] + "/")) {
                return location;
            }
            if (course.startsWith(COURSE + parts[0] + "+" + parts[1] + "+")) {
                String block =
                        "block-v1:" + course.substring(COURSE.length()) + "+type@" + parts[2] + "+block@" + parts[3];
                if (BlockKey.Form.of(block) == BlockKey.Form.BLOCK) {
                    return block;
                }
            }
        }
        throw outside(course, location);
    }

    private static Refused outside(String course, String block) {
        return Answer.bad("Block with key: '" + block + "' is not in context " + course)
                .refused();
    }
}
