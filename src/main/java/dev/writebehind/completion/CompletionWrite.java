package dev.writebehind.completion;

import static java.util.Objects.requireNonNull;

/**
 * One write as received: learner, course, block and value, not yet stamped; immutable.
 *
 * @param completion 0.0 to 1.0, never negative zero
 * @param told whether the caller spreads the news of it, so that nobody else need
 */
public record CompletionWrite(CompletionKey key, double completion, boolean told) {
    public CompletionWrite {
        requireNonNull(key, "key");
        if (!isCompletion(completion)) {
            throw new IllegalArgumentException("completion must be between 0.0 and 1.0, was " + completion);
        }
        completion += 0.0; // -0.0 becomes 0.0
    }

    /** Creates a write of which the caller tells nobody. */
    public CompletionWrite(CompletionKey key, double completion) {
        this(key, completion, false);
    }

    /** Whether the value is a completion: a number between 0.0 and 1.0. */
    public static boolean isCompletion(double value) {
        return value >= 0.0 && value <= 1.0;
    }
}
