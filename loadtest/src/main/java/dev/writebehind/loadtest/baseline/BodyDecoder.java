package dev.writebehind.loadtest.baseline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.InvalidKeyException;
import dev.writebehind.completion.KeyPool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The decoder that turns request bodies straight into values, without a tree in between. Safe for any thread. Throws
 * {@link IllegalArgumentException} for a body that can't be stored as it is.
 */
final class BodyDecoder {
    private final JsonFactory json = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();
    private final KeyPool keys = new KeyPool();

    /** A block of a course and its new value; immutable. */
    record BlockValue(CourseKey course, BlockKey block, double completion) {
        BlockValue {
            if (!CompletionWrite.isCompletion(completion)) {
                throw new IllegalArgumentException("a completion must be between 0.0 and 1.0, was " + completion);
            }
        }
    }

    /** A learner's write; immutable. */
    record Write(int userId, BlockValue value) {}

    /** A call of Open edX's endpoint; immutable. */
    record Batch(String username, CourseKey course, List<BlockValue> values) {}

    /** Decodes one write or an array of them. */
    List<Write> writes(byte[] body) {
        return decode(body, parser -> {
            List<Write> writes = new ArrayList<>();
            if (parser.nextToken() == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    writes.add(write(parser));
                }
            } else {
                writes.add(write(parser));
            }
            return writes;
        });
    }

    private Write write(JsonParser parser) throws IOException {
        int userId = 0;
        String course = null;
        String block = null;
        double completion = Double.NaN;
        require(parser, JsonToken.START_OBJECT);
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "user_id" -> userId = parser.getIntValue();
                case "course_key" -> course = text(parser);
                case "block_key" -> block = text(parser);
                case "completion" -> completion = parser.getDoubleValue();
                default -> parser.skipChildren();
            }
        }
        if (userId < 1) {
            throw new IllegalArgumentException("user_id must be positive");
        }
        return new Write(
                userId,
                new BlockValue(
                        keys.course(present(course, "course_key")),
                        keys.block(present(block, "block_key")),
                        completion));
    }

    /** Decodes a call of Open edX's endpoint. */
    Batch batch(byte[] body) {
        return decode(body, parser -> {
            String username = null;
            String course = null;
            List<String> blocks = new ArrayList<>();
            List<Double> completions = new ArrayList<>();
            parser.nextToken();
            require(parser, JsonToken.START_OBJECT);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "username" -> username = text(parser);
                    case "course_key" -> course = text(parser);
                    case "blocks" -> {
                        require(parser, JsonToken.START_OBJECT);
                        while (parser.nextToken() == JsonToken.FIELD_NAME) {
                            blocks.add(parser.currentName());
                            parser.nextToken();
                            completions.add(number(parser));
                        }
                    }
                    default -> parser.skipChildren();
                }
            }
            CourseKey courseKey = keys.course(present(course, "course_key"));
            List<BlockValue> values = new ArrayList<>(blocks.size());
            for (int i = 0; i < blocks.size(); i++) {
                values.add(new BlockValue(courseKey, keys.block(blocks.get(i)), completions.get(i)));
            }
            return new Batch(present(username, "username"), courseKey, values);
        });
    }

    private <T> T decode(byte[] body, Reading<T> reading) {
        try (JsonParser parser = json.createParser(body)) {
            return reading.read(parser);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the body is malformed: " + e.getOriginalMessage(), e);
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("a key " + e.reason(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("the body is malformed: " + e.getMessage(), e);
        }
    }

    private interface Reading<T> {
        T read(JsonParser parser) throws IOException;
    }

    private static String text(JsonParser parser) throws IOException {
        require(parser, JsonToken.VALUE_STRING);
        return parser.getText();
    }

    /** Android sends numbers as strings. */
    private static double number(JsonParser parser) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_STRING
                ? Double.parseDouble(parser.getText())
                : parser.getDoubleValue();
    }

    private static void require(JsonParser parser, JsonToken token) {
        if (parser.currentToken() != token) {
            throw new IllegalArgumentException("expected " + token + ", was " + parser.currentToken());
        }
    }

    private static String present(@Nullable String value, String field) {
        if (value == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
        return value;
    }
}
