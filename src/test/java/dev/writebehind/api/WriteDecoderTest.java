package dev.writebehind.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.http.Problem;
import dev.writebehind.http.Problem.InvalidField;
import dev.writebehind.http.ProblemException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WriteDecoderTest {
    private static final int MAX_WRITES = 100;
    private static final String COURSE = "course-v1:O+C+R";
    private static final String BLOCK = "block-v1:O+C+R+type@html+block@b";

    private final KeyPool pool = new KeyPool();
    private final WriteDecoder decoder = new WriteDecoder(pool, () -> MAX_WRITES);

    @Test
    void decodeJson_ofAnObject_isOneWrite() {
        assertThat(decode(object(42, 0.5))).containsExactly(write(42, 0.5));
    }

    @Test
    void decodeJson_ofAnArray_isItsWritesInOrder() {
        assertThat(decode("[" + object(1, 0.25) + ", " + object(2, 1) + "," + object(1, 0) + "]"))
                .containsExactly(write(1, 0.25), write(2, 1.0), write(1, 0.0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\n\n \n", " ", ""})
    void decodeNdjson_ofLines_isTheirWritesInOrder(String separator) {
        String body = object(1, 0.25) + separator + object(2, 1) + separator + object(1, 0) + separator;

        assertThat(decodeNdjson(body.getBytes(UTF_8))).containsExactly(write(1, 0.25), write(2, 1.0), write(1, 0.0));
    }

    @Test
    void decode_ofTheSameKeys_sharesThem() {
        List<CompletionWrite> writes = decode("[" + object(1, 0.25) + "," + object(2, 1) + "]");

        assertThat(writes.get(0).key().course())
                .isSameAs(writes.get(1).key().course())
                .isSameAs(pool.course(COURSE));
        assertThat(writes.get(0).key().block()).isSameAs(writes.get(1).key().block());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"extra\":1",
                "\"extra\":null",
                "\"extra\":{\"user_id\":7,\"completion\":[{\"user_id\":8}],\"x\":{}}",
                "\"extra\":[[],{},[{\"course_key\":1}]]",
                "\"User_ID\":\"x\"",
                "\"\":true",
            })
    void decode_ofUnknownFields_ignoresThem(String extra) {
        String fields = fields("42", quote(COURSE), quote(BLOCK), "0.5");

        assertThat(decode("{" + extra + "," + fields + "}")).containsExactly(write(42, 0.5));
        assertThat(decode("{" + fields + "," + extra + "}")).containsExactly(write(42, 0.5));
    }

    @Test
    void decode_ofADuplicateField_takesTheLast() {
        String fields = "\"user_id\":1,\"completion\":0.25,\"course_key\":\"other\",\"block_key\":\"other\",";

        assertThat(decode("{" + fields + fields("42", quote(COURSE), quote(BLOCK), "0.5") + "}"))
                .containsExactly(write(42, 0.5));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.0, 0",
        "1, 1",
        "1.0, 1",
        "1e0, 1",
        "10e-1, 1",
        "5E-1, 0.5",
        "0.1, 0.1",
        "1e-400, 0",
        "4.9e-324, 4.9e-324",
        "0.99999999999999999999, 1",
        "-0.0, 0",
        "-0, 0",
        "-0e5, 0",
        "-1e-400, 0",
        "0.3333333333333333, 0.3333333333333333"
    })
    void decode_ofACompletionInRange_takesItWithoutSign(String text, double value) {
        double decoded =
                decode(object("42", quote(COURSE), quote(BLOCK), text)).get(0).completion();

        assertThat(Double.doubleToRawLongBits(decoded)).isEqualTo(Double.doubleToRawLongBits(value));
    }

    @ParameterizedTest
    @CsvSource({
        "-0.1",
        "1.0000001",
        "2",
        "-1",
        "1e400",
        "-1e400",
        "1e5",
        "-4.9e-324",
        "9223372036854775808",
        "1.0000000000000003",
        "100000000000000000000000000000000000000000"
    })
    void decode_ofACompletionOutOfRange_isRefused(String text) {
        assertThat(errors(object("42", quote(COURSE), quote(BLOCK), text)))
                .containsExactly(new InvalidField(0, "completion", "must be between 0.0 and 1.0"));
    }

    @ParameterizedTest
    @CsvSource({"1", "2147483647"})
    void decode_ofAUserIdInRange_takesIt(int userId) {
        assertThat(decode(object(userId, 0.5))).containsExactly(write(userId, 0.5));
    }

    @ParameterizedTest
    @CsvSource({
        "0",
        "-1",
        "-0",
        "-2147483648",
        "2147483648",
        "4294967297",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551617",
        "100000000000000000000000000000000000000000"
    })
    void decode_ofAUserIdOutOfRange_isRefused(String text) {
        assertThat(errors(object(text, quote(COURSE), quote(BLOCK), "0.5")))
                .containsExactly(new InvalidField(0, "user_id", "must be between 1 and 2147483647"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "user_id, `\"42\"`, must be an integer, a string",
                "user_id, 1.0, must be an integer, a number",
                "user_id, 1e0, must be an integer, a number",
                "user_id, null, must be an integer, null",
                "user_id, true, must be an integer, a boolean",
                "user_id, [1], must be an integer, an array",
                "user_id, {}, must be an integer, an object",
                "completion, `\"0.5\"`, must be a number, a string",
                "completion, null, must be a number, null",
                "completion, true, must be a number, a boolean",
                "completion, [0.5], must be a number, an array",
                "completion, `{\"completion\":0.5}`, must be a number, an object",
                "course_key, 1, must be a string, a number",
                "course_key, null, must be a string, null",
                "course_key, false, must be a string, a boolean",
                "course_key, [], must be a string, an array",
                "course_key, {}, must be a string, an object",
                "block_key, 1.5, must be a string, a number",
                "block_key, null, must be a string, null",
                "block_key, true, must be a string, a boolean",
                "block_key, `[\"b\"]`, must be a string, an array",
                "block_key, {}, must be a string, an object",
            })
    void decode_ofAFieldOfAWrongType_isRefused(String field, String value, String reason, String was) {
        assertThat(errors(objectWith(field, value)))
                .containsExactly(new InvalidField(0, field, reason + ", was " + was));
    }

    @ParameterizedTest
    @CsvSource({
        "course_key, '', must not be empty",
        "block_key, '', must not be empty",
        "course_key, ' x', must not begin or end with white space",
        "block_key, 'x ', must not begin or end with white space",
        "course_key, 'a\\u0000b', must not contain control characters or unpaired surrogates",
        "block_key, 'a\\nb', must not contain control characters or unpaired surrogates",
        "block_key, 'a\\ud83d', must not contain control characters or unpaired surrogates",
        "course_key, '\\ude00\\ud83d', must not contain control characters or unpaired surrogates",
    })
    void decode_ofAKeyThatCantBeStored_isRefused(String field, String key, String reason) {
        assertThat(errors(objectWith(field, quote(key)))).containsExactly(new InvalidField(0, field, reason));
    }

    @Test
    void decode_ofAKeyThatIsTooLong_isRefused() {
        assertThat(errors(objectWith("block_key", quote("x".repeat(256)))))
                .containsExactly(new InvalidField(0, "block_key", "must have at most 255 characters"));
        assertThat(decode(objectWith("block_key", quote("😀".repeat(255))))).hasSize(1);
    }

    @Test
    void decode_ofEscapedKeys_unescapesThem() {
        CompletionKey key = decode(objectWith("block_key", "\"\\u0436\\ud83d\\ude00\\/\\\"\""))
                .get(0)
                .key();

        assertThat(key.block().value()).isEqualTo("ж😀/\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"user_id", "course_key", "block_key", "completion"})
    void decode_withoutAField_saysThatItIsMissing(String field) {
        assertThat(errors(objectWith(field, ""))).containsExactly(new InvalidField(0, field, "is missing"));
    }

    @Test
    void decode_ofAnEmptyObject_namesEveryMissingField() {
        assertThat(errors("{}"))
                .extracting(InvalidField::field)
                .containsExactly("user_id", "course_key", "block_key", "completion");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {"null, null", "42, a number", "`\"x\"`, a string", "true, a boolean", "`[[]]`, an array"})
    void decode_ofWhatIsNoObject_isRefused(String value, String was) {
        String json = value.equals("[[]]") ? "[]" : value;

        assertThat(errors("[" + object(1, 1) + "," + json + "]"))
                .containsExactly(new InvalidField(1, null, "must be an object, was " + was));
        if (!json.equals("[]")) {
            assertThat(errors(json)).containsExactly(new InvalidField(0, null, "must be an object, was " + was));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n", "[]", " [ ] "})
    void decodeJson_ofNothing_isABadRequest(String body) {
        assertThat(refusal(body).errors()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n\n"})
    void decodeNdjson_ofNothing_isABadRequest(String body) {
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> decodeNdjson(body.getBytes(UTF_8)))
                .withMessage("the body holds no writes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{} {}", "[] []", "[] x", "{\"user_id\":1}]"})
    void decodeJson_ofSeveralValues_isABadRequest(String body) {
        assertThat(refusal(body).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[",
                "[{",
                "[{}",
                "[{},",
                "[{},]",
                "{\"user_id\"",
                "{\"user_id\":",
                "{\"user_id\":4",
                "{\"user_id\":42,",
                "{\"user_id\":42,}",
                "{\"course_key\":\"abc",
                "{\"course_key\":\"\\u00",
                "{\"course_key\":\"\\ud83",
                "{\"x\":[[",
                "{\"x\":[}",
                "]",
                "}",
                "nul",
                "{user_id:42}",
                "{'user_id':42}",
                "{\"user_id\":042}",
                "{\"user_id\":+42}",
                "{\"completion\":.5}",
                "{\"completion\":1.}",
                "{\"completion\":NaN}",
                "{\"completion\":Infinity}",
                "{\"completion\":-Infinity}",
                "{\"completion\":0x1}",
                "{\"course_key\":\"a\nb\"}",
                "{\"course_key\":\"\\x\"}",
                "{/**/}",
                "<xml/>",
                "user_id=42",
            })
    void decode_ofWhatIsNoJson_isABadRequest(String body) {
        assertThat(refusal(body).detail()).startsWith("the body is not valid JSON");
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> decodeNdjson(body.getBytes(UTF_8)))
                .satisfies(refusal -> assertThat(refusal.problem().status()).isEqualTo(400));
    }

    @Test
    void decode_ofDeepNesting_isABadRequest() {
        String open = "[".repeat(10_000);
        String objects = "{\"x\":".repeat(10_000);
        for (String body : List.of(
                open, open + "]".repeat(10_000), objects, objects + "1" + "}".repeat(10_000), "{\"user_id\":" + open)) {
            assertThat(refusal(body).status()).isEqualTo(400);
        }
    }

    @Test
    void decode_ofVeryLongNumbersAndStrings_isABadRequest() {
        for (String body : List.of(
                objectWith("user_id", "9".repeat(100_000)),
                objectWith("completion", "0." + "1".repeat(100_000)),
                objectWith("completion", "1e" + "9".repeat(100_000)),
                objectWith("extra", "9".repeat(100_000)),
                objectWith("course_key", quote("x".repeat(1_000_000))),
                "{\"" + "x".repeat(100_000) + "\":1}")) {
            assertThat(refusal(body).status()).isEqualTo(400);
        }
    }

    /** What can't be decoded is the client's fault too: a 400 and never a 500. */
    @Test
    void decode_ofBytesThatAreNoUtf8_isABadRequest() {
        for (int[] bytes : new int[][] {
            {0xff},
            {0xc3},
            {0xc3, '"'},
            {0xe2, 0x82},
            {0xf0, 0x9f, 0x98},
            {0x80},
            {0xed, 0xa0, 0x80},
            {0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80},
            {0xc0, 0xaf},
            {0xe0, 0x80, 0xaf},
            {0xf4, 0x90, 0x80, 0x80},
            {0xfe, 0xff, 0xff}
        }) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            body.writeBytes("{\"user_id\":1,\"completion\":1,\"course_key\":\"c\",\"block_key\":\"b".getBytes(UTF_8));
            Arrays.stream(bytes).forEach(body::write);
            body.writeBytes("\"}".getBytes(UTF_8));

            Problem wanted = Problem.of(400, "Bad request", "the body is not valid JSON: it is not UTF-8");
            assertThat(refusal(body.toByteArray())).isEqualTo(wanted);
            assertThatExceptionOfType(ProblemException.class)
                    .isThrownBy(() -> decodeNdjson(body.toByteArray()))
                    .satisfies(refused -> assertThat(refused.problem()).isEqualTo(wanted));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32", "UTF-32BE", "UTF-32LE"})
    void decode_ofAnotherEncoding_isABadRequest(String encoding) {
        byte[] body = object(42, 0.5).getBytes(Charset.forName(encoding));

        assertThat(refusal(body).detail()).isEqualTo("the body is not valid JSON: it is not UTF-8");
    }

    @Test
    void decode_ofBytesThatLookLikeUtf16OrUtf32ButAreNot_isABadRequest() {
        for (byte[] body : List.of(
                new byte[] {0, 0, 0, '{', 0, 0x11, 0, 0},
                new byte[] {0, 0, 0, '{', 0x7f, 0, 0, 0},
                new byte[] {0, 0, 0, '{', 0},
                new byte[] {0, 0, (byte) 0xff, (byte) 0xfe, 0, 0},
                new byte[] {0, 0, (byte) 0xfe, (byte) 0xff, 0, 0x7f, 0, 0},
                new byte[] {(byte) 0xfe, (byte) 0xff, 0, 0, 0, 0},
                new byte[] {(byte) 0xff, (byte) 0xfe, 0, 0, 0, 0x7f},
                new byte[] {0, '{', (byte) 0xd8, 0, 0, '}'},
                new byte[] {'{', 0, 0, (byte) 0xd8},
                new byte[] {0, '{', 0})) {
            assertThat(refusal(body).status()).isEqualTo(400);
        }
    }

    @Test
    void decode_ofRandomBytes_neverThrowsAnythingButAProblem() {
        Random random = new Random(1);
        byte[] valid = ("[" + object(42, 0.5) + "," + object(43, 1) + "]").getBytes(UTF_8);
        for (int i = 0; i < 50_000; i++) {
            byte[] body = valid.clone();
            if (i % 5 == 0) {
                body = new byte[random.nextInt(12)];
                random.nextBytes(body);
                for (int at = 0; at < body.length; at++) {
                    body[at] = random.nextBoolean() ? body[at] : 0;
                }
            } else {
                for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                    body[random.nextInt(body.length)] = (byte) random.nextInt(256);
                }
            }
            byte[] tried = Arrays.copyOf(body, random.nextInt(4) == 0 ? random.nextInt(body.length + 1) : body.length);
            try {
                assertThat(decodeJson(tried)).hasSizeBetween(1, 2);
            } catch (ProblemException e) {
                assertThat(e.problem().status()).isEqualTo(400);
            }
        }
    }

    @Test
    void decode_ofAsManyWritesAsAllowed_takesThem() {
        assertThat(decode(array(MAX_WRITES))).hasSize(MAX_WRITES);
        assertThat(decodeNdjson(lines(MAX_WRITES))).hasSize(MAX_WRITES);
    }

    @Test
    void decode_ofMoreWritesThanAllowed_isABadRequest() {
        assertThat(refusal(array(MAX_WRITES + 1)).detail()).contains("more than 100 writes");
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> decodeNdjson(lines(MAX_WRITES + 1)))
                .withMessageContaining("more than 100 writes");
    }

    @Test
    void decode_ofSomeWrongWrites_tellsEachWithItsIndexAndTakesNone() {
        String body = "[" + object(1, 1) + "," + objectWith("user_id", "0") + "," + object(2, 1) + ",null,"
                + "{\"completion\":2,\"user_id\":\"x\",\"course_key\":\"\"}]";

        Problem problem = refusal(body);

        assertThat(problem.errors())
                .containsExactly(
                        new InvalidField(1, "user_id", "must be between 1 and 2147483647"),
                        new InvalidField(3, null, "must be an object, was null"),
                        new InvalidField(4, "completion", "must be between 0.0 and 1.0"),
                        new InvalidField(4, "user_id", "must be an integer, was a string"),
                        new InvalidField(4, "course_key", "must not be empty"));
        assertThat(problem.detail()).isEqualTo("write 1: user_id must be between 1 and 2147483647");
    }

    @Test
    void decode_ofManyWrongWrites_tellsTheFirst20() {
        String body = IntStream.range(0, 50)
                .mapToObj(i -> i % 2 == 0 ? object(1, 1) : object(0, 1))
                .collect(Collectors.joining(",", "[", "]"));

        assertThat(errors(body))
                .extracting(InvalidField::index)
                .containsExactlyElementsOf(
                        IntStream.range(0, 20).mapToObj(i -> 2 * i + 1).toList());
    }

    @Test
    void decodeNdjson_ofAWrongLine_tellsItsIndex() {
        byte[] body = (object(1, 1) + "\n" + object(2, 2) + "\n" + object(3, 1)).getBytes(UTF_8);

        assertThat(catchThrowableOfType(ProblemException.class, () -> decodeNdjson(body))
                        .problem()
                        .errors())
                .containsExactly(new InvalidField(1, "completion", "must be between 0.0 and 1.0"));
    }

    private List<CompletionWrite> decode(String body) {
        return decodeJson(body.getBytes(UTF_8));
    }

    private List<InvalidField> errors(String body) {
        return refusal(body).errors();
    }

    private Problem refusal(String body) {
        return refusal(body.getBytes(UTF_8));
    }

    private Problem refusal(byte[] body) {
        Problem problem = catchThrowableOfType(ProblemException.class, () -> decodeJson(body))
                .problem();
        assertThat(problem.status()).isEqualTo(400);
        return problem;
    }

    private CompletionWrite write(int userId, double completion) {
        return new CompletionWrite(new CompletionKey(userId, pool.course(COURSE), pool.block(BLOCK)), completion);
    }

    private static String array(int writes) {
        return IntStream.rangeClosed(1, writes)
                .mapToObj(userId -> object(userId, 1))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static byte[] lines(int writes) {
        return IntStream.rangeClosed(1, writes)
                .mapToObj(userId -> object(userId, 1))
                .collect(Collectors.joining("\n"))
                .getBytes(UTF_8);
    }

    private static String object(int userId, double completion) {
        return object(String.valueOf(userId), quote(COURSE), quote(BLOCK), String.valueOf(completion));
    }

    private static String object(String userId, String course, String block, String completion) {
        return "{" + fields(userId, course, block, completion) + "}";
    }

    private static String fields(String userId, String course, String block, String completion) {
        return "\"user_id\":" + userId + ",\"course_key\":" + course + ",\"block_key\":" + block + ",\"completion\":"
                + completion;
    }

    /** Returns a write in which one field has that value instead; empty: it lacks the field. */
    private static String objectWith(String field, String value) {
        return List.of("user_id", "course_key", "block_key", "completion", "extra").stream()
                .map(name -> name.equals(field) ? member(name, value) : member(name, usual(name)))
                .filter(member -> !member.isEmpty())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String member(String name, String value) {
        return value.isEmpty() ? "" : quote(name) + ":" + value;
    }

    private static String usual(String name) {
        return switch (name) {
            case "user_id" -> "42";
            case "course_key" -> quote(COURSE);
            case "block_key" -> quote(BLOCK);
            case "completion" -> "0.5";
            default -> "";
        };
    }

    private static String quote(String text) {
        return "\"" + text + "\"";
    }

    private List<CompletionWrite> decodeJson(byte[] body) {
        return decoder.decodeJson(body, body.length, false);
    }

    private List<CompletionWrite> decodeNdjson(byte[] body) {
        return decoder.decodeNdjson(body, body.length, false);
    }
}
