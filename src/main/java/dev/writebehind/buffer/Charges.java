package dev.writebehind.buffer;

import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.LearnerCourse;

/**
 * What keys, resets and entries are charged: the most that each takes in the heap, and of a text that many share the
 * first of them. Stateless but for the count of who holds which text.
 */
final class Charges {
    /** What an entry, and each key in it, takes in the heap at most: {@code docs/decisions/0003-buffer.md}. */
    static final int BYTES_PER_ENTRY = 264;

    static final int BYTES_PER_KEY = 328;

    private Charges() {}

    /** Returns what a key is charged that does not wait yet, and what of that it is the first to need. */
    static long bytes(CompletionKey key, boolean entry, boolean course, boolean block) {
        return BYTES_PER_KEY
                + (entry ? BYTES_PER_ENTRY : 0)
                + (course ? Texts.bytes(key.course()) : 0)
                + (block ? Texts.bytes(key.block()) : 0);
    }

    /** Returns the most that a reset is charged. */
    static long mostBytes(LearnerCourse reset) {
        return BYTES_PER_KEY + BYTES_PER_ENTRY + Texts.bytes(reset.course());
    }

    /** Returns the charge of a key that has come to be unsettled. */
    static Charge appeared(CourseKey course, BlockKey block, Texts texts) {
        return new Charge(1, BYTES_PER_KEY + texts.hold(block), 0, nonAscii(course, block));
    }

    static Charge gone(CourseKey course, BlockKey block, Texts texts) {
        return new Charge(-1, -BYTES_PER_KEY - texts.letGo(block), 0, -nonAscii(course, block));
    }

    static int nonAscii(CourseKey course, BlockKey block) {
        return course.isAscii() && block.isAscii() ? 0 : 1;
    }

    /** Returns the charge of a reset that has come to stand, and waits for the next drain. */
    static Charge resetAppeared(CourseKey course) {
        return new Charge(1, BYTES_PER_KEY, 1, course.isAscii() ? 0 : 1);
    }

    static Charge resetGone(CourseKey course) {
        return new Charge(-1, -BYTES_PER_KEY, 0, course.isAscii() ? 0 : -1);
    }

    /** Returns the bytes that an entry is charged which has come to hold something unsettled. */
    static long entryAppeared(CourseKey course, Texts texts) {
        return BYTES_PER_ENTRY + texts.hold(course);
    }

    static long entryGone(CourseKey course, Texts texts) {
        return -BYTES_PER_ENTRY - texts.letGo(course);
    }
}
