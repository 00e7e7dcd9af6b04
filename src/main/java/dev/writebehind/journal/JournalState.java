package dev.writebehind.journal;

/** A journal's ability to make appends durable, at one moment; immutable. */
public sealed interface JournalState {
    /** The state in which appends are made durable. */
    record Healthy() implements JournalState {
        @Override
        public String explanation() {
            return "ok";
        }
    }

    /**
     * The state in which nothing is acknowledged for the time being; the journal looks by itself whether that is over.
     *
     * @param explanation why: a sentence without its full stop
     */
    record Interrupted(String explanation) implements JournalState {}

    /**
     * The state in which nothing is acknowledged until the service is started anew; what was appended before is left
     * alone.
     *
     * @param explanation why: a sentence without its full stop
     */
    record Failed(String explanation) implements JournalState {}

    /** Returns what to tell callers and operators. */
    String explanation();

    /** Whether appends are not made durable, but may be by and by without a restart. */
    default boolean mayPass() {
        return this instanceof Interrupted;
    }

    /** Whether appends are made durable. */
    default boolean isHealthy() {
        return this instanceof Healthy;
    }
}
