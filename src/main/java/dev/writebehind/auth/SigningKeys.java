package dev.writebehind.auth;

import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.KeyOperations;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.Use;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** The RSA keys of a JWK set that may have signed a token; immutable. */
final class SigningKeys {
    static final Set<String> ALGORITHMS =
            Set.of(AlgorithmIdentifiers.RSA_USING_SHA256, AlgorithmIdentifiers.RSA_USING_SHA512);
    static final SigningKeys NONE = new SigningKeys("", List.of());

    /** Each one is tried with a token that names none: their number bounds the work for a forged one. */
    private static final int MAX_KEYS = 20;

    private static final int MIN_BITS = 2048;

    private final String text;
    private final List<RsaJsonWebKey> keys;

    private SigningKeys(String text, List<RsaJsonWebKey> keys) {
        this.text = text;
        this.keys = keys;
    }

    /** Reads a JWK set, or throws {@link IllegalArgumentException} that completes "the key set". */
    static SigningKeys parse(String text) {
        List<RsaJsonWebKey> fit = new ArrayList<>();
        for (JsonWebKey key : read(text)) {
            if (key instanceof RsaJsonWebKey rsa && isForSignatures(rsa)) {
                fit.add(rsa);
            }
        }
        if (fit.isEmpty()) {
            throw new IllegalArgumentException(
                    "holds no RSA key of " + MIN_BITS + " bits or more for RS256 or RS512 signatures");
        }
        if (fit.size() > MAX_KEYS) {
            throw new IllegalArgumentException("holds " + fit.size() + " keys, more than " + MAX_KEYS);
        }
        return new SigningKeys(text, List.copyOf(fit));
    }

    private static List<JsonWebKey> read(String text) {
        try {
            return new JsonWebKeySet(text).getJsonWebKeys();
        } catch (JoseException | RuntimeException e) {
            throw new IllegalArgumentException("is not a JWK set of the form {\"keys\":[…]}", e);
        }
    }

    /** A member that is there must allow it, each of them (RFC 7517, 4.2 to 4.4). */
    private static boolean isForSignatures(RsaJsonWebKey key) {
        return (key.getUse() == null || key.getUse().equals(Use.SIGNATURE))
                && (key.getKeyOps() == null || key.getKeyOps().contains(KeyOperations.VERIFY))
                && (key.getAlgorithm() == null || ALGORITHMS.contains(key.getAlgorithm()))
                && key.getRsaPublicKey().getModulus().bitLength() >= MIN_BITS;
    }

    boolean isFrom(String otherText) {
        return text.equals(otherText);
    }

    int size() {
        return keys.size();
    }

    /**
     * Returns the keys to try for signatures of that algorithm, the one of that name first: it is a hint of the
     * sender's and decides nothing. A key that names an algorithm is for that one alone.
     */
    List<PublicKey> candidates(@Nullable String keyId, String algorithm) {
        List<PublicKey> candidates = new ArrayList<>(keys.size());
        for (RsaJsonWebKey key : keys) {
            if (key.getAlgorithm() != null && !key.getAlgorithm().equals(algorithm)) {
                continue;
            }
            boolean named = keyId != null && keyId.equals(key.getKeyId());
            candidates.add(named ? 0 : candidates.size(), key.getRsaPublicKey());
        }
        return candidates;
    }
}
