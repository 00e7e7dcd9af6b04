package dev.writebehind.journal;

/**
 * How many machines keep a shared log, and how many of them have all of it; immutable.
 *
 * @param inSync those that have all, so that any of them may become the one that leads
 * @param replicas those that are to have it; 0: it is not known
 */
public record Replication(int inSync, int replicas) {
    public static final Replication UNKNOWN = new Replication(0, 0);

    /** Whether anything is known. */
    public boolean isKnown() {
        return replicas > 0;
    }

    /** Whether some lack a part, or all: as far as is known. */
    public boolean lacksSome() {
        return inSync < replicas;
    }
}
