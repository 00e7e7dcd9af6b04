package dev.writebehind.auth;

import io.vertx.core.Future;

/** Where a JWK set comes from. Safe for any thread. */
interface KeySource {
    /** Returns the set's JSON; fails with a reason fit for the log. */
    Future<String> read();
}
