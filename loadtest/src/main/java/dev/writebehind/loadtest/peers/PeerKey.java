package dev.writebehind.loadtest.peers;

import java.io.Serializable;

/** The key of a row as a peer keeps it; immutable. */
public record PeerKey(int user, String course, String block) implements Serializable {}
