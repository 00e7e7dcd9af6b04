package dev.writebehind.completion;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;

/**
 * The pool of keys made from received strings, one shared object per distinct string, so that a key that repeats across
 * learners is parsed and stored once. Safe for any thread; holds a key only while somebody else does.
 */
public final class KeyPool {
    /** The width of {@code course_key} and {@code block_key}, in characters (code points). */
    public static final int MAX_KEY_CHARACTERS = 255;

    /** The width of {@code block_type}, in characters. */
    public static final int MAX_BLOCK_TYPE_CHARACTERS = 64;

    private final LoadingCache<String, CourseKey> courses =
            Caffeine.newBuilder().weakValues().build(KeyPool::parseCourse);
    private final LoadingCache<String, BlockKey> blocks =
            Caffeine.newBuilder().weakValues().build(KeyPool::parseBlock);

    /** Returns the course key spelled so, or throws {@link InvalidKeyException} if it can't be stored. */
    public CourseKey course(String value) {
        return courses.get(value);
    }

    /** Returns the block key spelled so, or throws {@link InvalidKeyException} if it can't be stored. */
    public BlockKey block(String value) {
        return blocks.get(value);
    }

    private static CourseKey parseCourse(String value) {
        requireStorable(value);
        return KeyForms.course(value);
    }

    private static BlockKey parseBlock(String value) {
        requireStorable(value);
        BlockKey key = KeyForms.block(value);
        if (key.blockType().codePointCount(0, key.blockType().length()) > MAX_BLOCK_TYPE_CHARACTERS) {
            throw new InvalidKeyException("its block type has more than " + MAX_BLOCK_TYPE_CHARACTERS + " characters");
        }
        return key;
    }

    private static void requireStorable(String value) {
        if (value.isEmpty()) {
            throw new InvalidKeyException("must not be empty");
        }
        if (value.codePointCount(0, value.length()) > MAX_KEY_CHARACTERS) {
            throw new InvalidKeyException("must have at most " + MAX_KEY_CHARACTERS + " characters");
        }
        if (value.codePoints().anyMatch(KeyPool::isUnstorable)) {
            throw new InvalidKeyException("must not contain control characters or unpaired surrogates");
        }
        if (!value.equals(value.strip())) {
            throw new InvalidKeyException("must not begin or end with white space");
        }
    }

    private static boolean isUnstorable(int codePoint) {
        return Character.isISOControl(codePoint)
                || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
    }
}
