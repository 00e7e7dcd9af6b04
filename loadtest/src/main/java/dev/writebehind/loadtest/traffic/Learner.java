package dev.writebehind.loadtest.traffic;

/** The requests of one learner, without an end. Not for concurrent use. */
public interface Learner {
    /** Returns the next request; each is due after the one before. */
    Request next();
}
