package dev.writebehind.http;

/** The parser of the lines that tell a chunk's size, by the letter of RFC 9112. Not for concurrent use. */
final class ChunkLine {
    private static final int MAX_DIGITS = 16;
    /** For all extensions of a request together: they are of no use, and the body's bound does not count them. */
    private static final int MAX_EXTENSION_BYTES = 16 * 1024;

    private static final Faults FAULTS = new Faults("a chunk's size is");

    private State state = State.SIZE;
    private long size;
    private int digits;
    private int extensions;

    private enum State {
        SIZE,
        NAME_START,
        NAME,
        VALUE_START,
        VALUE,
        QUOTED,
        ESCAPED,
        QUOTED_END,
        LINE_FEED,
        DONE
    }

    /** Begins with the first chunk of a request. */
    void beginBody() {
        extensions = 0;
        begin();
    }

    /** Begins with the next chunk. */
    void begin() {
        state = State.SIZE;
        size = 0;
        digits = 0;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /** Returns the size that the line tells. */
    long size() {
        return size;
    }

    /** Reads on and returns where it stopped: at the end of the bytes or of the line. */
    int scan(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && state != State.DONE) {
            step(bytes[at++]);
        }
        return at;
    }

    private void step(byte octet) {
        if (state != State.SIZE && ++extensions > MAX_EXTENSION_BYTES) {
            throw FAULTS.of("the extensions are longer than " + MAX_EXTENSION_BYTES + " bytes");
        }
        state = switch (state) {
            case SIZE -> size(octet);
            case NAME_START -> extension(Octets.is(Octets.TOKEN, octet), State.NAME);
            case NAME -> octet == '=' ? State.VALUE_START : tokenOrEnd(octet, State.NAME);
            case VALUE_START -> octet == '"' ? State.QUOTED : extension(Octets.is(Octets.TOKEN, octet), State.VALUE);
            case VALUE -> tokenOrEnd(octet, State.VALUE);
            case QUOTED ->
                octet == '"'
                        ? State.QUOTED_END
                        : octet == '\\' ? State.ESCAPED : extension(Octets.is(Octets.QUOTED, octet), State.QUOTED);
            case ESCAPED -> extension(Octets.is(Octets.VALUE, octet) && octet > 0, State.QUOTED);
            case QUOTED_END -> end(octet);
            case LINE_FEED -> {
                FAULTS.require(octet == '\n', "behind the carriage return is ", octet);
                yield State.DONE;
            }
            case DONE -> throw new IllegalStateException("the line is done");
        };
    }

    private State size(byte octet) {
        int digit = Octets.hex(octet);
        if (digit < 0) {
            FAULTS.require(digits > 0, "it begins with ", octet);
            return end(octet);
        }
        size = size * 16 + digit;
        FAULTS.require(++digits <= MAX_DIGITS && size <= Integer.MAX_VALUE, "it is too large");
        return State.SIZE;
    }

    private static State tokenOrEnd(byte octet, State going) {
        return Octets.is(Octets.TOKEN, octet) ? going : end(octet);
    }

    private static State end(byte octet) {
        FAULTS.require(octet == ';' || octet == '\r', "within or behind it is ", octet);
        return octet == ';' ? State.NAME_START : State.LINE_FEED;
    }

    private static State extension(boolean right, State next) {
        FAULTS.require(right, "its extension is neither a name nor a name with a value");
        return next;
    }
}
