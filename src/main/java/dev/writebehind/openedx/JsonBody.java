package dev.writebehind.openedx;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON body, which is read twice instead of being kept as a tree: a tree takes up to thirty times the body, and would
 * have to be kept while the database is asked about the caller. Immutable; safe for any thread.
 */
final class JsonBody {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ArrayNode ANY_LIST = NODES.arrayNode();
    private static final ObjectNode ANY_OBJECT = NODES.objectNode();

    private static final int MAX_TEXT_CHARACTERS = 100_000;
    /** More of a value than any message quotes. */
    private static final int MAX_NODES = Answer.MAX_DETAIL_CHARACTERS;
    /** A larger body is read through a small window, a smaller one at once, which is faster. */
    private static final int SMALL_BODY = 8 * 1024;

    private static final char BYTE_ORDER_MARK = '\ufeff';

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(100)
                    .maxStringLength(MAX_TEXT_CHARACTERS)
                    .maxNameLength(MAX_TEXT_CHARACTERS)
                    .build())
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final byte[] bytes;
    private final int length;
    private final Charset charset;

    /**
     * Creates it.
     *
     * @param bytes begin with the body, which is well formed in that charset
     */
    JsonBody(byte[] bytes, int length, Charset charset) {
        this.bytes = bytes;
        this.length = length;
        this.charset = charset;
    }

    /** Reads all of it once; throws {@link Refused} where it is no JSON. */
    RequestData read() {
        if (beginsWithAMark()) {
            throw RequestData.parseError("Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)");
        }
        return parse(parser -> {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw RequestData.parseError("Expecting value: line 1 column 1 (char 0)");
            }
            RequestData data = RequestData.NONE;
            if (first == JsonToken.START_OBJECT) {
                data = fields(parser);
            } else {
                parser.skipChildren();
            }
            if (parser.nextToken() != null) {
                throw RequestData.parseError("Extra data" + place(parser.currentTokenLocation()));
            }
            return data;
        });
    }

    private RequestData fields(JsonParser parser) throws IOException {
        JsonNode username = null;
        JsonNode courseKey = null;
        Blocks blocks = null;
        int occurrence = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "username" -> username = outline(parser, new int[] {MAX_NODES});
                case "course_key" -> courseKey = outline(parser, new int[] {MAX_NODES});
                case "blocks" -> {
                    occurrence++;
                    blocks = blocks(parser, occurrence);
                }
                default -> parser.skipChildren();
            }
        }
        return new RequestData(username, courseKey, blocks);
    }

    private Blocks blocks(JsonParser parser, int occurrence) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return new Blocks.Other(outline(parser, new int[] {1}));
        }
        int count = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            count++;
            parser.nextToken();
            parser.skipChildren();
        }
        return new Blocks.Named(this, occurrence, count);
    }

    /**
     * Reads the blocks, now with their values: of several with one key the last, in the first one's place. Lists and
     * objects are empty.
     */
    Map<String, JsonNode> pairs(Blocks.Named named) {
        return parse(parser -> {
            Map<String, JsonNode> pairs = new LinkedHashMap<>();
            parser.nextToken();
            int occurrence = 0;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isIt = "blocks".equals(parser.currentName()) && ++occurrence == named.occurrence();
                parser.nextToken();
                if (!isIt) {
                    parser.skipChildren();
                    continue;
                }
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String key = parser.currentName();
                    parser.nextToken();
                    pairs.put(key, outline(parser, new int[1]));
                }
                return pairs;
            }
            return pairs;
        });
    }

    /** Reads the value whose first token is the current one, with so many values within it. */
    private static JsonNode outline(JsonParser parser, int[] nodesLeft) throws IOException {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_ARRAY -> list(parser, nodesLeft);
            case START_OBJECT -> object(parser, nodesLeft);
            case VALUE_STRING -> NODES.textNode(parser.getText());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT -> NODES.numberNode(parser.getIntValue());
                    case LONG -> NODES.numberNode(parser.getLongValue());
                    default -> NODES.numberNode(parser.getBigIntegerValue());
                };
            default -> NODES.nullNode();
        };
    }

    private static JsonNode list(JsonParser parser, int[] nodesLeft) throws IOException {
        if (nodesLeft[0] == 0) {
            parser.skipChildren();
            return ANY_LIST;
        }
        ArrayNode list = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (nodesLeft[0] > 0) {
                nodesLeft[0]--;
                list.add(outline(parser, nodesLeft));
            } else {
                parser.skipChildren();
            }
        }
        return list;
    }

    private static JsonNode object(JsonParser parser, int[] nodesLeft) throws IOException {
        if (nodesLeft[0] == 0) {
            parser.skipChildren();
            return ANY_OBJECT;
        }
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (nodesLeft[0] > 0) {
                nodesLeft[0]--;
                object.set(name, outline(parser, nodesLeft));
            } else {
                parser.skipChildren();
            }
        }
        return object;
    }

    private interface Reading<T> {
        T read(JsonParser parser) throws IOException;
    }

    private <T> T parse(Reading<T> reading) {
        try (JsonParser parser = parser()) {
            return reading.read(parser);
        } catch (JsonProcessingException e) {
            throw RequestData.parseError(e.getOriginalMessage() + place(e.getLocation()));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array can't fail
        }
    }

    private JsonParser parser() throws IOException {
        return length <= SMALL_BODY
                ? JSON.createParser(new String(bytes, 0, length, charset))
                : JSON.createParser(reader());
    }

    private Reader reader() {
        return new InputStreamReader(new ByteArrayInputStream(bytes, 0, length), charset);
    }

    private static String place(@Nullable JsonLocation at) {
        return at == null
                ? ""
                : ": line " + at.getLineNr() + " column " + at.getColumnNr() + " (char " + at.getCharOffset() + ")";
    }

    private boolean beginsWithAMark() {
        try (Reader reader = reader()) {
            return reader.read() == BYTE_ORDER_MARK;
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array can't fail
        }
    }
}
