package dev.writebehind.config;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The watch for a file's changes that are complete: the same content at two looks, or at more where it could be one
 * that is still being written. By content, so that it does not matter how the file, or a link on the way to it, was
 * replaced.
 * Not for concurrent use.
 */
final class FileWatch {
    private static final int MIN_LOOKS = 1;
    /** Editors and scripts empty a file before they fill it. */
    private static final int MIN_LOOKS_AT_A_BEGINNING = 5;

    private byte @Nullable [] acted;
    private byte @Nullable [] seen;
    private int looks;

    FileWatch(byte[] acted) {
        this.acted = acted;
        this.seen = acted;
    }

    /** Returns whether it is time to act on what the file holds now; null: it can't be read. */
    boolean isDue(byte @Nullable [] content) {
        looks = Arrays.equals(content, seen) ? looks + 1 : 0;
        seen = content;
        return !Arrays.equals(content, acted) && looks >= (isBeginning(content) ? MIN_LOOKS_AT_A_BEGINNING : MIN_LOOKS);
    }

    /** Takes note that this content was acted on. */
    void acted(byte @Nullable [] content) {
        acted = content;
    }

    private boolean isBeginning(byte @Nullable [] content) {
        return content != null
                && acted != null
                && content.length < acted.length
                && Arrays.equals(content, 0, content.length, acted, 0, content.length);
    }
}
