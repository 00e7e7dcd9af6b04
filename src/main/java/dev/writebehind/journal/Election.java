package dev.writebehind.journal;

import java.time.Duration;

/**
 * The choice of the one instance of several that flushes: at most one thinks so for long, two may for a moment. Safe
 * for any thread.
 */
public interface Election {
    /** Stands for election, once; the candidate is called on a thread of the election, in turn. */
    void begin(Candidate candidate);

    /** Leaves it to another for that long, then stands again. Of no effect where this one is not elected. */
    void stepDown(Duration rest);

    /** An instance that stands for election. */
    interface Candidate {
        /** Takes note that it is this one, until {@link #dismissed}. Does not block. */
        void elected();

        /** Takes note that it is this one no more. Does not block. */
        void dismissed();
    }
}
