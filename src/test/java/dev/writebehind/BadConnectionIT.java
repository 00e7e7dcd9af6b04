package dev.writebehind;

import static dev.writebehind.testing.Problems.problem;
import static dev.writebehind.testing.RawHttp.chunked;
import static dev.writebehind.testing.RawHttp.chunkedHead;
import static dev.writebehind.testing.RawHttp.head;
import static dev.writebehind.testing.RawHttp.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.RawHttp.Answer;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken HTTP, slow and vanishing clients, requests in a row, and chance: none of it harms the service. */
class BadConnectionIT {
    private static final String WRITES = "/v1/completions";
    private static final String READ = "/v1/users/42/completions?course_key=c";
    private static final String JSON = "content-type: application/json";
    private static final String GOOD = Bodies.write(42, 0.5);
    private static final byte[] GOOD_REQUEST = request("POST", WRITES, GOOD, JSON);

    /** Method, target, body and a header of requests that are fine. */
    private static final List<String[]> SEEDS = List.of(
            new String[] {"POST", WRITES, GOOD, JSON},
            new String[] {"POST", WRITES + "?ack=memory", "[" + GOOD + "," + Bodies.write(7, 0.5) + "]", JSON},
            new String[] {
                "POST", WRITES, GOOD + "\n" + Bodies.write(8, 0.5), "content-type: application/x-ndjson; charset=utf-8"
            },
            new String[] {"GET", READ + "&block_key=b%2B1&block_key=b+2", "", "accept: */*"},
            new String[] {"GET", READ, "", "x-forwarded-for: 10.0.0.1, ::1"});

    private static final List<String> HEADERS = List.of(
            "",
            "transfer-encoding: chunked\r\n",
            "transfer-encoding: gzip, chunked\r\n",
            "content-length: 5\r\n",
            "content-encoding: gzip\r\n",
            "content-type: multipart/form-data; boundary=x\r\n",
            "connection: close, te\r\n",
            "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\nsec-websocket-version: 13\r\n",
            "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n",
            "expect: 100-continue\r\n",
            "expect: miracles\r\n",
            "host: [::1\r\n",
            "host: a:99999999999\r\n",
            "cookie: =;a=\"\u0001;;\r\n",
            "forwarded: for=\"[::1\";proto=x\r\n",
            " folded: yes\r\n");

    private static final List<String> TOKENS = List.of(
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            "\\",
            "\\u0000",
            "\\ud800",
            "null",
            "true",
            "NaN",
            "-",
            "1e999",
            "0.0",
            "9999999999999999999",
            "\u0000",
            "\u00ff",
            "\u00ed\u00a0\u0080",
            "\r\n",
            "\n",
            " ",
            "\t",
            "%",
            "%00",
            "%ff",
            "%zz",
            "+",
            "&",
            "?",
            "#",
            "/",
            "//",
            "/../",
            ";",
            "=",
            "*",
            "user_id",
            "course_key",
            "\"\"",
            "[[[[[[[[");

    /** Flushes only when told to, and waits for no request longer than a second. */
    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.with(
            "http.request-timeout=1s", "http.max-body=64KiB", "flush.interval=1h", "buffer.retain=0s");

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
    @MethodSource("brokenHttp")
    void connection_brokenHttp_isAnsweredAndClosed(int status, String bytes) {
        try (RawHttp connection = connect()) {
            Answer answer = connection.send(bytes).answer();

            problem(answer, status);
            assertThat(connection.isHungUp()).isTrue();
        }
        assertNothingTaken();
    }

    static Stream<Arguments> brokenHttp() {
        String post = "POST /v1/completions HTTP/1.1\r\nhost: a\r\n" + JSON + "\r\n";
        return Stream.of(
                Arguments.of(400, "garbage\r\n\r\n"),
                Arguments.of(400, "GET\r\n\r\n"),
                Arguments.of(400, "\u0016\u0003\u0001\u0000\u00f4\u0001\r\n\r\n"),
                Arguments.of(400, "GET / HTTP/1.1\r\nhost: a\r\nno colon\r\n\r\n"),
                Arguments.of(400, "GET / HTTP/1.1\r\nhost: a\r\nb\u0000d: x\r\n\r\n"),
                Arguments.of(400, post + "content-length: -1\r\n\r\n"),
                Arguments.of(400, post + "content-length: x\r\n\r\n"),
                Arguments.of(400, post + "content-length: 99999999999999999999\r\n\r\n"),
                Arguments.of(400, post + "content-length: 1\r\ncontent-length: 2\r\n\r\n[]"),
                Arguments.of(431, "GET / HTTP/1.1\r\nhost: a\r\nx: " + "y".repeat(17_000) + "\r\n\r\n"),
                Arguments.of(431, "GET / HTTP/1.1\r\n" + "a: b\r\n".repeat(3_000) + "\r\n"),
                Arguments.of(414, "GET /" + "y".repeat(70_000) + " HTTP/1.1\r\nhost: a\r\n\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"zz\r\n", "-1\r\n", "\r\n\r\n", "5\r\nfive!more\r\n0\r\n\r\n", "99999999999999999999\r\n"})
    void write_brokenChunks_areAnsweredAndClosed(String chunks) {
        try (RawHttp connection = connect()) {
            connection.send(chunkedHead("POST", WRITES, JSON)).send(chunks);
            problem(connection.answer(), 400);
            assertThat(connection.isHungUp()).isTrue();
        }
        assertNothingTaken();
    }

    @ParameterizedTest
    @MethodSource("trickles")
    void write_bodyThatTrickles_isTimedOutAndTheConnectionClosed(byte[] head, byte[] body) {
        try (RawHttp connection = connect()) {
            connection.send(head).trickle(body, Duration.ofMillis(250));
            assertTimedOut(connection);
        }
        assertNothingTaken();
    }

    static Stream<Arguments> trickles() {
        return Stream.of(
                Arguments.of(head("POST", WRITES, GOOD.length(), JSON), bytes(GOOD)),
                Arguments.of(chunkedHead("POST", WRITES, JSON), chunked(GOOD)));
    }

    @Test
    @ShowsEffectOf("http.request-timeout")
    void write_bodyThatNeverComes_isTimedOutAndTheConnectionClosed() {
        byte[] head = head("POST", WRITES, 100, JSON);
        try (RawHttp first = connect().send(head);
                RawHttp second = connect().send(GOOD_REQUEST).send(head)) {
            assertTimedOut(first);
            assertThat(second.answer().status()).isEqualTo(202);
            assertTimedOut(second);
        }
        service.flush();
        assertThat(database.rows()).isEqualTo(1);
    }

    @Test
    void connection_headThatTricklesOrNeverComes_isClosed() {
        try (RawHttp silent = connect();
                RawHttp slow = connect()) {
            slow.trickle(GOOD_REQUEST, Duration.ofMillis(250));
            assertThat(slow.isHungUp()).isTrue();
            assertThat(silent.isHungUp()).isTrue();
        }
        assertNothingTaken();
    }

    @Test
    void write_answerTakesLongerThanARequestMay_isAnswered() {
        service.manage("POST", "/admin/pause");
        try (RawHttp connection = connect()) {
            connection.send(request("POST", WRITES + "?ack=database", GOOD, JSON));
            assertThat(connection.isSilentFor(Duration.ofMillis(1_500))).isTrue();

            service.manage("POST", "/admin/resume");

            assertThat(connection.answer().status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void write_clientHangsUpHalfWay_isForgotten(boolean reset) {
        String half = GOOD.substring(0, GOOD.length() / 2);
        try (RunningService own = RunningService.start(database.uri())) {
            for (int i = 0; i < 50; i++) {
                for (byte[] head : List.of(
                        head("POST", WRITES, GOOD.length(), JSON),
                        head("POST", WRITES, GOOD.length(), JSON, "expect: 100-continue"),
                        head("POST", WRITES, 1_000_000, JSON))) {
                    hangUp(RawHttp.connect(own.port()).send(head).send(half), reset);
                }
                hangUp(
                        RawHttp.connect(own.port())
                                .send(chunkedHead("POST", WRITES, JSON))
                                .send(Integer.toHexString(GOOD.length()) + "\r\n" + half),
                        reset);
                hangUp(
                        RawHttp.connect(own.port())
                                .send(chunkedHead("POST", WRITES, JSON))
                                .send(Integer.toHexString(GOOD.length()) + "\r\n" + GOOD + "\r\n"),
                        reset);
                hangUp(RawHttp.connect(own.port()).send(Arrays.copyOf(GOOD_REQUEST, 30)), reset);
            }
            try (RawHttp connection = RawHttp.connect(own.port())) {
                problem(connection.send(request("POST", WRITES, half, JSON)).answer(), 400);
            }
        }
        assertNothingTaken();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void write_clientHangsUpBeforeItsAnswer_isKept(boolean reset) {
        service.manage("POST", "/admin/pause");
        RawHttp connection = connect().send(request("POST", WRITES + "?ack=database", GOOD, JSON));
        await().until(() -> service.service().buffer().pendingKeys() == 1);

        hangUp(connection, reset);

        service.manage("POST", "/admin/resume");
        service.flush();
        assertThat(database.rows()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void read_clientHangsUpBeforeItsAnswer_isForgotten(boolean reset) throws SQLException {
        try (Connection locking = database.connect();
                Statement statement = locking.createStatement()) {
            statement.execute("LOCK TABLES completion_blockcompletion WRITE");
            for (int i = 0; i < 4; i++) {
                RawHttp connection = connect().send(request("GET", READ, ""));
                assertThat(connection.isSilentFor(Duration.ofMillis(100))).isTrue();
                hangUp(connection, reset);
            }
        }
        try (RawHttp connection = connect()) {
            assertThat(connection.send(request("GET", READ, "")).answer().status())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @MethodSource("refusedRequests")
    void connection_goodRequestAfterARefusedOne_isAnswered(int status, byte[] refused) {
        try (RawHttp connection = connect()) {
            connection.send(refused).send(GOOD_REQUEST).send(refused).send(request("GET", READ, ""));

            problem(connection.answer(), status);
            assertThat(connection.answer().body()).isEqualTo("{\"accepted\":1,\"ack\":\"journal\"}");
            problem(connection.answer(), status);
            assertThat(connection.answer().body()).startsWith("{\"completions\":[");
        }
    }

    static Stream<Arguments> refusedRequests() {
        String big = GOOD + " ".repeat(64 * 1024);
        return Stream.of(
                        Arguments.of(415, request("POST", WRITES, GOOD, "content-type: text/plain")),
                        Arguments.of(415, request("POST", WRITES, big, "content-type: text/plain")),
                        Arguments.of(415, request("POST", WRITES, GOOD, JSON, "content-encoding: gzip")),
                        Arguments.of(400, request("POST", WRITES, "[" + GOOD, JSON)),
                        Arguments.of(400, request("POST", WRITES + "?ack=disk", GOOD, JSON)),
                        Arguments.of(400, request("POST", WRITES + "?ack=%zz", GOOD, JSON)),
                        Arguments.of(400, request("GET", "/v1/users/%zz/completions", GOOD, JSON)),
                        Arguments.of(400, request("GET", "/v1/users/0/completions", GOOD, JSON)),
                        Arguments.of(400, request("GET", "/v1/users/1/completions", big, JSON)),
                        Arguments.of(413, request("POST", WRITES, big, JSON)),
                        Arguments.of(404, request("POST", "/nowhere", GOOD, JSON)),
                        Arguments.of(404, request("POST", "/nowhere", big, JSON)),
                        Arguments.of(405, request("PUT", WRITES, GOOD, JSON)),
                        Arguments.of(405, request("PUT", WRITES, big, JSON)))
                .flatMap(one -> {
                    String request = new String((byte[]) one.get()[1], StandardCharsets.ISO_8859_1);
                    int body = request.indexOf("\r\n\r\n") + 4;
                    byte[] inChunks = (request.substring(0, body)
                                            .replaceAll("content-length: \\d+", "transfer-encoding: chunked")
                                    + new String(chunked(request.substring(body)), StandardCharsets.ISO_8859_1))
                            .getBytes(StandardCharsets.ISO_8859_1);
                    return Stream.of(one, Arguments.of(one.get()[0], inChunks));
                });
    }

    @Test
    void connection_requestsInARow_areAnsweredInOrder() {
        try (RawHttp connection = connect()) {
            connection.send(request("POST", WRITES + "?ack=database", "[" + Bodies.write(1, 0.5) + "]", JSON));
            for (int i = 2; i <= 50; i++) {
                connection.send(request(
                        "POST",
                        WRITES,
                        Bodies.array(IntStream.rangeClosed(1, i).mapToObj(user -> Bodies.write(user, 0.5))),
                        JSON));
            }
            await().until(() -> service.service().buffer().pendingKeys() >= 1);
            service.flush();

            for (int i = 1; i <= 50; i++) {
                assertThat(connection.answer().body()).startsWith("{\"accepted\":" + i + ",");
            }
        }
        service.flush();
        assertThat(database.rows()).isEqualTo(50);
    }

    @Test
    void connection_headRequests_areAnsweredWithoutBody() {
        try (RawHttp connection = connect()) {
            connection
                    .send(request("HEAD", WRITES, ""))
                    .send(request("HEAD", "/nowhere", ""))
                    .send(GOOD_REQUEST);

            assertThat(connection.answerWithoutBody().status()).isEqualTo(405);
            assertThat(connection.answerWithoutBody().status()).isEqualTo(404);
            assertThat(connection.answer().status()).isEqualTo(202);
        }
    }

    @Test
    void write_expectingToBeToldToGoOn_isTold() {
        try (RawHttp connection = connect()) {
            connection.send(head("POST", WRITES, GOOD.length(), JSON, "expect: 100-continue"));
            assertThat(connection.answer().status()).isEqualTo(100);
            assertThat(connection.send(GOOD).answer().status()).isEqualTo(202);
        }
    }

    @Test
    void write_refusedBeforeItsBody_isNotToldToGoOn() {
        String expect = "expect: 100-continue";
        try (RawHttp connection = connect()) {
            problem(connection.send(head("POST", WRITES, 100_000, JSON, expect)).answer(), 413);
        }
        try (RawHttp connection = connect()) {
            problem(
                    connection
                            .send(head("POST", WRITES, 100, "content-type: a/b", expect))
                            .answer(),
                    415);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"upgrade: websocket", "upgrade: h2c\r\nhttp2-settings: AAMAAABkAARAAAAAAAIAAAAA", "upgrade: x"})
    void write_askingForAnotherProtocol_isNotHarmed(String upgrade) {
        try (RawHttp connection = connect()) {
            connection.send(request("POST", WRITES, GOOD, JSON, "connection: upgrade", upgrade));

            assertThat(connection.answer().status()).isIn(202, 400);
        }
    }

    @Test
    void requests_wellFramedButMutated_neverFailTheService() throws Exception {
        Map<Integer, Integer> statuses = fuzz(3_000, random -> {
            String[] seed = SEEDS.get(random.nextInt(SEEDS.size()));
            String target = seed[1];
            String body = seed[2];
            if (random.nextInt(3) == 0) {
                target = "/" + mutated(target, random).replaceAll("[^!-~]", "%");
            } else {
                body = mutated(body, random);
            }
            return request(seed[0], target, bytes(body), seed[3]);
        });

        assertThat(statuses).containsKeys(200, 202, 400, 404);
        assertStillWorking();
    }

    @Test
    void requests_mutatedAnywhere_neverFailTheService() throws Exception {
        Map<Integer, Integer> statuses = fuzz(1_000, random -> {
            String[] seed = SEEDS.get(random.nextInt(SEEDS.size()));
            String whole = text(request(seed[0], seed[1], seed[2], seed[3]));
            int headLength = whole.indexOf("\r\n\r\n") + 2;
            String head = mutated(whole.substring(0, headLength), random);
            return bytes(head + HEADERS.get(random.nextInt(HEADERS.size())) + whole.substring(headLength));
        });

        assertThat(statuses).containsKeys(200, 202, 400, 404, 405, 415);
        assertStillWorking();
    }

    private interface Mutation {
        byte[] next(Random random);
    }

    /** Sends that many requests, each on a connection of its own, and counts the answers by status. */
    private Map<Integer, Integer> fuzz(int requests, Mutation mutation) throws Exception {
        Random random = new Random(20_260_101);
        ExecutorService clients = Executors.newFixedThreadPool(64);
        try {
            List<byte[]> sent = new ArrayList<>();
            List<Future<Optional<Answer>>> answers = new ArrayList<>();
            for (int i = 0; i < requests; i++) {
                byte[] request = mutation.next(random);
                sent.add(request);
                answers.add(clients.submit(() -> {
                    try (RawHttp connection = connect()) {
                        return connection.send(request).answerIfAny();
                    }
                }));
            }
            Map<Integer, Integer> statuses = new TreeMap<>();
            for (int i = 0; i < requests; i++) {
                Optional<Answer> answer = answers.get(i).get();
                if (answer.isPresent()) {
                    int status = answer.get().status();
                    assertThat(status < 500 || status == 503)
                            .as("%s%nanswered %s", text(sent.get(i)), answer.get())
                            .isTrue();
                    statuses.merge(status, 1, Integer::sum);
                }
            }
            return statuses;
        } finally {
            clients.shutdownNow();
        }
    }

    private static String mutated(String text, Random random) {
        StringBuilder mutated = new StringBuilder(text);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(mutated.length() + 1);
            int end = Math.min(mutated.length(), at + 1 + random.nextInt(8));
            switch (random.nextInt(6)) {
                case 0 -> mutated.delete(at, end);
                case 1 -> mutated.insert(at, mutated.substring(at, end));
                case 2 -> mutated.insert(at, (char) random.nextInt(256));
                case 3 -> mutated.replace(at, end, String.valueOf((char) random.nextInt(256)));
                case 4 -> mutated.setLength(at);
                default -> mutated.replace(at, end, TOKENS.get(random.nextInt(TOKENS.size())));
            }
        }
        return mutated.toString();
    }

    private void assertStillWorking() {
        try (RawHttp connection = connect()) {
            connection.send(request("POST", WRITES + "?ack=memory", Bodies.write(4_711, 0.5), JSON));
            assertThat(connection.answer().body()).isEqualTo("{\"accepted\":1,\"ack\":\"memory\"}");
            service.flush();
            connection.send(request("GET", "/v1/users/4711/completions?course_key=c", ""));
            assertThat(connection.answer().body()).contains("\"completion\":0.5", "\"state\":\"stored\"");
        }
        assertThat(service.service().buffer().pendingKeys()).isZero();
        assertThat(service.service().buffer().pendingBytes()).isZero();
    }

    private static void assertTimedOut(RawHttp connection) {
        Answer answer = connection.answer();
        assertThat(problem(answer, 408).getString("detail"))
                .isEqualTo("the request did not arrive whole within 1000 ms");
        assertThat(answer.header("connection")).isEqualTo("close");
        assertThat(connection.isHungUp()).isTrue();
    }

    private static void hangUp(RawHttp connection, boolean reset) {
        if (reset) {
            connection.abort();
        } else {
            connection.close();
        }
    }

    private void assertNothingTaken() {
        assertThat(service.service().buffer().pendingKeys()).isZero();
        assertThat(database.rows()).isZero();
    }

    private RawHttp connect() {
        return RawHttp.connect(service.port());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
