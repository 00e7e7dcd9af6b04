package dev.writebehind.auth;

import static dev.writebehind.testing.Tokens.LMS;
import static dev.writebehind.testing.Tokens.OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.auth.Refusal.Reason;
import dev.writebehind.config.JwtSettings;
import dev.writebehind.config.Secret;
import dev.writebehind.testing.Tokens;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwtVerifierTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final SigningKeys KEYS = SigningKeys.parse(Tokens.jwks(OTHER, LMS));
    private static final SigningKeys LMS_KEY = SigningKeys.parse(Tokens.jwks(LMS));

    private final JwtVerifier verifier = new JwtVerifier(settings(Tokens.ISSUER, Tokens.AUDIENCE, Tokens.SECRET));

    private static JwtSettings settings(String issuer, String audience, String secret) {
        return new JwtSettings("jwks", secret == null ? null : new Secret(secret), issuer, audience, List.of());
    }

    private static JsonObject claims() {
        return Tokens.claims("Ann", NOW);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "RS512"})
    void verify_signedByTheLms_tellsWhoItIs(String algorithm) {
        JsonObject claims = claims().put("user_id", 42).put("administrator", true);

        Verification found = verifier.verify(Tokens.sign(claims, algorithm, LMS, null), KEYS, NOW);

        assertThat(found)
                .isEqualTo(new Verification.Genuine(Caller.user("Ann", 42, Caller.Staff.YES), NOW.plusSeconds(3600)));
    }

    @Test
    void verify_signedWithTheSharedSecret_tellsWhoItIs() {
        Verification found = verifier.verify(
                Tokens.hs256(claims(), Tokens.SECRET.getBytes(StandardCharsets.UTF_8)), SigningKeys.NONE, NOW);

        assertThat(caller(found)).isEqualTo(Caller.user("Ann", null, Caller.Staff.NO));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "other", "../../etc/passwd", "https://evil.example/jwks.json", "' OR 1=1 --", "\u0000"})
    void verify_withAnyKeyId_goesByTheKnownKeysAlone(String keyId) {
        assertThat(caller(verifier.verify(Tokens.sign(claims(), "RS512", LMS, keyId), KEYS, NOW)))
                .isNotNull();
        assertThat(verifier.verify(Tokens.sign(claims(), "RS512", OTHER, keyId), LMS_KEY, NOW))
                .isEqualTo(new Verification.UnknownKey());
    }

    @Test
    void verify_withoutAdministrator_doesNotKnowStaff() {
        JsonObject claims = claims();
        claims.remove("administrator");

        assertThat(caller(verify(claims)).staff()).isEqualTo(Caller.Staff.UNKNOWN);
    }

    @Test
    void verify_ofSeveralAudiences_takesOursAmongThem() {
        assertThat(caller(
                        verify(claims().put("aud", new JsonArray().add("other").add(Tokens.AUDIENCE)))))
                .isNotNull();
    }

    @Test
    void verify_withoutIssuerAndAudienceConfigured_takesAny() {
        JwtVerifier lenient = new JwtVerifier(settings(null, null, null));
        JsonObject bare = claims();
        bare.remove("aud");
        bare.remove("iss");

        for (JsonObject claims : List.of(bare, claims().put("aud", "x").put("iss", "y"))) {
            assertThat(caller(lenient.verify(Tokens.rs512(claims), KEYS, NOW))).isNotNull();
        }
    }

    @Test
    void verify_ofAnUnsignedToken_isInvalid() {
        String payload = Tokens.encode(claims().encode());
        for (String alg : List.of("none", "None", "NONE", "nOnE")) {
            String header = Tokens.encode("{\"alg\":\"" + alg + "\",\"typ\":\"JWT\"}");
            for (String signature : List.of("", "AA", Tokens.encode("x"))) {
                assertInvalid(header + "." + payload + "." + signature);
            }
            assertInvalid(header + "." + payload);
        }
    }

    /** The attack on libraries that let the token choose what the key is: the public key as text, in all its forms. */
    @Test
    void verify_signedWithThePublicKeyAsSecret_isInvalid() {
        byte[] der = LMS.getPublic().getEncoded();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END PUBLIC KEY-----";
        String set = Tokens.jwks(LMS);
        String key = new JsonObject(set).getJsonArray("keys").getJsonObject(0).encode();
        List<byte[]> secrets = List.of(
                der,
                pem.getBytes(StandardCharsets.UTF_8),
                (pem + "\n").getBytes(StandardCharsets.UTF_8),
                set.getBytes(StandardCharsets.UTF_8),
                key.getBytes(StandardCharsets.UTF_8));
        JwtVerifier withoutSecret = new JwtVerifier(settings(Tokens.ISSUER, Tokens.AUDIENCE, null));

        for (byte[] secret : secrets) {
            String token = Tokens.hs256(claims(), secret);
            assertInvalid(token);
            assertThat(refusal(withoutSecret.verify(token, LMS_KEY, NOW)).reason())
                    .isEqualTo(Reason.INVALID);
        }
    }

    @Test
    void verify_withTheSecretWhereNoneIsConfigured_isInvalid() {
        JwtVerifier withoutSecret = new JwtVerifier(settings(Tokens.ISSUER, Tokens.AUDIENCE, null));
        String token = Tokens.hs256(claims(), Tokens.SECRET.getBytes(StandardCharsets.UTF_8));

        assertThat(refusal(withoutSecret.verify(token, KEYS, NOW)).reason()).isEqualTo(Reason.INVALID);
        assertInvalid(Tokens.hs256(claims(), "another-secret-24-chars-".getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS384", "PS256", "PS512"})
    void verify_withAnotherAlgorithm_isInvalid(String algorithm) {
        assertInvalid(Tokens.sign(claims(), algorithm, LMS, null));
    }

    /** Keys that come with the token are whoever's. */
    @Test
    void verify_withAKeyInItsHeader_doesNotFollowIt() {
        JsonObject own = new JsonObject(Tokens.jwks(OTHER)).getJsonArray("keys").getJsonObject(0);
        String signed = Tokens.sign(claims(), "RS512", OTHER, null);
        JsonObject header = new JsonObject()
                .put("alg", "RS512")
                .put("jwk", own)
                .put("jku", "http://127.0.0.1:1/jwks.json")
                .put("x5u", "http://127.0.0.1:1/x");
        String token = Tokens.encode(header.encode()) + signed.substring(signed.indexOf('.'));

        assertThat(verifier.verify(token, LMS_KEY, NOW)).isEqualTo(new Verification.UnknownKey());
    }

    @Test
    void verify_ofAChangedPayload_fitsNoKey() {
        String[] parts = Tokens.rs512(claims()).split("\\.", -1);
        String changed = parts[0] + "."
                + Tokens.encode(claims().put("administrator", true).encode()) + "." + parts[2];

        assertThat(verifier.verify(changed, KEYS, NOW)).isEqualTo(new Verification.UnknownKey());
    }

    @ParameterizedTest
    @CsvSource({"0, true", "3604, true", "3605, false", "3700, false", "99999999, false"})
    void verify_afterItsTime_isExpired(long secondsLater, boolean inForce) {
        Verification found = verifier.verify(Tokens.rs512(claims()), KEYS, NOW.plusSeconds(secondsLater));

        if (inForce) {
            assertThat(caller(found)).isNotNull();
        } else {
            assertThat(refusal(found).reason()).isEqualTo(Reason.EXPIRED);
        }
    }

    /** Or a forger would learn from the answer, and the app would ask for a new token in vain. */
    @Test
    void verify_expiredAndForged_isNotExpired() {
        JsonObject claims = claims().put("exp", NOW.getEpochSecond() - 100);

        assertThat(verifier.verify(Tokens.sign(claims, "RS512", OTHER, null), LMS_KEY, NOW))
                .isEqualTo(new Verification.UnknownKey());
        assertInvalid(Tokens.hs256(claims, "another-secret-24-chars-".getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @CsvSource({
        "aud, '\"other\"', aud is another",
        "aud, '[]', aud",
        "aud, '[\"other\"]', aud is another",
        "aud, null, aud",
        "iss, '\"https://evil.example/oauth2\"', iss is another",
        "iss, null, iss is missing",
        "iss, 5, ''",
        "exp, null, exp is missing",
        "exp, '\"tomorrow\"', ''",
        "exp, true, ''",
        "exp, '[]', ''",
        "exp, 1e400, ''",
        "iat, null, iat is missing",
        "iat, '\"now\"', ''",
        "preferred_username, null, preferred_username",
        "preferred_username, '\" \"', preferred_username",
        "preferred_username, 5, ''",
        "user_id, '\"42\"', ''",
        "user_id, 0, ''",
        "user_id, -1, ''",
        "user_id, 4294967338, ''",
        "user_id, 1.5, ''",
        "user_id, 99999999999999999999, ''",
        "user_id, {}, ''",
    })
    void verify_withAWrongClaim_isInvalid(String claim, String value, String reason) {
        JsonObject without = claims();
        without.remove(claim);
        String body = value.equals("null")
                ? without.encode()
                : without.encode().replaceFirst("}$", ",\"" + claim + "\":" + value + "}");

        Refusal refusal = refusal(verifier.verify(signText(body), KEYS, NOW));

        assertThat(refusal.reason()).isEqualTo(Reason.INVALID);
        assertThat(refusal.detail()).contains(reason);
    }

    @ParameterizedTest
    @CsvSource({"nbf, 4, true", "nbf, 60, false", "iat, 4, true", "iat, 60, false"})
    void verify_beforeItsTime_isInvalid(String claim, int secondsAhead, boolean taken) {
        Verification found = verify(claims().put(claim, NOW.getEpochSecond() + secondsAhead));

        if (taken) {
            assertThat(caller(found)).isNotNull();
        } else {
            assertThat(refusal(found).reason()).isEqualTo(Reason.INVALID);
            assertThat(refusal(found).detail()).contains(claim + " is yet to come");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "\"true\"", "1", "\"false\""})
    void verify_ofARestrictedApplication_isRefused(String value) {
        String body = claims().encode().replace("\"is_restricted\":false", "\"is_restricted\":" + value);

        assertThat(refusal(verifier.verify(signText(body), KEYS, NOW)).reason()).isEqualTo(Reason.RESTRICTED);
    }

    @Test
    void verify_ofAnythingElse_isInvalid() {
        String deep = "[".repeat(4000);
        for (String text : List.of(
                "",
                ".",
                "..",
                "...",
                "a.b",
                "a.b.c",
                "a.b.c.d",
                "a.b.c.d.e",
                " . . ",
                "\u00e9.\u00e9.\u00e9",
                Tokens.encode(deep) + ".e30.AA",
                Tokens.encode("{\"alg\":\"RS512\"") + ".e30.AA",
                Tokens.encode("{\"alg\":5}") + ".e30.AA",
                Tokens.encode("{\"alg\":null}") + ".e30.AA",
                Tokens.encode("{\"alg\":[\"RS512\"]}") + ".e30.AA",
                Tokens.encode("[]") + ".e30.AA",
                Tokens.encode("{}") + ".e30.AA",
                Tokens.encode("null") + ".e30.AA",
                Tokens.encode("{\"alg\":\"RS512\",\"crit\":[\"x\"]}") + ".e30.AA",
                Tokens.encode("{\"alg\":\"RS512\",\"kid\":{}}") + ".e30.AA",
                Tokens.encode("{\"alg\":\"RS512\",\"alg\":\"none\"}") + ".e30.AA")) {
            assertThat(refusal(verifier.verify(text, KEYS, NOW)).reason())
                    .as(text)
                    .isEqualTo(Reason.INVALID);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"text\"", "5", "{", "", "null", "{\"exp\":1,\"exp\":2}"})
    void verify_ofASignedPayloadThatIsNoClaims_isInvalid(String payload) {
        assertThat(refusal(verifier.verify(signText(payload), KEYS, NOW)).reason())
                .isEqualTo(Reason.INVALID);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void verify_ofMutations_takesNone(long seed) {
        Random random = new Random(seed);
        String rsa = Tokens.rs512(claims());
        String shared = Tokens.hs256(claims(), Tokens.SECRET.getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 10_000; i++) {
            String original = random.nextInt(4) == 0 ? rsa : shared;
            String mutated = Tokens.mutate(original, random);
            if (!mutated.equals(original)) {
                assertThat(verifier.verify(mutated, LMS_KEY, NOW))
                        .as("seed " + seed + ": " + mutated)
                        .isNotInstanceOf(Verification.Genuine.class);
            }
        }
        assertThat(caller(verifier.verify(rsa, LMS_KEY, NOW))).isNotNull();
        assertThat(caller(verifier.verify(shared, LMS_KEY, NOW))).isNotNull();
    }

    private String signText(String payload) {
        return Tokens.hs256(payload, Tokens.SECRET.getBytes(StandardCharsets.UTF_8));
    }

    private Verification verify(JsonObject claims) {
        return verifier.verify(Tokens.rs512(claims), KEYS, NOW);
    }

    private void assertInvalid(String token) {
        assertThat(refusal(verifier.verify(token, LMS_KEY, NOW)).reason())
                .as(token)
                .isEqualTo(Reason.INVALID);
    }

    private static Caller caller(Verification found) {
        assertThat(found).isInstanceOf(Verification.Genuine.class);
        return ((Verification.Genuine) found).caller();
    }

    private static Refusal refusal(Verification found) {
        assertThat(found).isInstanceOf(Verification.Refused.class);
        return ((Verification.Refused) found).refusal();
    }
}
