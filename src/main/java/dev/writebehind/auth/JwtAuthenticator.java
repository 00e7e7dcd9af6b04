package dev.writebehind.auth;

import dev.writebehind.auth.Refusal.Reason;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authenticator of JWTs, with newer keys if one fits none that is known. A token is called invalid for its key only
 * by keys that were asked for after it came: until then it is {@link Reason#UNAVAILABLE}, for it may be of a key that
 * has just been published. Safe for any event loop.
 */
final class JwtAuthenticator {
    private static final Logger log = LoggerFactory.getLogger(JwtAuthenticator.class);
    private static final Refusal UNVERIFIABLE =
            new Refusal(Reason.UNAVAILABLE, "the LMS's signing keys can't be read now: try again");
    private static final Refusal PENDING = new Refusal(
            Reason.UNAVAILABLE, "the token's key is not known, and the LMS may have published newer ones: try again");
    private static final Refusal UNKNOWN_KEY = Refusal.invalid("the token's signature fits no key of the LMS");

    private final JwtVerifier verifier;
    private final @Nullable KeyRing ring;
    private final VerifiedTokens verified;
    private final UnknownKeyTokens unknown = new UnknownKeyTokens();
    private final Clock clock;

    /** @param ring null: there is no public key set */
    JwtAuthenticator(JwtVerifier verifier, @Nullable KeyRing ring, Clock clock) {
        this.verifier = verifier;
        this.ring = ring;
        this.verified = new VerifiedTokens(clock);
        this.clock = clock;
    }

    Future<Authentication> authenticate(String token) {
        SigningKeys keys = ring == null ? SigningKeys.NONE : ring.current();
        ByteBuffer hash = ByteBuffer.wrap(Sha256.of(token));
        Caller known = verified.find(hash, keys);
        if (known != null) {
            return Future.succeededFuture(known);
        }
        Authentication outcome = unknown.isUnknown(hash, keys) ? UNKNOWN_KEY : verify(token, hash, keys);
        if (outcome != UNKNOWN_KEY || ring == null) {
            return Future.succeededFuture(outcome);
        }
        long seen = unknown.seen(hash, keys, ring.begun());
        return ring.refresh()
                .map(read -> {
                    Authentication again = read.keys() == keys ? UNKNOWN_KEY : verify(token, hash, read.keys());
                    return again == UNKNOWN_KEY && read.number() <= seen ? PENDING : again;
                })
                .otherwise(failure -> {
                    log.debug("A token can't be verified", failure);
                    return UNVERIFIABLE;
                });
    }

    private Authentication verify(String token, ByteBuffer hash, SigningKeys keys) {
        Verification found = verifier.verify(token, keys, clock.instant());
        if (found instanceof Verification.Genuine genuine) {
            verified.put(hash, keys, genuine);
            return genuine.caller();
        }
        return found instanceof Verification.Refused refused ? refused.refusal() : UNKNOWN_KEY;
    }
}
