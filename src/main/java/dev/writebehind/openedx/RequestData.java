package dev.writebehind.openedx;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.writebehind.http.Utf8;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The data that a request carries, read as Django REST framework does, or {@link Refused}; immutable. Of everything
 * that need not be known before the caller is, only as much is kept as a message could quote.
 *
 * @param username null: there is none, as with the others
 */
record RequestData(
        @Nullable JsonNode username,
        @Nullable JsonNode courseKey,
        @Nullable Blocks blocks) {
    static final RequestData NONE = new RequestData(null, null, null);

    private static final Pattern CHARSET =
            Pattern.compile(";\\s*charset\\s*=\\s*\"?([^\";\\s]+)", Pattern.CASE_INSENSITIVE);
    private static final int WINDOW = 1024;
    private static final String FORM = "application/x-www-form-urlencoded";

    static boolean isMultipart(@Nullable String contentType) {
        return mediaType(contentType).startsWith("multipart/");
    }

    static Refused unsupported(@Nullable String contentType) {
        return new Answer(
                        415, "Unsupported media type \"" + (contentType == null ? "" : contentType) + "\" in request.")
                .refused();
    }

    /** Reads a body, which the bytes begin with; one that is empty, whatever its type, holds nothing. */
    static RequestData of(@Nullable String contentType, byte[] body, int length) {
        if (length == 0) {
            return NONE;
        }
        return switch (mediaType(contentType)) {
            case "application/json" -> new JsonBody(body, length, decodable(contentType, body, length)).read();
            case FORM -> ofForm(new String(body, 0, length, decodable(contentType, body, length)));
            default -> throw unsupported(contentType);
        };
    }

    private static RequestData ofForm(String body) {
        Map<String, String> fields = new HashMap<>();
        FormBody.read(body, fields::put);
        String blocks = fields.get("blocks");
        return new RequestData(
                text(fields.get("username")),
                text(fields.get("course_key")),
                blocks == null ? null : new Blocks.Other(TextNode.valueOf(blocks)));
    }

    private static @Nullable JsonNode text(@Nullable String value) {
        return value == null ? null : TextNode.valueOf(value);
    }

    /** Returns what a body is encoded in, if all of it is; looks at it through a small window. */
    private static Charset decodable(@Nullable String contentType, byte[] body, int length) {
        Charset charset = charset(contentType);
        boolean is = charset.equals(StandardCharsets.UTF_8)
                ? Utf8.isWellFormed(body, length)
                : isDecodable(charset, ByteBuffer.wrap(body, 0, length));
        if (!is) {
            throw undecodable(charset);
        }
        return charset;
    }

    private static boolean isDecodable(Charset charset, ByteBuffer body) {
        CharsetDecoder decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CharBuffer window = CharBuffer.allocate(WINDOW);
        CoderResult result;
        do {
            result = decoder.decode(body, window.clear(), true);
        } while (result.isOverflow());
        while (!result.isError()) {
            result = decoder.flush(window.clear());
            if (result.isUnderflow()) {
                return true;
            }
        }
        return false;
    }

    private static Refused undecodable(Charset charset) {
        return parseError(
                "'" + charset.name().toLowerCase(Locale.ROOT) + "' codec can't decode the body: invalid byte");
    }

    /** One that is not known counts as none, as it does in Django. */
    private static Charset charset(@Nullable String contentType) {
        Matcher named = CHARSET.matcher(contentType == null ? "" : contentType);
        try {
            return named.find() ? Charset.forName(named.group(1)) : StandardCharsets.UTF_8;
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.UTF_8;
        }
    }

    private static String mediaType(@Nullable String contentType) {
        return contentType == null ? "" : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    static Refused parseError(String reason) {
        return Answer.bad("JSON parse error - " + reason).refused();
    }
}
