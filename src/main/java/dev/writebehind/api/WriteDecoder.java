package dev.writebehind.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.InvalidKeyException;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.http.Problem;
import dev.writebehind.http.Problem.InvalidField;
import dev.writebehind.http.ProblemException;
import dev.writebehind.http.Utf8;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The decoder that turns request bodies straight into writes, without a tree in between. Safe for any thread. Throws
 * {@link ProblemException} with everything that is wrong, up to a few errors; then no write of the body is taken.
 */
final class WriteDecoder {
    private static final int MAX_ERRORS = 20;
    /** Longest text that is looked at; what is longer than the key's column is told so, up to here. */
    private static final int MAX_TEXT_CHARACTERS = 64 * 1024;
    /** A parser takes UTF-16 and UTF-32 by the place of the zeros in so many first bytes. */
    private static final int TELLING_BYTES = 4;

    private final JsonFactory json = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxStringLength(MAX_TEXT_CHARACTERS)
                    .build())
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final KeyPool keys;
    private final IntSupplier maxWrites;

    WriteDecoder(KeyPool keys, IntSupplier maxWrites) {
        this.keys = keys;
        this.maxWrites = maxWrites;
    }

    /**
     * Decodes one JSON object or an array of them, which the bytes begin with.
     *
     * @param told whether the caller spreads the news of them
     */
    List<CompletionWrite> decodeJson(byte[] body, int length, boolean told) {
        List<CompletionWrite> plain = PlainBody.read(body, length, keys, maxWrites.getAsInt(), told);
        return plain != null ? plain : parseJson(body, length, told);
    }

    /** Decodes it by the parser, whatever its form. */
    List<CompletionWrite> parseJson(byte[] body, int length, boolean told) {
        return decode(body, length, parser -> {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw bad("the body is empty");
            }
            Batch batch = new Batch(told);
            if (first == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    batch.read(parser);
                }
            } else {
                batch.read(parser);
            }
            if (parser.nextToken() != null) {
                throw bad(
                        "the body goes on after its JSON value; several objects need application/x-ndjson or an array");
            }
            return batch.writes();
        });
    }

    /** Decodes JSON objects that follow each other, one a line, likewise. */
    List<CompletionWrite> decodeNdjson(byte[] body, int length, boolean told) {
        return decode(body, length, parser -> {
            Batch batch = new Batch(told);
            while (parser.nextToken() != null) {
                batch.read(parser);
            }
            return batch.writes();
        });
    }

    private List<CompletionWrite> decode(byte[] body, int length, Reading reading) {
        if (!Utf8.isWellFormed(body, length) || beginsWithZeros(body, length)) {
            throw bad("the body is not valid JSON: it is not UTF-8");
        }
        try (JsonParser parser = json.createParser(body, 0, length)) {
            return reading.read(parser);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String where = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
            throw bad("the body is not valid JSON: " + e.getOriginalMessage() + where);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array can't fail
        }
    }

    private static boolean beginsWithZeros(byte[] body, int length) {
        for (int i = 0; i < Math.min(TELLING_BYTES, length); i++) {
            if (body[i] == 0) {
                return true;
            }
        }
        return false;
    }

    private static ProblemException bad(String detail) {
        return new ProblemException(Problem.of(400, "Bad request", detail));
    }

    private interface Reading {
        List<CompletionWrite> read(JsonParser parser) throws IOException;
    }

    /** The writes of one body, as they are read; confined to the reading thread. */
    private final class Batch {
        private final List<CompletionWrite> writes = new ArrayList<>();
        private final List<InvalidField> errors = new ArrayList<>();
        private final int most = maxWrites.getAsInt();
        private final boolean told;
        private int index;

        Batch(boolean told) {
            this.told = told;
        }

        List<CompletionWrite> writes() {
            if (index == 0) {
                throw bad("the body holds no writes");
            }
            if (!errors.isEmpty()) {
                throw problem();
            }
            return writes;
        }

        /** Reads one write whose first token is the current one. */
        void read(JsonParser parser) throws IOException {
            if (index == most) {
                throw bad("the body holds more than " + most + " writes: send them in several requests");
            }
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                readObject(parser);
            } else {
                error(null, "must be an object, was " + describe(parser.currentToken()));
                parser.skipChildren();
            }
            index++;
        }

        private void readObject(JsonParser parser) throws IOException {
            int errorsBefore = errors.size();
            int userId = 0;
            CourseKey course = null;
            BlockKey block = null;
            double completion = Double.NaN;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (field) {
                    case "user_id" -> userId = readUserId(parser, value);
                    case "course_key" -> course = readKey(parser, value, "course_key", keys::course);
                    case "block_key" -> block = readKey(parser, value, "block_key", keys::block);
                    case "completion" -> completion = readCompletion(parser, value);
                    default -> parser.skipChildren();
                }
            }
            if (errors.size() > errorsBefore) {
                return;
            }
            require("user_id", userId != 0);
            require("course_key", course != null);
            require("block_key", block != null);
            require("completion", !Double.isNaN(completion));
            if (errors.size() == errorsBefore && course != null && block != null) {
                writes.add(new CompletionWrite(new CompletionKey(userId, course, block), completion, told));
            }
        }

        private int readUserId(JsonParser parser, JsonToken token) throws IOException {
            if (token != JsonToken.VALUE_NUMBER_INT) {
                wrong(parser, token, "user_id", "must be an integer");
                return 0;
            }
            if (parser.getNumberType() != JsonParser.NumberType.INT || parser.getIntValue() < 1) {
                error("user_id", "must be between 1 and " + Integer.MAX_VALUE);
                return 0;
            }
            return parser.getIntValue();
        }

        private double readCompletion(JsonParser parser, JsonToken token) throws IOException {
            if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
                wrong(parser, token, "completion", "must be a number");
                return Double.NaN;
            }
            double value = parser.getDoubleValue();
            if (!CompletionWrite.isCompletion(value)) {
                error("completion", "must be between 0.0 and 1.0");
                return Double.NaN;
            }
            return value;
        }

        private <K> @Nullable K readKey(JsonParser parser, JsonToken token, String field, KeyReading<K> reading)
                throws IOException {
            if (token != JsonToken.VALUE_STRING) {
                wrong(parser, token, field, "must be a string");
                return null;
            }
            try {
                return reading.read(parser.getText());
            } catch (InvalidKeyException e) {
                error(field, e.reason());
                return null;
            }
        }

        private void wrong(JsonParser parser, JsonToken token, String field, String reason) throws IOException {
            error(field, reason + ", was " + describe(token));
            parser.skipChildren();
        }

        private void require(String field, boolean present) {
            if (!present) {
                error(field, "is missing");
            }
        }

        private void error(@Nullable String field, String reason) {
            errors.add(new InvalidField(index, field, reason));
            if (errors.size() == MAX_ERRORS) {
                throw problem();
            }
        }

        private ProblemException problem() {
            InvalidField first = errors.get(0);
            String what = first.field() == null ? "" : first.field() + " ";
            return new ProblemException(new Problem(
                    null, 400, "Bad request", "write " + first.index() + ": " + what + first.reason(), errors));
        }
    }

    private interface KeyReading<K> {
        K read(String value);
    }

    private static String describe(@Nullable JsonToken token) {
        if (token == null) {
            return "nothing";
        }
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> "something else";
        };
    }
}
