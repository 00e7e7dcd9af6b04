package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/**
 * A claim to be the one that flushes what a log holds, in force until the next one; immutable.
 *
 * @param name the log's
 * @param epoch grows with each claim that the database remembers
 * @param nonce tells claims apart that got the same epoch, from a database that forgot one
 */
public record Fence(String name, long epoch, UUID nonce) {
    public Fence {
        requireNonNull(name, "name");
        requireNonNull(nonce, "nonce");
    }
}
