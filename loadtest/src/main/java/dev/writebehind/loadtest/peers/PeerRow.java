package dev.writebehind.loadtest.peers;

/** A row on its way to the table; immutable. */
public record PeerRow(int user, String course, String block, double completion, long receivedMillis) {
    /** Returns the row of an entry. */
    public static PeerRow of(PeerKey key, PeerValue value) {
        return new PeerRow(key.user(), key.course(), key.block(), value.completion(), value.receivedMillis());
    }
}
