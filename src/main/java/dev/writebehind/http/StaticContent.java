package dev.writebehind.http;

import static java.util.Objects.requireNonNull;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A content that is the same for everybody, kept in memory: browsers may keep it too, and ask each time whether it has
 * changed. Immutable; safe for any thread.
 */
public final class StaticContent {
    /** The media type of YAML documents (RFC 9512). */
    public static final String YAML = "application/yaml";

    /** Bytes of the digest that an entity tag shows. */
    private static final int TAG_BYTES = 16;

    private final byte[] bytes;
    private final String tag;
    private final Map<String, String> headers;

    private StaticContent(byte[] bytes, String tag, Map<String, String> headers) {
        this.bytes = bytes;
        this.tag = tag;
        this.headers = headers;
    }

    /**
     * Reads one from the class path; blocks.
     *
     * @param type its content type
     */
    public static StaticContent load(String name, String type) {
        try (InputStream in = StaticContent.class.getClassLoader().getResourceAsStream(name)) {
            byte[] bytes =
                    requireNonNull(in, name + " is not on the class path").readAllBytes();
            return new StaticContent(bytes, tag(bytes), Map.of())
                    .with("cache-control", "no-cache")
                    .with("content-type", type)
                    .with("x-content-type-options", "nosniff");
        } catch (IOException e) {
            throw new UncheckedIOException(name + " can't be read from the class path", e);
        }
    }

    /** Returns the same with another header. */
    public StaticContent with(String header, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(header, value);
        return new StaticContent(bytes, tag, more);
    }

    /** Answers a GET or HEAD with it, or that the caller has it already. */
    public void send(RoutingContext ctx) {
        HttpServerResponse response = ctx.response().putHeader(HttpHeaders.ETAG, tag);
        headers.forEach(response::putHeader);
        if (isKnown(ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
            response.headers().remove(HttpHeaders.CONTENT_TYPE);
            response.setStatusCode(304).end();
        } else {
            // To a HEAD as well, of which the server sends no more than this.
            response.putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(bytes.length))
                    .end(Buffer.buffer(bytes));
        }
    }

    /** Weakly compared, as RFC 9110 has it: a proxy that compresses says {@code W/} in front. */
    private boolean isKnown(@Nullable String tags) {
        return tags != null
                && Arrays.stream(tags.split(",", -1))
                        .map(String::strip)
                        .anyMatch(known -> known.equals("*") || known.equals(tag) || known.equals("W/" + tag));
    }

    private static String tag(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return '"' + HexFormat.of().formatHex(digest, 0, TAG_BYTES) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
