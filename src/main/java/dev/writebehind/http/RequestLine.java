package dev.writebehind.http;

import java.nio.charset.StandardCharsets;

/** The parser of request lines, byte by byte, by the letter of RFC 9112. Not for concurrent use. */
final class RequestLine {
    private static final Faults FAULTS = new Faults("the request line is");
    private static final byte[] PROTOCOL = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

    private final int longest;
    private State state = State.BEFORE;
    private int length;
    private int wordLength;
    private boolean isHttp11;

    private enum State {
        BEFORE,
        EMPTY_LINE,
        AFTER_EMPTY_LINE,
        METHOD,
        TARGET,
        PROTOCOL,
        MINOR_VERSION,
        END,
        LINE_FEED,
        DONE
    }

    RequestLine(int longest) {
        this.longest = longest;
    }

    /** Forgets the last line. */
    void begin() {
        state = State.BEFORE;
        length = 0;
        wordLength = 0;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /** Whether the line that is done names HTTP/1.1, and not HTTP/1.0. */
    boolean isHttp11() {
        return isHttp11;
    }

    /** Reads on and returns where it stopped: at the end of the bytes or of the line. */
    int scan(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && state != State.DONE) {
            int word = at;
            if (state == State.TARGET) {
                at = Octets.end(Octets.TARGET, bytes, at, to);
                wordLength += at - word;
            } else if (state == State.METHOD) {
                at = Octets.end(Octets.TOKEN, bytes, at, to);
                wordLength += at - word;
            }
            if (at < to) {
                step(bytes[at++]);
            }
            length += at - word;
            if (length > longest) {
                throw new MalformedRequestException(
                        new Malformed(414, "URI too long", "the request line is longer than " + longest + " bytes"));
            }
        }
        return at;
    }

    private void step(byte octet) {
        switch (state) {
            case BEFORE, AFTER_EMPTY_LINE -> {
                if (octet == '\r' && state == State.BEFORE) {
                    state = State.EMPTY_LINE;
                } else if (Octets.is(Octets.TOKEN, octet)) {
                    state = State.METHOD;
                    wordLength = 1;
                } else {
                    throw FAULTS.of("it does not begin with a method but with " + Octets.shown(octet));
                }
            }
            case EMPTY_LINE -> {
                FAULTS.require(octet == '\n', "before the method is ", octet);
                state = State.AFTER_EMPTY_LINE;
            }
            case METHOD -> {
                FAULTS.require(octet == ' ', "within or behind the method is ", octet);
                state = State.TARGET;
                wordLength = 0;
            }
            case TARGET -> {
                FAULTS.require(octet == ' ' && wordLength > 0, "within or behind the target is ", octet);
                state = State.PROTOCOL;
                wordLength = 0;
            }
            case PROTOCOL -> {
                FAULTS.require(octet == PROTOCOL[wordLength], "the version is neither HTTP/1.1 nor HTTP/1.0");
                if (++wordLength == PROTOCOL.length) {
                    state = State.MINOR_VERSION;
                }
            }
            case MINOR_VERSION -> {
                FAULTS.require(octet == '0' || octet == '1', "the version is neither HTTP/1.1 nor HTTP/1.0");
                isHttp11 = octet == '1';
                state = State.END;
            }
            case END -> {
                FAULTS.require(octet == '\r', "behind the version is ", octet);
                state = State.LINE_FEED;
            }
            case LINE_FEED -> {
                FAULTS.require(octet == '\n', "behind the carriage return is ", octet);
                state = State.DONE;
            }
            case DONE -> throw new IllegalStateException("the line is done");
        }
    }
}
