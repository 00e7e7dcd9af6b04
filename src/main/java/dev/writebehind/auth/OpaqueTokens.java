package dev.writebehind.auth;

import io.vertx.core.Future;

/** The lookup of Bearer tokens that are neither a server's nor a JWT. Safe for any event loop. */
@FunctionalInterface
public interface OpaqueTokens {
    /** Takes none. */
    OpaqueTokens NONE = token -> Future.succeededFuture(Refusal.invalid("the token is not known"));

    /** Tells whose token this is. Never fails: what can't be asked now is {@link Refusal.Reason#UNAVAILABLE}. */
    Future<Authentication> find(String token);
}
