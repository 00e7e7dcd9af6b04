package dev.writebehind.openedx;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a request carries as Django REST framework does, or throws {@link Refused}; stateless. */
final class RequestData {
    private static final Pattern CHARSET =
            Pattern.compile(";\\s*charset\\s*=\\s*\"?([^\";\\s]+)", Pattern.CASE_INSENSITIVE);
    private static final String FORM = "application/x-www-form-urlencoded";

    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(100)
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private RequestData() {}

    /** Whether the body is of a kind that is read field by field as it arrives. */
    static boolean isForm(@Nullable String contentType) {
        return mediaType(contentType).equals(FORM);
    }

    static boolean isMultipart(@Nullable String contentType) {
        return mediaType(contentType).startsWith("multipart/");
    }

    static Refused unsupported(@Nullable String contentType) {
        return new Answer(
                        415, "Unsupported media type \"" + (contentType == null ? "" : contentType) + "\" in request.")
                .refused();
    }

    /** Returns the fields of a form; of several with one name the last. */
    static JsonNode ofForm(MultiMap attributes) {
        ObjectNode form = JSON.createObjectNode();
        for (String name : attributes.names()) {
            List<String> values = attributes.getAll(name);
            form.put(name, values.get(values.size() - 1));
        }
        return form;
    }

    /** Returns a body's value; of one that is empty, whatever its type, an empty object. */
    static JsonNode of(@Nullable String contentType, @Nullable Buffer body) {
        if (body == null || body.length() == 0) {
            return JSON.createObjectNode();
        }
        if (!mediaType(contentType).equals("application/json")) {
            throw unsupported(contentType);
        }
        String text = decode(contentType, body.getBytes());
        if (text.startsWith("\uFEFF")) {
            throw parseError("Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)");
        }
        try {
            JsonNode value = JSON.readTree(text);
            if (value.isMissingNode()) {
                throw parseError("Expecting value: line 1 column 1 (char 0)");
            }
            return value;
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String where = at == null
                    ? ""
                    : ": line " + at.getLineNr() + " column " + at.getColumnNr() + " (char " + at.getCharOffset() + ")";
            throw parseError(e.getOriginalMessage() + where);
        }
    }

    private static String decode(@Nullable String contentType, byte[] body) {
        try {
            return charset(contentType)
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw parseError("'utf-8' codec can't decode the body: invalid byte");
        }
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

    private static Refused parseError(String reason) {
        return Answer.bad("JSON parse error - " + reason).refused();
    }
}
