package dev.writebehind.loadtest.scenario;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;

/** Learners' JWTs as the LMS makes them, signed with a shared secret. Safe for any thread. */
public final class LearnerTokens {
    /** Shared with the service that is tested. */
    public static final String SECRET = "a-secret-for-load-tests-only-0123456789";

    private static final float HOURS = 12;

    private final Map<Integer, String> tokens = new ConcurrentHashMap<>();

    /** Returns the token of the user with that id, who is called {@code user} and the id. */
    String of(int userId) {
        return tokens.computeIfAbsent(userId, LearnerTokens::make);
    }

    private static String make(int userId) {
        JwtClaims claims = new JwtClaims();
        claims.setIssuedAtToNow();
        claims.setExpirationTimeMinutesInTheFuture(HOURS * 60);
        claims.setClaim("preferred_username", "user" + userId);
        claims.setClaim("user_id", userId);
        claims.setClaim("administrator", false);
        claims.setClaim("is_restricted", false);
        JsonWebSignature signature = new JsonWebSignature();
        signature.setKey(new HmacKey(SECRET.getBytes(StandardCharsets.UTF_8)));
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        signature.setHeader("typ", "JWT");
        signature.setPayload(claims.toJson());
        try {
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }
}
