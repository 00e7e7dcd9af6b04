package dev.writebehind.config;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requirements on JWTs.
 *
 * @param jwks file or http(s) URL of the public key set; null: no RS256 nor RS512
 * @param secret the shared secret of HS256; null: no HS256
 * @param issuer the {@code iss} they must have; null: any
 * @param audience the {@code aud} they must have; null: any
 * @param trustedOrigins other sites whose pages may send the cookies, as Django's {@code CSRF_TRUSTED_ORIGINS}
 */
public record JwtSettings(
        @Nullable String jwks,
        @Nullable Secret secret,
        @Nullable String issuer,
        @Nullable String audience,
        List<String> trustedOrigins) {
    private static final int MIN_SECRET_CHARACTERS = 16;
    private static final String ORIGIN = "https?://(\\*\\.)?[A-Za-z0-9.-]+(:\\d{1,5})?";

    public JwtSettings {
        trustedOrigins = Require.list("auth.jwt.trusted-origins", trustedOrigins);
        for (String origin : trustedOrigins) {
            if (!origin.matches(ORIGIN)) {
                throw new InvalidSettingException(
                        "auth.jwt.trusted-origins",
                        "holds \"" + origin + "\"; write origins as https://apps.example.org or https://*.example.org");
            }
        }
        if (secret != null && secret.value().length() < MIN_SECRET_CHARACTERS) {
            throw new InvalidSettingException(
                    "auth.jwt.secret", "has fewer than " + MIN_SECRET_CHARACTERS + " characters and could be guessed");
        }
        if (jwks != null && isUrl(jwks)) {
            requireHost(jwks);
        }
    }

    /** Returns whether the key set is fetched over HTTP, rather than read from a file. */
    public boolean isUrl() {
        return jwks != null && isUrl(jwks);
    }

    private static boolean isUrl(String jwks) {
        return jwks.regionMatches(true, 0, "http://", 0, 7) || jwks.regionMatches(true, 0, "https://", 0, 8);
    }

    private static void requireHost(String url) {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null && uri.getRawUserInfo() == null) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new InvalidSettingException("auth.jwt.jwks", "is not a URL of the form https://host/path");
    }
}
