package dev.writebehind.config;

/**
 * Who may call.
 *
 * @param allowUnauthenticated whether {@code mode: none} may bind an address that is not loopback
 */
public record AuthSettings(Mode mode, boolean allowUnauthenticated) {
    public AuthSettings {
        Require.present("auth.mode", mode);
    }

    /** How callers prove who they are. */
    public enum Mode {
        /** Not at all: whoever reaches the port may write for anyone. */
        NONE
    }
}
