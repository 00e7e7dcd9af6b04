package dev.writebehind.buffer;

import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.CourseKey;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The heap that the courses and blocks of keys not yet in the table take: each counts once, however many keys hold it.
 * Safe for any thread.
 */
final class Texts {
    /** The key object, its place in the pool of keys and its place here. */
    private static final int BYTES_PER_TEXT = 248;

    private static final int BYTES_PER_STRING = 40;
    private static final int LAST_LATIN_1 = 0xFF;

    private final ConcurrentHashMap<Object, Held> held = new ConcurrentHashMap<>();

    /** The bytes of a course or block, and the number of its holders, under its monitor; without any it is gone. */
    private static final class Held {
        final long bytes;
        int holders = 1;

        Held(long bytes) {
            this.bytes = bytes;
        }
    }

    /** Takes note of one more that holds the course. Returns what is charged for it. */
    long hold(CourseKey course) {
        return hold(course, bytes(course));
    }

    /** Takes note of one more that holds the block. Returns what is charged for it. */
    long hold(BlockKey block) {
        return hold(block, bytes(block));
    }

    private long hold(Object text, long bytes) {
        while (true) {
            Held present = held.get(text);
            if (present == null) {
                present = held.putIfAbsent(text, new Held(bytes));
                if (present == null) {
                    return bytes;
                }
            }
            synchronized (present) {
                if (present.holders > 0) {
                    present.holders++;
                    return 0;
                }
            }
        }
    }

    /** Takes note that one of those no longer holds the course or block. Returns what is freed by it. */
    long letGo(Object text) {
        Held present = held.get(text);
        if (present == null) {
            return 0;
        }
        synchronized (present) {
            if (--present.holders > 0) {
                return 0;
            }
            held.remove(text, present);
            return present.bytes;
        }
    }

    /** Whether any holds the course or block. */
    boolean isHeld(Object text) {
        return held.containsKey(text);
    }

    static long bytes(CourseKey course) {
        return BYTES_PER_TEXT + bytes(course.value(), course.folded(), course.isAscii());
    }

    static long bytes(BlockKey block) {
        return BYTES_PER_TEXT + bytes(block.value(), block.folded(), block.isAscii());
    }

    @SuppressWarnings("ReferenceEquality") // whether there are two strings, not whether they differ
    private static long bytes(String value, String folded, boolean isAscii) {
        return (isAscii ? BYTES_PER_STRING + (long) value.length() : bytes(value)) * (folded == value ? 1 : 2);
    }

    private static long bytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > LAST_LATIN_1) {
                return BYTES_PER_STRING + 2L * text.length();
            }
        }
        return BYTES_PER_STRING + (long) text.length();
    }
}
