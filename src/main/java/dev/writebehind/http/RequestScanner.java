package dev.writebehind.http;

/**
 * The scanner that reads requests byte by byte as they arrive on one connection, by the letter of RFC 9112, and throws
 * {@link MalformedRequestException} at the first byte that another parser might read differently. Afterwards it is of
 * no use any more. Not for concurrent use.
 */
final class RequestScanner {
    private static final Faults FAULTS = new Faults("the headers are");

    private final RequestLine line;
    private final FieldSection fields;
    private final ChunkLine chunk = new ChunkLine();
    private Part part = Part.LINE;
    private long dataLeft;
    private long position;
    private long soundUntil;

    private enum Part {
        LINE,
        HEADERS,
        LENGTH_DATA,
        CHUNK_LINE,
        CHUNK_DATA,
        CHUNK_END,
        CHUNK_END_LINE_FEED,
        TRAILERS
    }

    /**
     * Creates a scanner for one connection.
     *
     * @param longestLine most bytes of a request line
     * @param longestFields most bytes of headers and trailers together
     */
    RequestScanner(int longestLine, int longestFields) {
        this.line = new RequestLine(longestLine);
        this.fields = new FieldSection(longestFields);
    }

    /** Whether the last byte read belongs to a request whose head is whole. */
    boolean isInBody() {
        return part != Part.LINE && part != Part.HEADERS;
    }

    /** Returns how many bytes have been read and skipped. */
    long position() {
        return position;
    }

    /** Returns up to where whole heads, whole chunk sizes and data have been read. */
    long soundUntil() {
        return soundUntil;
    }

    /** Skips at most that many bytes of a body's data, which may hold anything. Returns how many. */
    int skipData(int available) {
        int skipped = (int) Math.min(dataLeft, available);
        if (skipped > 0) {
            dataLeft -= skipped;
            position += skipped;
            soundUntil = position;
            if (dataLeft == 0) {
                if (part == Part.LENGTH_DATA) {
                    endRequest();
                } else {
                    part = Part.CHUNK_END;
                }
            }
        }
        return skipped;
    }

    /** Reads on and returns where it stopped: at the end of the bytes, or where data begin. */
    int scan(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && dataLeft == 0) {
            int before = at;
            switch (part) {
                case LINE -> at = line.scan(bytes, at, to);
                case HEADERS, TRAILERS -> at = fields.scan(bytes, at, to);
                case CHUNK_LINE -> at = chunk.scan(bytes, at, to);
                case CHUNK_END -> endChunk(bytes[at++], '\r', Part.CHUNK_END_LINE_FEED);
                case CHUNK_END_LINE_FEED -> endChunk(bytes[at++], '\n', Part.CHUNK_LINE);
                default -> throw new IllegalStateException("data are skipped");
            }
            position += at - before;
            proceed();
        }
        return at;
    }

    private void proceed() {
        if (part == Part.LINE && line.isDone()) {
            fields.beginHeaders();
            part = Part.HEADERS;
        } else if (part == Part.HEADERS && fields.isDone()) {
            endHead(fields.fields());
        } else if (part == Part.CHUNK_LINE && chunk.isDone()) {
            dataLeft = chunk.size();
            part = dataLeft == 0 ? Part.TRAILERS : Part.CHUNK_DATA;
            soundUntil = position;
            if (dataLeft == 0) {
                fields.beginTrailers();
            }
        } else if (part == Part.TRAILERS && fields.isDone()) {
            endRequest();
        }
    }

    private void endHead(SingleFields single) {
        FAULTS.require(single.hasHost() || !line.isHttp11(), "host is missing");
        FAULTS.require(!single.hasCoding() || line.isHttp11(), "HTTP/1.0 knows no transfer-encoding");
        FAULTS.require(
                !single.hasCoding() || !single.hasLength(),
                "there are both transfer-encoding and content-length, and one may lie");
        soundUntil = position;
        if (single.hasCoding()) {
            chunk.beginBody();
            part = Part.CHUNK_LINE;
        } else if (single.contentLength() > 0) {
            dataLeft = single.contentLength();
            part = Part.LENGTH_DATA;
        } else {
            endRequest();
        }
    }

    private void endRequest() {
        soundUntil = position;
        line.begin();
        part = Part.LINE;
    }

    private void endChunk(byte octet, char expected, Part next) {
        if (octet != expected) {
            throw new MalformedRequestException(Malformed.notHttp("a chunk is longer than its size says"));
        }
        part = next;
        if (next == Part.CHUNK_LINE) {
            chunk.begin();
        }
    }
}
