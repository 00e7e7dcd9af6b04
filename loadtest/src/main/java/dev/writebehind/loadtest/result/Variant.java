package dev.writebehind.loadtest.result;

import java.util.Locale;

/** The variants of a run, by who takes the writes. */
public enum Variant {
    BEFORE_KEY("before, with the key", "direct writes, the table with its foreign key to the user table"),
    BEFORE_DROPPED("before, key dropped", "direct writes, the foreign key dropped"),
    AFTER_MEMORY("after, ack=memory", "the service, answered once in the buffer"),
    AFTER_JOURNAL("after, ack=journal", "the service, answered once on disk: its default"),
    AFTER_DATABASE("after, ack=database", "the service, answered once committed"),
    BARE_HTTP("bare HTTP", "the same HTTP stack, bodies decoded, nothing kept: the ceiling of the HTTP side");

    private final String title;
    private final String explanation;

    Variant(String title, String explanation) {
        this.title = title;
        this.explanation = explanation;
    }

    public String title() {
        return title;
    }

    public String explanation() {
        return explanation;
    }

    /** Whether it is the service. */
    public boolean isAfter() {
        return name().startsWith("AFTER");
    }

    /** Whether it writes directly. */
    public boolean isBefore() {
        return name().startsWith("BEFORE");
    }

    /** Returns the name as on the command line. */
    public String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
