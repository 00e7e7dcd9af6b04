package dev.writebehind.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * A text that proves something to whoever knows it; immutable. Its text form never shows it.
 *
 * @param value the text itself, not blank
 */
public record Secret(String value) {
    @JsonCreator(mode = JsonCreator.Mode.DISABLED)
    public Secret {
        if (value.isBlank()) {
            throw new IllegalArgumentException("must not be blank");
        }
    }

    /** Reads it from a settings' file, where a number would have lost its zeros and signs. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Secret read(JsonNode node) {
        if (!node.isTextual()) {
            throw new IllegalArgumentException("must be text; put it in quotes");
        }
        return new Secret(node.textValue());
    }

    @Override
    public String toString() {
        return "***";
    }
}
