package dev.writebehind.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The authentication of callers.
 *
 * @param allowUnauthenticated whether {@code mode: none} may bind an address that is not loopback
 * @param tokens what servers show in {@code Authorization: Bearer}
 * @param tokensFile more of them, one a line; null: there is no such file
 * @param jwt what is asked of JWTs
 */
public record AuthSettings(
        Mode mode,
        boolean allowUnauthenticated,
        List<Secret> tokens,
        @Nullable Path tokensFile,
        JwtSettings jwt) {
    private static final int MIN_TOKEN_CHARACTERS = 16;
    private static final int MAX_TOKEN_CHARACTERS = 1024;

    public AuthSettings {
        Require.present("auth.mode", mode);
        tokens = tokens("auth.tokens", tokens);
        if (mode == Mode.TOKEN && tokens.isEmpty() && tokensFile == null) {
            throw new InvalidSettingException(
                    "auth.tokens",
                    "is empty, but auth.mode: token needs a token: make one with `openssl rand -hex 32` and set "
                            + ConfigFile.variable("auth.tokens") + ", or name a file in auth.tokens-file");
        }
        if (mode == Mode.JWT && jwt.jwks() == null && jwt.secret() == null) {
            throw new InvalidSettingException(
                    "auth.jwt.jwks",
                    "is not set, but auth.mode: jwt needs a key: give the LMS's public key set as a file or URL,"
                            + " or, where it signs with HS256, its secret in auth.jwt.secret");
        }
    }

    /** The ways in which callers prove who they are. */
    public enum Mode {
        /** Not at all: whoever reaches the port may write for anyone. */
        NONE,
        /** Servers, by a token. */
        TOKEN,
        /** Learners and staff, by the LMS's JWT; servers, by a token if there are any. */
        JWT
    }

    /** Returns the list, or throws where one of them can't be a token. */
    static List<Secret> tokens(String path, @Nullable List<Secret> tokens) {
        List<Secret> present = Require.list(path, tokens);
        for (Secret token : present) {
            String fault = faultOfToken(token.value());
            if (fault != null) {
                throw new InvalidSettingException(path, "holds a token that " + fault);
            }
        }
        return present;
    }

    /** Returns what makes a text unfit for a token, completing "a token that"; null: nothing. */
    public static @Nullable String faultOfToken(String token) {
        if (token.length() < MIN_TOKEN_CHARACTERS || token.length() > MAX_TOKEN_CHARACTERS) {
            return "has " + token.length() + " characters; it takes " + MIN_TOKEN_CHARACTERS + " to "
                    + MAX_TOKEN_CHARACTERS;
        }
        boolean sendable = token.chars().allMatch(c -> c > ' ' && c < 0x7f);
        return sendable ? null : "holds spaces or other characters that can't be sent in a header";
    }
}
