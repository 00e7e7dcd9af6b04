package dev.writebehind.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What has happened to a write when its request is answered, weakest first. */
public enum Acknowledgement {
    /** It is in the buffer. */
    MEMORY,
    /** It is in the journal, on disk. */
    JOURNAL,
    /** Its row is committed. */
    DATABASE;

    /** Returns the level of that lower-case name. */
    public static Optional<Acknowledgement> named(String name) {
        return Arrays.stream(values())
                .filter(level -> level.label().equals(name))
                .findFirst();
    }

    /** Returns the name used in the configuration and the API. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
