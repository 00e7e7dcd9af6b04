package dev.writebehind.loadtest.peers;

/** A write-behind engine in this process, in front of one table. Writers may call it from several threads. */
public interface Engine {
    /**
     * Takes a write; returns once it is accepted, or on its way to be.
     *
     * @param course a text of its own, as if it came with a request; as the block's
     */
    void put(int user, String course, String block, double completion) throws Exception;

    /** Returns once everything that was put is accepted. To be called by each writer, after its last write. */
    void accepted() throws Exception;

    /** Brings everything into the table now, and returns when it is there. */
    void drain() throws Exception;

    /** Returns the rows that were sent to the database. */
    long rowsSent();

    /** Returns the statements that were sent for them, transactions' beginnings and ends left out. */
    long statements();

    /** Ends it. */
    void close() throws Exception;
}
