package dev.writebehind.auth;

import dev.writebehind.auth.Refusal.Reason;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** Tells whose a JWT is, with newer keys if it fits none that is known. Safe for any event loop. */
final class JwtAuthenticator {
    private static final Refusal UNVERIFIABLE =
            new Refusal(Reason.UNAVAILABLE, "the LMS's signing keys can't be read now: try again");
    private static final Refusal UNKNOWN_KEY = Refusal.invalid("the token's signature fits no key of the LMS");

    private final JwtVerifier verifier;
    private final @Nullable KeyRing ring;
    private final VerifiedTokens verified;
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
        Authentication outcome = verify(token, hash, keys);
        if (outcome != UNKNOWN_KEY || ring == null) {
            return Future.succeededFuture(outcome);
        }
        return ring.refresh()
                .map(newer -> newer == keys ? UNKNOWN_KEY : verify(token, hash, newer))
                .otherwise(UNVERIFIABLE);
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
