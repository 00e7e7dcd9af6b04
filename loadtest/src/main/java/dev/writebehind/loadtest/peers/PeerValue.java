package dev.writebehind.loadtest.peers;

import java.io.Serializable;

/** The value of a row as a peer keeps it; immutable. */
public record PeerValue(double completion, long receivedMillis) implements Serializable {}
