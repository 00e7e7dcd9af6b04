package dev.writebehind.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Django's CSRF token: a secret of 32 letters and digits, which it shows either plain or, against BREACH, behind a mask
 * of the same length; stateless.
 */
final class CsrfToken {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static final int SECRET_LENGTH = 32;

    private CsrfToken() {}

    /** Returns what makes a text unfit for a token, in Django's words; null: nothing. */
    static @Nullable String fault(String token) {
        if (token.length() != SECRET_LENGTH && token.length() != 2 * SECRET_LENGTH) {
            return "has incorrect length";
        }
        return token.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0) ? null : "has invalid characters";
    }

    /** Whether two tokens without fault hold the same secret, in constant time. */
    static boolean match(String one, String other) {
        return MessageDigest.isEqual(
                secret(one).getBytes(StandardCharsets.US_ASCII), secret(other).getBytes(StandardCharsets.US_ASCII));
    }

    /** Returns the secret in a token without fault. */
    static String secret(String token) {
        if (token.length() == SECRET_LENGTH) {
            return token;
        }
        StringBuilder secret = new StringBuilder(SECRET_LENGTH);
        for (int i = 0; i < SECRET_LENGTH; i++) {
            int mask = ALPHABET.indexOf(token.charAt(i));
            int masked = ALPHABET.indexOf(token.charAt(SECRET_LENGTH + i));
            secret.append(ALPHABET.charAt(Math.floorMod(masked - mask, ALPHABET.length())));
        }
        return secret.toString();
    }
}
