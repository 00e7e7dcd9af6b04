package dev.writebehind.auth;

import static dev.writebehind.auth.Refusal.Reason.EXPIRED;
import static dev.writebehind.auth.Refusal.Reason.RESTRICTED;

import dev.writebehind.config.JwtSettings;
import dev.writebehind.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The verifier of JWTs as the LMS makes them: the signature first, then the claims. The algorithm decides which keys
 * may fit, so that a public key never serves as a shared secret; keys that the token's header names or holds are not
 * followed. Safe for any thread.
 */
final class JwtVerifier {
    /** The clocks of two machines. */
    private static final int CLOCK_SKEW_SECONDS = 5;

    private static final Map<Integer, String> REASONS = Map.of(
            ErrorCodes.EXPIRATION_MISSING, "exp is missing",
            ErrorCodes.ISSUED_AT_MISSING, "iat is missing",
            ErrorCodes.NOT_YET_VALID, "nbf is yet to come",
            ErrorCodes.ISSUED_AT_INVALID_FUTURE, "iat is yet to come",
            ErrorCodes.AUDIENCE_MISSING, "aud is missing",
            ErrorCodes.AUDIENCE_INVALID, "aud is another one than auth.jwt.audience",
            ErrorCodes.ISSUER_MISSING, "iss is missing",
            ErrorCodes.ISSUER_INVALID, "iss is another one than auth.jwt.issuer");

    private static final Pattern COMPACT = Pattern.compile("([A-Za-z0-9_-]+)\\.([A-Za-z0-9_-]+)\\.([A-Za-z0-9_-]+)");

    private final JwtSettings settings;
    private final @Nullable Key secret;
    private final AlgorithmConstraints algorithms;

    JwtVerifier(JwtSettings settings) {
        this(settings, key(settings.secret()));
    }

    JwtVerifier(JwtSettings settings, @Nullable Key secret) {
        this.settings = settings;
        this.secret = secret;
        this.algorithms = new AlgorithmConstraints(
                ConstraintType.PERMIT,
                AlgorithmIdentifiers.RSA_USING_SHA256,
                AlgorithmIdentifiers.RSA_USING_SHA512,
                AlgorithmIdentifiers.HMAC_SHA256);
    }

    private static @Nullable Key key(@Nullable Secret shared) {
        return shared == null ? null : new HmacKey(shared.value().getBytes(StandardCharsets.UTF_8));
    }

    Verification verify(String token, SigningKeys keys, Instant now) {
        if (!isCanonical(token)) {
            return refused("the token is not a signed JWT");
        }
        try {
            JsonWebSignature signature = new JsonWebSignature();
            signature.setAlgorithmConstraints(algorithms);
            signature.setCompactSerialization(token);
            String fault = JoseHeader.fault(signature.getHeaders().getFullHeaderAsJsonString());
            if (fault != null) {
                return refused("the token's header " + fault);
            }
            boolean isShared = AlgorithmIdentifiers.HMAC_SHA256.equals(signature.getAlgorithmHeaderValue());
            // Throws where the algorithm is none of those.
            signature.getAlgorithm();
            List<? extends Key> candidates = isShared
                    ? sharedSecret()
                    : keys.candidates(signature.getKeyIdHeaderValue(), signature.getAlgorithmHeaderValue());
            // The LMS's secret has 24 characters on many sites; the library would ask for 32.
            signature.setDoKeyValidation(!isShared);
            for (Key key : candidates) {
                signature.setKey(key);
                if (signature.verifySignature()) {
                    return genuine(token, signature, now);
                }
            }
            return isShared ? refused("the token's signature is wrong") : new Verification.UnknownKey();
        } catch (JoseException | RuntimeException e) {
            // The library trusts the types in a header: {"alg":5} is a ClassCastException.
            return refused("the token is not a JWT signed with RS256, RS512 or HS256");
        }
    }

    private List<Key> sharedSecret() {
        return secret == null ? List.of() : List.of(secret);
    }

    private Verification genuine(String token, JsonWebSignature signature, Instant now) throws JoseException {
        try {
            JwtClaims claims = JwtClaims.parse(signature.getPayload());
            checkClaims(token, signature, claims, now);
            Object restricted = claims.getClaimValue("is_restricted");
            if (restricted != null && !restricted.equals(false)) {
                return new Verification.Refused(new Refusal(RESTRICTED, "the token is a restricted application's"));
            }
            String username = claims.getStringClaimValue("preferred_username");
            if (username == null || username.isBlank()) {
                return refused("the token's preferred_username is missing");
            }
            Caller caller = Caller.user(username, userId(claims), staff(claims));
            return new Verification.Genuine(
                    caller, Instant.ofEpochMilli(claims.getExpirationTime().getValueInMillis()));
        } catch (InvalidJwtException e) {
            return e.hasExpired()
                    ? new Verification.Refused(new Refusal(EXPIRED, "the token has expired: get a new one"))
                    : refused("the token's " + reason(e));
        } catch (MalformedClaimException e) {
            return refused("a claim of the token has a wrong type");
        }
    }

    private void checkClaims(String token, JsonWebSignature signature, JwtClaims claims, Instant now)
            throws InvalidJwtException {
        JwtConsumerBuilder expected = new JwtConsumerBuilder()
                .setSkipSignatureVerification()
                .setEvaluationTime(NumericDate.fromMilliseconds(now.toEpochMilli()))
                .setAllowedClockSkewInSeconds(CLOCK_SKEW_SECONDS)
                .setRequireExpirationTime()
                .setRequireIssuedAt()
                .setIssuedAtRestrictions(0, Integer.MAX_VALUE);
        if (settings.issuer() != null) {
            expected.setExpectedIssuer(settings.issuer());
        }
        if (settings.audience() == null) {
            expected.setSkipDefaultAudienceValidation();
        } else {
            expected.setExpectedAudience(settings.audience());
        }
        expected.build().processContext(new JwtContext(token, claims, List.of(signature)));
    }

    private static String reason(InvalidJwtException e) {
        return e.getErrorDetails().stream()
                .map(error -> REASONS.get(error.getErrorCode()))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("claims are wrong");
    }

    private static @Nullable Integer userId(JwtClaims claims) throws MalformedClaimException {
        Object value = claims.getClaimValue("user_id");
        if (value == null) {
            return null;
        }
        if (value instanceof Long number && number > 0 && number <= Integer.MAX_VALUE) {
            return number.intValue();
        }
        throw new MalformedClaimException("user_id");
    }

    private static Caller.Staff staff(JwtClaims claims) {
        Object value = claims.getClaimValue("administrator");
        if (value instanceof Boolean administrator) {
            return administrator ? Caller.Staff.YES : Caller.Staff.NO;
        }
        return Caller.Staff.UNKNOWN;
    }

    /** One token has one text: the library would overlook strange characters and spare bits. */
    private static boolean isCanonical(String token) {
        Matcher parts = COMPACT.matcher(token);
        return parts.matches()
                && IntStream.rangeClosed(1, 3).mapToObj(parts::group).allMatch(JwtVerifier::isCanonicalPart);
    }

    private static boolean isCanonicalPart(String part) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Verification refused(String detail) {
        return new Verification.Refused(Refusal.invalid(detail));
    }
}
