package dev.writebehind.testing;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;

/** Makes JWTs as the LMS does, and as it never would; stateless. */
public final class Tokens {
    public static final String ISSUER = "https://lms.example/oauth2";
    public static final String AUDIENCE = "openedx";
    /** As long as the one that Tutor makes. */
    public static final String SECRET = "a-secret-of-24-characters".substring(0, 24);

    /** The LMS's. */
    public static final KeyPair LMS = keyPair(2048);
    /** Anybody else's. */
    public static final KeyPair OTHER = keyPair(2048);

    /** What parts of a token are written in, and then what lenient readers overlook. */
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. !\t";

    private Tokens() {}

    public static KeyPair keyPair(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the public set of those keys, without names. */
    public static String jwks(KeyPair... pairs) {
        JsonWebKeySet set = new JsonWebKeySet();
        for (KeyPair pair : pairs) {
            set.addJsonWebKey(new RsaJsonWebKey((RSAPublicKey) pair.getPublic()));
        }
        return set.toJson(OutputControlLevel.PUBLIC_ONLY);
    }

    /** Returns the settings by which a service serves the LMS's endpoint for its JWTs, and those besides. */
    public static String[] openedx(String... besides) {
        Path keys = TemporaryDirectory.create("tokens").resolve("jwks.json");
        try {
            Files.writeString(keys, jwks(LMS));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> settings = new ArrayList<>(List.of(
                "auth.mode=jwt",
                "auth.jwt.jwks=" + keys,
                "auth.jwt.issuer=" + ISSUER,
                "auth.jwt.audience=" + AUDIENCE,
                "openedx.enabled=true"));
        settings.addAll(List.of(besides));
        return settings.toArray(String[]::new);
    }

    /** Returns the claims of a learner's token, made at that time, good for an hour. */
    public static JsonObject claims(String username, Instant now) {
        return new JsonObject()
                .put("aud", AUDIENCE)
                .put("iss", ISSUER)
                .put("iat", now.getEpochSecond())
                .put("exp", now.getEpochSecond() + 3600)
                .put("preferred_username", username)
                .put("administrator", false)
                .put("is_restricted", false)
                .put("scopes", "user_id");
    }

    public static String rs512(JsonObject claims) {
        return sign(claims, AlgorithmIdentifiers.RSA_USING_SHA512, LMS, null);
    }

    /** Signs with a private key. */
    public static String sign(JsonObject claims, String algorithm, KeyPair pair, String keyId) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setKey(pair.getPrivate());
        signature.setAlgorithmHeaderValue(algorithm);
        if (keyId != null) {
            signature.setKeyIdHeaderValue(keyId);
        }
        return compact(signature, claims.encode());
    }

    /** Signs with a shared secret, however short. */
    public static String hs256(JsonObject claims, byte[] secret) {
        return hs256(claims.encode(), secret);
    }

    /** Signs any text with a shared secret. */
    public static String hs256(String payload, byte[] secret) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setKey(new HmacKey(secret));
        signature.setDoKeyValidation(false);
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        return compact(signature, payload);
    }

    private static String compact(JsonWebSignature signature, String payload) {
        signature.setHeader("typ", "JWT");
        signature.setPayload(payload);
        try {
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns a token with some of its characters changed, lost, added, moved or doubled. */
    public static String mutate(String token, Random random) {
        StringBuilder text = new StringBuilder(token);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            // The ends of the parts are where encodings have slack.
            int dot = token.indexOf('.', random.nextInt(token.lastIndexOf('.')));
            int at = switch (random.nextInt(4)) {
                case 0 -> text.length() - 1;
                case 1 -> Math.max(0, Math.min(text.length() - 1, dot + random.nextInt(5) - 2));
                default -> random.nextInt(text.length());
            };
            switch (random.nextInt(6)) {
                case 0 -> text.setCharAt(at, ALPHABET.charAt(random.nextInt(64)));
                case 1 -> text.setCharAt(at, (char) (1 + random.nextInt(255)));
                case 2 -> text.deleteCharAt(at);
                case 3 -> text.insert(at, ALPHABET.charAt(random.nextInt(ALPHABET.length())));
                case 4 -> text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
                default -> text.insert(at, token, dot, Math.min(token.length(), dot + 1 + random.nextInt(30)));
            }
        }
        return text.toString();
    }

    /** Returns a part of a token. */
    public static String encode(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
