package dev.writebehind.completion;

import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/**
 * The pool of keys made from received strings, one shared object per distinct string, so that a key that repeats across
 * learners is parsed and stored once. Safe for any thread; but for the ones found last, it holds a key only while
 * somebody else does.
 */
public final class KeyPool {
    /** The width of {@code course_key} and {@code block_key}, in characters (code points). */
    public static final int MAX_KEY_CHARACTERS = 255;

    /** The width of {@code block_type}, in characters. */
    public static final int MAX_BLOCK_TYPE_CHARACTERS = 64;

    /** Power of two; of what a site's learners are at, most is found among so many. */
    private static final int RECENT = 4_096;

    private final Pooled<CourseKey> courses = new Pooled<>(KeyPool::parseCourse, CourseKey::value);
    private final Pooled<BlockKey> blocks = new Pooled<>(KeyPool::parseBlock, BlockKey::value);

    /** The keys of one kind, and in front of them those found last, each in the place that its hash gives it. */
    private static final class Pooled<K> {
        private final LoadingCache<String, K> all;
        private final Function<K, String> spelling;
        private final AtomicReferenceArray<K> recent = new AtomicReferenceArray<>(RECENT);

        Pooled(CacheLoader<String, K> parsing, Function<K, String> spelling) {
            this.all =
                    Caffeine.newBuilder().weakValues().executor(Runnable::run).build(parsing);
            this.spelling = spelling;
        }

        K get(String value) {
            int place = place(value.hashCode());
            K last = recent.getAcquire(place);
            if (last != null && spelling.apply(last).equals(value)) {
                return last;
            }
            K key = all.get(value);
            recent.setRelease(place, key);
            return key;
        }

        K get(byte[] ascii, int from, int to) {
            int hash = 0; // that of the string
            for (int i = from; i < to; i++) {
                hash = 31 * hash + ascii[i];
            }
            K last = recent.getAcquire(place(hash));
            return last != null && isSpelled(spelling.apply(last), ascii, from, to)
                    ? last
                    : get(new String(ascii, from, to - from, StandardCharsets.US_ASCII));
        }

        private static int place(int hash) {
            return (hash ^ hash >>> 16) & (RECENT - 1);
        }

        private static boolean isSpelled(String value, byte[] ascii, int from, int to) {
            if (value.length() != to - from) {
                return false;
            }
            for (int i = 0; i < value.length(); i++) {
                if (value.charAt(i) != ascii[from + i]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Returns the course key spelled so, or throws {@link InvalidKeyException} if it can't be stored. */
    public CourseKey course(String value) {
        return courses.get(value);
    }

    /** Returns the block key spelled so, or throws {@link InvalidKeyException} if it can't be stored. */
    public BlockKey block(String value) {
        return blocks.get(value);
    }

    /** As {@link #course(String)}, from bytes that are all ASCII; of a key found lately without making its string. */
    public CourseKey course(byte[] ascii, int from, int to) {
        return courses.get(ascii, from, to);
    }

    /** As {@link #block(String)}, likewise. */
    public BlockKey block(byte[] ascii, int from, int to) {
        return blocks.get(ascii, from, to);
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
