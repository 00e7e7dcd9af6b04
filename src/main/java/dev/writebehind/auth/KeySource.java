package dev.writebehind.auth;

import io.vertx.core.Future;

/** A source of a JWK set. Safe for any thread. */
interface KeySource {
    /** Returns the set's JSON; fails with a reason fit for the log. */
    Future<String> read();
}
