package dev.writebehind.openedx;

import com.fasterxml.jackson.databind.JsonNode;

/** The value that a call names as its blocks; immutable. */
sealed interface Blocks {
    /**
     * An object of keys and values, which stays in the body until it is known that the caller may write them.
     *
     * @param count how many there are, those with the same key counted each
     * @param occurrence which of the body's fields with that name it is, from 1: the last one counts
     */
    record Named(JsonBody body, int occurrence, int count) implements Blocks {}

    /**
     * Anything else.
     *
     * @param value of a list the first element alone
     */
    record Other(JsonNode value) implements Blocks {}
}
