package dev.writebehind.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.config.JwtSettings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jose4j.keys.HmacKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The published vectors of Project Wycheproof for signatures, keys and encryption of JSON web tokens: whatever is
 * invalid is refused, and of what is valid that alone is taken which this service understands. Their payloads are no
 * claims, so a token whose signature was believed is told by a refusal for its claims.
 *
 * @see <a href="https://github.com/C2SP/wycheproof">C2SP/wycheproof, testvectors_v1, dac1dd4; Apache License 2.0</a>
 */
class WycheproofTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final JwtSettings SETTINGS = new JwtSettings("jwks", null, null, null, List.of());
    private static final Verification BELIEVED =
            new Verification.Refused(Refusal.invalid("the token's claims are wrong"));

    private static final List<String> RSA = List.of("RS256", "RS512");
    private static final List<String> SHARED = List.of("HS256");

    /** By their comments: valid, and refused here for a reason. */
    private static final Map<String, String> REFUSED = Map.of(
            "emptyPayload", "claims are at least {}",
            "InvalidCharacterInsertedInHeader", "one token has one text",
            "InvalidCharacterInsertedInPayload", "one token has one text");

    /** By their comments: invalid, and believed here for a reason. */
    private static final Map<String, String> BELIEVED_ALL_THE_SAME = Map.of(
            "key_too_short", "the LMS's secret has fewer characters than RFC 7518, 3.2 asks for on many sites",
            "rejectsAesKey", "the shared secret is text, which has no purpose written on it",
            "rejectsKeyWithRocaVulnerability", "how the LMS made its own key is not looked into",
            "invalidBase64Padding", "the published text is the valid one, padding is lost",
            "invalidBase64PaddingInPayload", "the published text is the valid one, padding is lost");

    /** One of a file's tests; its group's keys as a set, or as the shared secret. */
    private record Vector(
            int id,
            String comment,
            String token,
            boolean isValid,
            String keys,
            @Nullable Key secret) {
        boolean isBelieved() {
            SigningKeys known = secret == null ? publicKeys(keys) : SigningKeys.NONE;
            return new JwtVerifier(SETTINGS, secret).verify(token, known, NOW).equals(BELIEVED);
        }

        boolean isToBeBelieved() {
            boolean isRight = isValid ? !REFUSED.containsKey(comment) : BELIEVED_ALL_THE_SAME.containsKey(comment);
            return isRight && (secret == null ? RSA : SHARED).contains(algorithm(token));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "json_web_signature_test, 401, 20",
        "json_web_key_test, 26, 6",
        "json_web_encryption_test, 139, 0",
        "json_web_crypto_test, 83, 3"
    })
    void verify_ofPublishedVectors_believesTheValidOnesOfItsAlgorithmsAlone(String file, int tests, int believed) {
        List<Vector> vectors = vectors(file);

        assertThat(vectors).hasSize(tests);
        assertThat(vectors.stream().filter(Vector::isBelieved).map(Vector::id))
                .containsExactlyElementsOf(vectors.stream()
                        .filter(Vector::isToBeBelieved)
                        .map(Vector::id)
                        .toList())
                .hasSize(believed);
    }

    private static String algorithm(String token) {
        String header = token.substring(0, token.indexOf('.'));
        return new JsonObject(new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8))
                .getString("alg");
    }

    /** As the service reads them: a set without any fit key is no reason to believe anything. */
    private static SigningKeys publicKeys(String keys) {
        try {
            return SigningKeys.parse(keys);
        } catch (IllegalArgumentException e) {
            return SigningKeys.NONE;
        }
    }

    private static List<Vector> vectors(String file) {
        List<Vector> vectors = new ArrayList<>();
        for (Object each : read(file).getJsonArray("testGroups")) {
            JsonObject group = (JsonObject) each;
            JsonArray keys = keys(group);
            for (Object test : group.getJsonArray("tests")) {
                vectors.add(vector((JsonObject) test, keys));
            }
        }
        return vectors;
    }

    private static Vector vector(JsonObject test, JsonArray keys) {
        return new Vector(
                test.getInteger("tcId"),
                test.getString("comment"),
                test.getString("jws", test.getString("jwe", "")),
                test.getString("result").equals("valid"),
                new JsonObject().put("keys", keys).encode(),
                secret(keys));
    }

    private static JsonArray keys(JsonObject group) {
        JsonObject key = group.getJsonObject("public", group.getJsonObject("private"));
        return key.containsKey("keys") ? key.getJsonArray("keys") : new JsonArray().add(key);
    }

    /** The service is given one secret at most, which is not empty, apart from the key set. */
    private static @Nullable Key secret(JsonArray keys) {
        String secret = keys.getJsonObject(0).getString("k", "");
        return keys.size() > 1 || secret.isEmpty()
                ? null
                : new HmacKey(Base64.getUrlDecoder().decode(secret));
    }

    private static JsonObject read(String file) {
        try (InputStream in = WycheproofTest.class.getResourceAsStream("/wycheproof/" + file + ".json")) {
            return new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
