package dev.writebehind.config;

import java.util.Optional;

/** The levels of acknowledgement: what has happened to a write when its request is answered, weakest first. */
public enum Acknowledgement {
    /** It is in the buffer. */
    MEMORY("memory"),
    /** It is in the journal, on disk. */
    JOURNAL("journal"),
    /** Its row is committed. */
    DATABASE("database");

    private static final Acknowledgement[] LEVELS = values();

    private final String label;

    Acknowledgement(String label) {
        this.label = label;
    }

    /** Returns the level of that lower-case name. */
    public static Optional<Acknowledgement> named(String name) {
        for (Acknowledgement level : LEVELS) {
            if (level.label.equals(name)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }

    /** Returns the name used in the configuration and the API. */
    public String label() {
        return label;
    }
}
