package dev.writebehind;

import static dev.writebehind.testing.Problems.problem;
import static dev.writebehind.testing.RawHttp.chunked;
import static dev.writebehind.testing.RawHttp.chunkedHead;
import static dev.writebehind.testing.RawHttp.request;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.RawHttp.Answer;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client sends wrongly is answered with what is wrong, leaves no trace, and harms no other request. */
class BadInputIT {
    private static final String WRITES = "/v1/completions";
    private static final String READ = "/v1/users/42/completions?course_key=c";
    private static final String JSON = "content-type: application/json";
    private static final String NDJSON = "content-type: application/x-ndjson";
    private static final String GOOD = write("42", "\"course-v1:Org+Course+Run\"", "\"block\"", "0.5");
    private static final String OF_ANOTHER_TYPE = "must be an? \\w+, was (an? \\w+|null)";
    private static final String USER_ID_RANGE = "must be between 1 and 2147483647";
    private static final String COMPLETION_RANGE = "must be between 0.0 and 1.0";
    private static final String UNSTORABLE = "must not contain control characters or unpaired surrogates";

    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.with("buffer.retain=0s");

    private final TestDatabase database = suite.database();
    private final RunningService service = suite.service();
    private int errorsBefore;

    @BeforeEach
    void emptyTheTable() {
        errorsBefore = service.logged(Level.ERROR).size();
        service.flush();
        database.execute("DELETE FROM completion_blockcompletion");
    }

    @AfterEach
    void nothingLoggedAsError() {
        assertThat(service.logged(Level.ERROR)).hasSize(errorsBefore);
    }

    @ParameterizedTest
    @MethodSource("wholeBodies")
    void write_cutAtAnyByte_isRefused(String whole) {
        byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
        try (RawHttp connection = connect()) {
            for (int length = 1; length < bytes.length; length++) {
                Answer answer = connection
                        .send(request("POST", WRITES, Arrays.copyOf(bytes, length), JSON))
                        .answer();
                assertThat(problem(answer, 400).getString("detail"))
                        .as("cut after %d bytes", length)
                        .startsWith("the body is not valid JSON: ")
                        .matches(".* \\(line 1, column \\d+\\)");
            }
        }
        assertNothingTaken();
    }

    static Stream<String> wholeBodies() {
        return Stream.of(GOOD, "[" + GOOD + "," + GOOD + "]");
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void write_wrongValue_isRefusedByField(String field, String value, String reason) {
        String body = withField(field, value);

        Answer answer = post(body);

        assertThat(problem(answer, 400).getString("detail")).matches("write 0: " + field + " " + reason);
        assertErrors(answer, "0 " + field + " " + reason);
        Answer asThird = post("[" + GOOD + "," + GOOD + "," + body + "]");
        assertErrors(asThird, "2 " + field + " " + reason);
        Answer asSecondLine = post(WRITES, GOOD + "\n" + body + "\n", NDJSON);
        assertErrors(asSecondLine, "1 " + field + " " + reason);
        assertNothingTaken();
    }

    static Stream<Arguments> wrongValues() {
        Stream<Arguments> types = Stream.of("user_id", "course_key", "block_key", "completion")
                .flatMap(field -> Stream.of(
                                "\"42\"", "true", "false", "null", "{}", "[]", "{\"a\":[1,{}]}", "[0.5]", "0.5")
                        .filter(value -> !isOfType(field, value))
                        .map(value -> Arguments.of(field, value, OF_ANOTHER_TYPE)));
        Stream<Arguments> userIds = Stream.concat(
                Stream.of("42.0", "4.2e1").map(value -> Arguments.of("user_id", value, OF_ANOTHER_TYPE)),
                Stream.of("0", "-1", "-0", "2147483648", "4294967338", "9223372036854775808", "-9223372036854775809")
                        .map(value -> Arguments.of("user_id", value, USER_ID_RANGE)));
        Stream<Arguments> completions = Stream.of("-0.1", "1.0000001", "2", "-1", "1e400", "-1e400", "9".repeat(900))
                .map(value -> Arguments.of("completion", value, COMPLETION_RANGE));
        Stream<Arguments> keys = Stream.of("course_key", "block_key")
                .flatMap(field -> Stream.concat(
                        Stream.of(
                                        "\\u0000",
                                        "a\\nb",
                                        "a\\tb",
                                        "\\u001f",
                                        "a\\u007fb",
                                        "a\\u0085b",
                                        "a\\ud83d",
                                        "\\ude00a",
                                        "\\ude00\\ud83d")
                                .map(key -> Arguments.of(field, '"' + key + '"', UNSTORABLE)),
                        Stream.of(
                                Arguments.of(field, "\"\"", "must not be empty"),
                                Arguments.of(field, '"' + "k".repeat(256) + '"', "must have at most 255 characters"),
                                Arguments.of(field, '"' + "😀".repeat(256) + '"', "must have at most 255 characters"),
                                Arguments.of(field, "\" a\"", "must not begin or end with white space"),
                                Arguments.of(field, "\"a\u2003\"", "must not begin or end with white space"))));
        Stream<Arguments> type = Stream.of(Arguments.of(
                "block_key",
                "\"block-v1:o+c+r+type@" + "t".repeat(65) + "+block@b\"",
                "its block type has more than 64 characters"));
        return Stream.of(types, userIds, completions, keys, type).flatMap(each -> each);
    }

    private static boolean isOfType(String field, String value) {
        return field.endsWith("_key") ? value.startsWith("\"") : field.equals("completion") && value.equals("0.5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NaN",
                "Infinity",
                "-Infinity",
                "+1",
                ".5",
                "0.",
                "00.5",
                "0x1",
                "1e",
                "True",
                "'a'",
                "\"a\nb\"",
                "\"a\u0000b\"",
                "\"\\x\"",
                "\"\\ud8\"",
                ""
            })
    void write_valueThatIsNotJson_isRefusedWithItsPlace(String value) {
        for (String field : List.of("user_id", "course_key", "block_key", "completion", "unknown")) {
            Answer answer = post(withField(field, value));

            assertThat(problem(answer, 400).getString("detail"))
                    .as(field)
                    .startsWith("the body is not valid JSON: ")
                    .matches("(?s).* \\(line \\d, column \\d+\\)");
        }
        assertNothingTaken();
    }

    @ParameterizedTest
    @CsvSource({"FF", "C328", "E28228", "F0288CBC", "F8A1A1A1A1", "EDA080"})
    void write_keyThatIsNotUtf8_isRefused(String hex) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes("{\"user_id\":42,\"course_key\":\"c".getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < hex.length(); i += 2) {
            body.write(Integer.parseInt(hex.substring(i, i + 2), 16));
        }
        body.writeBytes("\",\"block_key\":\"b\",\"completion\":1}".getBytes(StandardCharsets.UTF_8));

        Answer answer = send(request("POST", WRITES, body.toByteArray(), JSON));

        assertThat(problem(answer, 400).getString("detail")).matches("the body is not valid JSON: .*|.*" + UNSTORABLE);
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE"})
    void write_cutInAnotherEncoding_isRefused(String encoding) {
        byte[] bytes = GOOD.getBytes(Charset.forName(encoding));
        for (int cut = 1; cut <= 6; cut++) {
            Answer answer = send(request("POST", WRITES, Arrays.copyOf(bytes, bytes.length - cut), JSON));

            assertThat(problem(answer, 400).getString("detail")).startsWith("the body is not valid JSON: ");
        }
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 200_000})
    void write_charactersThatDoNotExist_isRefused(int length) {
        byte[] unusualOrder = ByteBuffer.allocate(length).putInt(0x0000FFFE).array();
        byte[] beyondUnicode =
                ByteBuffer.allocate(length + 4).putInt('[').putInt(0x7FFFFFFF).array();

        for (byte[] body : List.of(unusualOrder, beyondUnicode)) {
            Answer answer = send(request("POST", WRITES, body, JSON));

            assertThat(problem(answer, 400).getString("detail")).startsWith("the body is not valid JSON: ");
        }
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(strings = {"user_id", "course_key", "block_key", "completion"})
    void write_fieldMissing_isRefusedByName(String field) {
        Answer answer = post(withoutField(field));

        assertThat(problem(answer, 400).getString("detail")).isEqualTo("write 0: " + field + " is missing");
        assertErrors(answer, "0 " + field + " is missing");
        assertNothingTaken();
    }

    @Test
    void write_allFieldsMissing_namesThemAll() {
        assertErrors(
                post("[" + GOOD + ",{}]"),
                "1 user_id is missing",
                "1 course_key is missing",
                "1 block_key is missing",
                "1 completion is missing");
        assertNothingTaken();
    }

    @Test
    void write_severalWrongFields_namesThemAll() {
        assertErrors(
                post(write("\"42\"", "null", "\"b\"", "7")),
                "0 user_id must be an integer, was a string",
                "0 course_key must be a string, was null",
                "0 completion " + COMPLETION_RANGE);
        assertNothingTaken();
    }

    @Test
    void write_manyWrongElements_namesTheFirstTwenty() {
        Answer answer = post("[" + String.join(",", Collections.nCopies(50, withField("user_id", "0"))) + "]");

        assertErrors(
                answer,
                IntStream.range(0, 20)
                        .mapToObj(i -> i + " user_id " + USER_ID_RANGE)
                        .toArray(String[]::new));
        assertNothingTaken();
    }

    @Test
    void write_unknownFields_areIgnored() {
        String body =
                GOOD.replace("{", "{\"a\":null,\"b\":{\"user_id\":[7]},\"c\":[{}],\"USER_ID\":1,\"\":\"\\u0000\",");

        assertThat(post(body).status()).isEqualTo(202);

        service.flush();
        assertThat(database.query("SELECT user_id, completion FROM completion_blockcompletion"))
                .containsExactly(List.of("42", "0.5"));
    }

    @Test
    void write_longestKeys_areTakenAsTheyAre() {
        String course = "😀".repeat(255);
        String block = "é".repeat(255);

        assertThat(post(write("2147483647", '"' + course + '"', '"' + block + '"', "-0.0"))
                        .status())
                .isEqualTo(202);

        service.flush();
        assertThat(database.query("SELECT user_id, course_key, block_key, completion FROM completion_blockcompletion"))
                .containsExactly(List.of("2147483647", course, block, "0"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|the body is empty",
                "` \n\t `|the body is empty",
                "[]|the body holds no writes",
                "[[]]|write 0: must be an object, was an array",
                "null|write 0: must be an object, was null",
                "42|write 0: must be an object, was a number",
                "\"a\"|write 0: must be an object, was a string",
                "[true]|write 0: must be an object, was a boolean",
                "{}|write 0: user_id is missing",
            })
    void write_bodyWithoutWrites_isRefused(String body, String detail) {
        assertThat(problem(post(body), 400).getString("detail")).isEqualTo(detail);
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n\r\n", " "})
    void write_ndjsonWithoutWrites_isRefused(String body) {
        assertThat(problem(post(WRITES, body, NDJSON), 400).getString("detail")).isEqualTo("the body holds no writes");
        assertNothingTaken();
    }

    @Test
    void write_noBodyAtAll_isRefused() {
        Answer answer = send(("POST /v1/completions HTTP/1.1\r\nhost: a\r\n" + JSON + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));

        assertThat(problem(answer, 400).getString("detail")).isEqualTo("the body is empty");
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", " ", "", ","})
    void write_twoObjectsWithoutArray_isRefused(String between) {
        Answer answer = post(GOOD + between + GOOD);

        assertThat(problem(answer, 400).getString("detail"))
                .matches("the body goes on after its JSON value; .*|the body is not valid JSON: .*");
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "]", "}", "0", "\u0001"})
    void write_goingOnAfterItsEnd_isRefused(String rest) {
        problem(post(GOOD + rest), 400);
        problem(post("[" + GOOD + "]" + rest), 400);
        problem(post(WRITES, GOOD + rest, NDJSON), 400);
        assertNothingTaken();
    }

    @Test
    void write_moreElementsThanAllowed_isRefused() {
        String body = IntStream.rangeClosed(0, 100_000)
                .mapToObj(i -> write("42", "\"c\"", "\"b" + i + '"', "1"))
                .collect(Collectors.joining(",", "[", "]"));

        Answer answer = post(body);

        assertThat(problem(answer, 400).getString("detail"))
                .isEqualTo("the body holds more than 100000 writes: send them in several requests");
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 300})
    void write_oneBadElementAmongAThousand_namesItAndTakesNone(int blockKeyLength) {
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            elements.add(write("42", "\"c\"", "\"" + "b".repeat(Math.min(blockKeyLength, 200)) + i + '"', "1"));
        }
        elements.set(637, withField("completion", "1.5"));

        assertErrors(post("[" + String.join(",", elements) + "]"), "637 completion " + COMPLETION_RANGE);
        assertErrors(post(WRITES, String.join("\n", elements), NDJSON), "637 completion " + COMPLETION_RANGE);
        elements.set(637, "{\"user_id\":}");
        problem(post("[" + String.join(",", elements) + "]"), 400);
        assertThat(problem(post(WRITES, String.join("\n", elements), NDJSON), 400)
                        .getString("detail"))
                .contains("(line 638, column ");
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(strings = {"user_id", "course_key", "block_key", "completion", "unknown"})
    void write_nestedTenThousandDeep_isRefused(String field) {
        for (String value : List.of(
                "[".repeat(10_000) + "]".repeat(10_000),
                "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000),
                "[".repeat(10_000))) {
            Answer answer = post(withField(field, value));

            assertThat(problem(answer, 400).getString("detail")).contains("nesting depth");
        }
        problem(post("[".repeat(10_000)), 400);
        problem(post(WRITES, "[".repeat(10_000), NDJSON), 400);
        assertNothingTaken();
    }

    @Test
    void write_numberOrNameBeyondReason_isRefused() {
        problem(post(withField("completion", "0." + "1".repeat(100_000))), 400);
        problem(post(withField("user_id", "1".repeat(100_000))), 400);
        problem(post(withField("completion", "1e" + "9".repeat(900))), 400);
        problem(post(withField("n".repeat(100_000), "1")), 400);
        problem(post(withField("course_key", '"' + "k".repeat(1_000_000) + '"')), 400);
        assertNothingTaken();
    }

    @Test
    @ShowsEffectOf("http.max-body")
    void write_overTheLimit_isRefusedAndTheConnectionGoesOn() {
        try (RunningService small = RunningService.start(database.uri(), "http.max-body=1KiB", "flush.interval=1h");
                RawHttp connection = RawHttp.connect(small.port())) {
            String fits = GOOD + " ".repeat(1_024 - GOOD.length());
            String over = fits + " ";

            connection.send(request("POST", WRITES, over, JSON));
            assertThat(problem(connection.answer(), 413).getString("detail")).isEqualTo("the body is larger than 1KiB");
            connection.send(chunkedHead("POST", WRITES, JSON)).send(chunked(over));
            assertThat(problem(connection.answer(), 413).getString("detail")).isEqualTo("the body is larger than 1KiB");
            connection.send(request("POST", WRITES, over.repeat(1_000), JSON));
            problem(connection.answer(), 413);
            connection.send(chunkedHead("POST", WRITES, JSON)).send(chunked(over.repeat(1_000)));
            problem(connection.answer(), 413);
            assertThat(small.service().buffer().pendingKeys()).isZero();

            connection.send(request("POST", WRITES, fits, JSON));
            assertThat(connection.answer().status()).isEqualTo(202);
            connection.send(chunkedHead("POST", WRITES, JSON)).send(chunked(fits));
            assertThat(connection.answer().status()).isEqualTo(202);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/jsonx",
                "application",
                "",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/problem+json",
                ", application/json",
                ";application/json"
            })
    void write_wrongContentType_isRefused(String type) {
        Answer answer = post(WRITES, GOOD, "content-type: " + type);

        assertThat(problem(answer, 415).getString("detail")).isEqualTo("send application/json or application/x-ndjson");
        assertNothingTaken();
    }

    @Test
    void write_withoutContentType_isRefused() {
        problem(post(WRITES, GOOD), 415);
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json; charset=utf-8",
                "APPLICATION/JSON",
                "application/json ;x",
                "application/x-ndjson",
                "Application/X-NDJSON;charset=UTF-8"
            })
    void write_contentTypeWithParameter_isTaken(String type) {
        assertThat(post(WRITES, GOOD, "content-type: " + type).status()).isEqualTo(202);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br", "identity, gzip", "x"})
    void write_encodedBody_isRefused(String encoding) {
        Answer answer = post(WRITES, GOOD, JSON, "content-encoding: " + encoding);

        assertThat(problem(answer, 415).getString("detail")).isEqualTo("send the body without content encoding");
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "FOO"})
    void writePath_wrongMethod_namesTheRightOne(String method) {
        Answer answer = send(request(method, WRITES, GOOD, JSON));

        problem(answer, 405);
        assertThat(answer.header("allow")).isEqualTo("POST");
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "OPTIONS", "FOO"})
    void readPath_wrongMethod_namesTheRightOne(String method) {
        Answer answer = send(request(method, READ, GOOD, JSON));

        problem(answer, 405);
        assertThat(answer.header("allow")).contains("GET");
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/v1",
                "/v1/completion",
                "/v1/completions/42",
                "/v1/users/42",
                "/v1/users//completions?course_key=c",
                "/V1/COMPLETIONS",
                "/v1/users/42/completions/1?course_key=c",
                "/../v1/completions/x"
            })
    void anyMethod_unknownPath_isNotFound(String path) {
        for (String method : List.of("GET", "POST", "DELETE")) {
            problem(send(request(method, path, GOOD, JSON)), 404);
        }
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "", "MEMORY", "memory%20", "%00", "memory,journal"})
    void write_unknownAck_isRefused(String ack) {
        Answer answer = post(WRITES + "?ack=" + ack, GOOD, JSON);

        assertThat(problem(answer, 400).getString("detail")).isEqualTo("ack must be memory, journal or database");
        assertThat(errors(answer)).containsExactly("null ack must be memory, journal or database");
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%z", "%zz", "%4", "a%", "%u0041"})
    void anyRequest_brokenPercentEncoding_isRefused(String broken) {
        problem(post(WRITES + "?ack=" + broken, GOOD, JSON), 400);
        problem(post(WRITES + "?" + broken + "=memory", GOOD, JSON), 400);
        problem(get("/v1/users/42/completions?course_key=" + broken), 400);
        problem(get("/v1/users/42/completions?course_key=c&block_key=" + broken), 400);
        problem(get("/v1/users/42/completions?course_key=c&" + broken), 400);
        problem(get("/v1/users/" + broken + "/completions?course_key=c"), 400);
        problem(get("/" + broken), 400);
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-1",
                "2147483648",
                "9223372036854775808",
                "42.0",
                "abc",
                "+",
                "+1",
                "0001",
                "01",
                "4_2",
                "42;x",
                "99999999999",
                "0x1"
            })
    void read_wrongUserId_isRefused(String userId) {
        Answer answer = get("/v1/users/" + userId + "/completions?course_key=c");

        assertThat(problem(answer, 400).getString("detail")).isEqualTo("user_id " + USER_ID_RANGE);
        assertThat(errors(answer)).containsExactly("null user_id " + USER_ID_RANGE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//v1/completions",
                "/v1//completions",
                "/v1/completions/",
                "/v1/completions//",
                "/v1/./completions",
                "/./v1/completions",
                "/v1/x/../completions",
                "/v1/completions/.",
                "/v1/completions/x/..",
                "/%76%31/completions",
                "/v1/completion%73",
                "/v1%2Fcompletions",
                "/v1/completions;x=1",
                "/v1/%2e/completions",
                "/v1/x/%2e%2e/completions",
                "/v1/completions%00",
                "/V1/completions",
                "/v1/users/4%32/completions?course_key=c",
                "/v1/users/%D9%A4%D9%A2/completions?course_key=c",
                "/v1/users/%22/completions?course_key=c",
                "/v1/users/%ff/completions?course_key=c",
                "/v1/users/42/completions/?course_key=c",
                "http://localhost//v1/completions"
            })
    void anyRequest_anotherSpellingOfAPath_isNotFound(String path) {
        for (String method : List.of("POST", "GET", "DELETE")) {
            Answer answer = send(request(method, path, GOOD, JSON));
            assertThat(answer.status()).as(answer.body()).isIn(400, 404);
            problem(answer, answer.status());
        }
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ack=memory&ack=memory", "ack=database&ack=memory", "ack=memory&x=%ff", "ack=memory&%C0%AF"})
    void write_queryThatCanBeReadInTwoWays_isRefused(String query) {
        problem(post(WRITES + "?" + query, GOOD, JSON), 400);
        assertNothingTaken();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CONNECT|localhost:80|400|not a proxy",
                "CONNECT|/v1/completions|400|not a proxy",
                "OPTIONS|*|404|ask for a path",
                "POST|*|400|ask for a path",
                "POST|v1/completions|400|neither a path nor an http URL",
                "POST|http://other/v1/completions|400|different hosts",
                "POST|http://u@localhost/v1/completions|400|different hosts",
                "POST|http://localhost:80/v1/completions|400|different hosts",
                "POST|http://localhost?/v1/completions|400|different hosts",
                "POST|http://localhost|400|neither a path nor an http URL",
                "POST|http:///v1/completions|400|neither a path nor an http URL",
                "POST|ftp://localhost/v1/completions|400|neither a path nor an http URL",
            })
    void anyRequest_targetOfAnotherForm_isRefusedWithAReason(String method, String target, int status, String detail) {
        Answer answer = send(request(method, target, GOOD, JSON));

        assertThat(problem(answer, status).getString("detail")).contains(detail);
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost/v1/completions", "HTTP://LOCALHOST/v1/completions?ack=journal"})
    void write_absoluteTargetOfTheSameHost_isTaken(String target) {
        assertThat(post(target, GOOD, JSON).status()).isEqualTo(202);
    }

    @Test
    void write_unknownExpectation_isToldWhich() {
        assertThat(problem(post(WRITES, GOOD, JSON, "expect: miracles"), 417).getString("detail"))
                .contains("100-continue");
        assertNothingTaken();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x=y|course_key is missing",
                "&&&|course_key is missing",
                "course_key|course_key must not be empty",
                "course_key=|course_key must not be empty",
                "course_key=%00|course_key must not contain control characters or unpaired surrogates",
                "course_key=%20a|course_key must not begin or end with white space",
                "course_key=c&course_key=c|course_key is given twice",
                "course_key=c&block_key=|block_key must not be empty",
                "course_key=c&block_key=b&block_key=%0a|block_key must not contain control characters or unpaired surrogates",
            })
    void read_wrongParameters_isRefusedByName(String query, String detail) {
        Answer answer = get("/v1/users/42/completions?" + query);

        assertThat(problem(answer, 400).getString("detail")).isEqualTo(detail);
        assertThat(errors(answer)).containsExactly("null " + detail);
        problem(get("/v1/users/42/completions"), 400);
        problem(get("/v1/users/42/completions?course_key=" + "c".repeat(256)), 400);
    }

    /** Returns the problem an answer tells, having checked that it is told in full. */
    private static void assertErrors(Answer answer, String... expected) {
        problem(answer, 400);
        List<String> errors = errors(answer);
        assertThat(errors).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(errors.get(i)).matches(expected[i]);
        }
    }

    private static List<String> errors(Answer answer) {
        JsonArray errors = new JsonObject(answer.body()).getJsonArray("errors");
        return errors.stream()
                .map(JsonObject.class::cast)
                .map(error ->
                        error.getInteger("index") + " " + error.getString("field") + " " + error.getString("reason"))
                .toList();
    }

    private void assertNothingTaken() {
        assertThat(service.service().buffer().pendingKeys()).isZero();
        service.flush();
        assertThat(database.rows()).isZero();
    }

    private RawHttp connect() {
        return RawHttp.connect(service.port());
    }

    private Answer send(byte[] request) {
        try (RawHttp connection = connect()) {
            return connection.send(request).answer();
        }
    }

    private Answer get(String target) {
        return send(request("GET", target, ""));
    }

    private Answer post(String body) {
        return post(WRITES, body, JSON);
    }

    private Answer post(String target, String body, String... headers) {
        return send(request("POST", target, body, headers));
    }

    private static String write(String userId, String courseKey, String blockKey, String completion) {
        return "{\"user_id\":" + userId + ",\"course_key\":" + courseKey + ",\"block_key\":" + blockKey
                + ",\"completion\":" + completion + "}";
    }

    private static String withField(String name, String value) {
        return withoutField(name).replace("}", ",\"" + name + "\":" + value + "}");
    }

    private static String withoutField(String name) {
        JsonObject write = new JsonObject(GOOD);
        write.remove(name);
        return write.encode();
    }
}
