package dev.writebehind.journal.kafka;

/**
 * The versions of messages that a release reads, the first up to one, and the one that it writes; immutable. A release
 * writes no version that the release before does not read: so instances of both understand each other while they are
 * upgraded one after the other, and the way back is open. A new version, which a new kind of message and whatever else
 * an older release would misread is, therefore takes two releases: one that reads it, and a later one that writes it.
 * {@code MessageVersionsTest} holds both to the table of releases in {@code docs/scale-out.md}.
 */
record MessageVersions(int read, int written) {
    /** The first that there was, which is read for ever. */
    static final int FIRST = 1;

    /** Those of this release. */
    static final MessageVersions PRESENT = new MessageVersions(1, 1);

    /** A version has one byte. */
    private static final int LAST = 255;

    MessageVersions {
        if (written < FIRST || written > read || read > LAST) {
            throw new IllegalArgumentException(
                    "messages of version " + written + " can't be written by what reads " + FIRST + " to " + read);
        }
    }
}
