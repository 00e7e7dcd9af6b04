package dev.writebehind.journal;

/** Whether the journal makes appends durable. */
public sealed interface JournalState {
    /** It does. */
    record Healthy() implements JournalState {}

    /**
     * The disk takes nothing for the time being (no space, no names, quota used up, read-only): nothing is acknowledged
     * until it does, which is looked for every second.
     */
    record Full(String reason) implements JournalState {}

    /**
     * Another directory stands under the journal's name, since its volume was detached: nothing is acknowledged until
     * the one that was opened is back, which is looked for every second.
     */
    record Away(String reason) implements JournalState {}

    /** A write or sync failed: nothing is acknowledged until the service is started anew. The files are left alone. */
    record Failed(String reason) implements JournalState {}

    /** Returns what to tell callers and operators. */
    default String explanation() {
        if (this instanceof Full full) {
            return full.reason().contains("Read-only")
                    ? "the journal's disk is read-only: " + full.reason()
                    : "the journal's disk is full: " + full.reason();
        }
        if (this instanceof Away away) {
            return "the journal's volume is away: " + away.reason();
        }
        if (this instanceof Failed failed) {
            return "the journal failed and stays so until a restart: " + failed.reason();
        }
        return "ok";
    }

    /** Whether appends are not made durable, but may be by and by without a restart. */
    default boolean mayPass() {
        return this instanceof Full || this instanceof Away;
    }

    /** Whether appends are made durable. */
    default boolean isHealthy() {
        return this instanceof Healthy;
    }
}
