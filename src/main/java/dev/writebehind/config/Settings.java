package dev.writebehind.config;

import static java.util.Objects.requireNonNull;

/** Every setting in force, validated; immutable. Names, defaults and advice stand in {@code conf/writebehind.yaml}. */
public record Settings(
        HttpSettings http,
        ManagementSettings management,
        DatabaseSettings database,
        AuthSettings auth,
        IngestSettings ingest,
        JournalSettings journal,
        BufferSettings buffer,
        FlushSettings flush,
        OpenedxSettings openedx,
        ShutdownSettings shutdown,
        LogSettings log) {
    public Settings {
        requireNonNull(http, "http");
        requireNonNull(management, "management");
        requireNonNull(database, "database");
        requireNonNull(auth, "auth");
        requireNonNull(ingest, "ingest");
        requireNonNull(journal, "journal");
        requireNonNull(buffer, "buffer");
        requireNonNull(flush, "flush");
        requireNonNull(openedx, "openedx");
        requireNonNull(shutdown, "shutdown");
        requireNonNull(log, "log");
        if (openedx.enabled() && auth.mode() != AuthSettings.Mode.JWT) {
            throw new InvalidSettingException(
                    "openedx.enabled",
                    "is true, but that endpoint takes learners by the LMS's tokens alone: set auth.mode: jwt");
        }
        if (openedx.opaqueTokens() && !openedx.enabled()) {
            throw new InvalidSettingException(
                    "openedx.opaque-tokens",
                    "is true, but these tokens need the LMS's tables: set openedx.enabled: true");
        }
        if (auth.mode() == AuthSettings.Mode.NONE && !auth.allowUnauthenticated() && !Loopback.is(http.host())) {
            throw new InvalidSettingException(
                    "http.host",
                    "is " + http.host() + ", but with auth.mode: none anyone who reaches it could write for anyone;"
                            + " bind a loopback address, or set auth.allow-unauthenticated: true if a proxy checks the"
                            + " callers");
        }
    }
}
