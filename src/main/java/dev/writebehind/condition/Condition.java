package dev.writebehind.condition;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * Something that is wrong at present; immutable.
 *
 * @param since when it began
 * @param cause what is known of why, without anything that callers sent
 */
public record Condition(ConditionName name, Instant since, String cause) {
    public Condition {
        requireNonNull(name, "name");
        requireNonNull(since, "since");
        requireNonNull(cause, "cause");
    }
}
