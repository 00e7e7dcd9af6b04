package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

/**
 * One line of the check of a database; immutable.
 *
 * @param fit whether the service can work with it
 * @param text what was found and, where unfit, what to do
 */
public record Finding(boolean fit, String text) {
    public Finding {
        requireNonNull(text, "text");
    }
}
