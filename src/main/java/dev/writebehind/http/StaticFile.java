package dev.writebehind.http;

import static java.util.Objects.requireNonNull;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * A file of a page, from the class path, which browsers keep as long as it stays the same; pages of others can't frame
 * it, and it loads nothing from elsewhere. Safe for any thread; making it reads the file.
 */
public final class StaticFile {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final byte[] bytes;
    private final String type;
    private final String tag;

    private StaticFile(byte[] bytes, String type) {
        this.bytes = bytes;
        this.type = type;
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        tag = '"' + HexFormat.of().toHexDigits((int) sum.getValue()) + '-' + bytes.length + '"';
    }

    /**
     * Reads a file.
     *
     * @param resource its absolute name on the class path
     * @param type its media type
     */
    public static StaticFile of(String resource, String type) {
        try (InputStream in = requireNonNull(StaticFile.class.getResourceAsStream(resource), resource)) {
            return new StaticFile(in.readAllBytes(), type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers a GET or HEAD with it. */
    public void answer(HttpServerRequest request) {
        HttpServerResponse response = protect(request.response())
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader(HttpHeaders.ETAG, tag);
        String known = request.getHeader(HttpHeaders.IF_NONE_MATCH);
        if (known != null && known.contains(tag)) {
            response.setStatusCode(304).end();
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, type);
        if (request.method().equals(HttpMethod.HEAD)) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(bytes.length))
                    .end();
        } else {
            response.end(Buffer.buffer(bytes));
        }
    }

    private static HttpServerResponse protect(HttpServerResponse response) {
        return response.putHeader("content-security-policy", POLICY)
                .putHeader("x-content-type-options", "nosniff")
                .putHeader("x-frame-options", "DENY")
                .putHeader("referrer-policy", "no-referrer")
                .putHeader("cross-origin-opener-policy", "same-origin")
                .putHeader("cross-origin-resource-policy", "same-origin");
    }
}
