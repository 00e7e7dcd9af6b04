package dev.writebehind.http;

/** The parser of header and trailer sections, byte by byte, by the letter of RFC 9112. Not for concurrent use. */
final class FieldSection {
    private static final Faults FAULTS = new Faults("the headers are");

    private final int longest;
    private final SingleFields fields = new SingleFields();
    private State state = State.LINE_START;
    private int length;

    private enum State {
        LINE_START,
        NAME,
        VALUE,
        LINE_FEED,
        LAST_LINE_FEED,
        DONE
    }

    FieldSection(int longest) {
        this.longest = longest;
    }

    /** Begins with the headers of another request. */
    void beginHeaders() {
        fields.begin();
        length = 0;
        state = State.LINE_START;
    }

    /** Begins with the trailers of the same request, whose length counts together with that of the headers. */
    void beginTrailers() {
        fields.beginTrailers();
        state = State.LINE_START;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    SingleFields fields() {
        return fields;
    }

    /** Reads on and returns where it stopped: at the end of the bytes or of the section. */
    int scan(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && state != State.DONE) {
            if (state == State.VALUE && !fields.isRead()) {
                at = Octets.end(Octets.VALUE, bytes, at, to);
                if (at + 1 < to && bytes[at] == '\r' && bytes[at + 1] == '\n') {
                    at += 2;
                    fields.endValue();
                    state = State.LINE_START;
                    continue;
                }
            } else if (state == State.NAME) {
                int start = at;
                at = Octets.end(Octets.TOKEN, bytes, at, to);
                fields.name(bytes, start, at);
            }
            if (at < to) {
                step(bytes[at++]);
            }
        }
        length += at - from;
        if (length > longest) {
            throw new MalformedRequestException(new Malformed(
                    431, "Request header fields too large", "the headers are longer than " + longest + " bytes"));
        }
        return at;
    }

    private void step(byte octet) {
        switch (state) {
            case LINE_START -> {
                if (octet == '\r') {
                    state = State.LAST_LINE_FEED;
                } else if (Octets.is(Octets.TOKEN, octet)) {
                    fields.beginName(octet);
                    state = State.NAME;
                } else {
                    throw FAULTS.of(
                            octet == ' ' || octet == '\t'
                                    ? "one is continued on a second line"
                                    : "a name begins with " + Octets.shown(octet));
                }
            }
            case NAME -> {
                FAULTS.require(octet == ':', "within or behind a name is ", octet);
                fields.endName();
                state = State.VALUE;
            }
            case VALUE -> value(octet);
            case LINE_FEED -> {
                FAULTS.require(octet == '\n', "within a value is a carriage return");
                state = State.LINE_START;
            }
            case LAST_LINE_FEED -> {
                FAULTS.require(octet == '\n', "behind the last carriage return is ", octet);
                state = State.DONE;
            }
            case DONE -> throw new IllegalStateException("the section is done");
        }
    }

    private void value(byte octet) {
        if (octet == '\r') {
            fields.endValue();
            state = State.LINE_FEED;
        } else {
            FAULTS.require(Octets.is(Octets.VALUE, octet), "within a value is ", octet);
            if (fields.isRead()) {
                fields.value(octet);
            }
        }
    }
}
