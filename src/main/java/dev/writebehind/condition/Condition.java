package dev.writebehind.condition;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A condition that holds at present: something that is wrong; immutable.
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
