package dev.writebehind.loadtest.raw;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The writes that a client sends, by number, and what it was told of each. Not for concurrent use. */
interface Writes {
    /** Returns how many there are. */
    int size();

    /** Returns the number of a connection's first write; the next connection's is where it ends. */
    int first(int connection, int connections);

    /** Returns the length of a write, in bytes. */
    int length(int write);

    /** Returns the greatest length. */
    int longest();

    /** Appends a write, as JSON. */
    void send(int write, ByteBuffer out);

    /** Notes whether a write that was sent is acknowledged. */
    void answered(int write, boolean isAcknowledged);

    /** Writes what the table must hold, in the form of the scenarios' outcomes. */
    void writeOutcomes(Path file) throws IOException;
}
