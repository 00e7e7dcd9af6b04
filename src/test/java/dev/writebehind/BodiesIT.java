package dev.writebehind;

import static dev.writebehind.testing.RawHttp.chunked;
import static dev.writebehind.testing.RawHttp.chunkedHead;
import static dev.writebehind.testing.RawHttp.head;
import static dev.writebehind.testing.RawHttp.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.Problems;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.RawHttp.Answer;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.Tokens;
import dev.writebehind.testing.UsedHeap;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What bodies may cost: their size, their sum, their content; by whoever sends them. */
class BodiesIT {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final String WRITES = "/v1/completions";
    private static final String BATCH = "/api/completion/v1/completion-batch";
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final String BLOCK = "block-v1:Org+Course+Run+type@html+block@";
    private static final String JSON = "content-type: application/json";
    private static final String SERVER = "authorization: Bearer a-token-of-a-server-1";
    private static final String GOOD = Bodies.write(1, COURSE, BLOCK + "1", 1);

    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.after(BodiesIT::prepare);

    private final TestDatabase database = suite.database();
    private final RunningService service = suite.service();
    private final String ann = learner("ann", 1);
    private final String bob = learner("bob", 2);

    private static String[] prepare(TestDatabase database) {
        OpenedxTables.createUsers(database, 0);
        OpenedxTables.createEnrolments(database);
        OpenedxTables.addUser(database, 1, "ann", false);
        OpenedxTables.addUser(database, 2, "bob", false);
        OpenedxTables.enrol(database, 1, COURSE);
        return Tokens.openedx(
                "auth.tokens=a-token-of-a-server-1",
                "http.max-body=4MiB",
                "http.max-learner-body=64KiB",
                "http.max-bodies=8MiB",
                "http.request-timeout=2m",
                "flush.interval=50ms");
    }

    private static String learner(String name, int id) {
        return "authorization: JWT "
                + Tokens.rs512(
                        Tokens.claims(name, Instant.now()).put("user_id", id).put("administrator", false));
    }

    @AfterEach
    void nothingIsHeldInTheEnd() {
        await().untilAsserted(
                        () -> assertThat(service.service().bodies().taken()).isZero());
    }

    private Answer send(byte[] bytes) {
        try (RawHttp connection = RawHttp.connect(service.port())) {
            return connection.send(bytes).answer();
        }
    }

    private static String batch(String blocks) {
        return "{\"username\":\"ann\",\"course_key\":\"" + COURSE + "\",\"blocks\":" + blocks + "}";
    }

    @Test
    @ShowsEffectOf("http.max-learner-body")
    void learnersBody_isMuchSmallerThanAServers() {
        String padded = " ".repeat(64 * KIB);
        assertThat(send(request("POST", WRITES, GOOD + padded.substring(GOOD.length()), ann, JSON))
                        .status())
                .isEqualTo(202);
        for (Answer over : List.of(
                send(request("POST", WRITES, GOOD + padded, ann, JSON)),
                send(request("POST", BATCH, batch("{}") + padded, ann, JSON)),
                send(concat(chunkedHead("POST", WRITES, ann, JSON), chunked(GOOD + padded))))) {
            assertThat(over.status()).isEqualTo(413);
            assertThat(new JsonObject(over.body()).getString("detail")).isEqualTo("the body is larger than 64KiB");
        }
        assertThat(send(request("POST", WRITES, GOOD + " ".repeat(3 * MIB), SERVER, JSON))
                        .status())
                .isEqualTo(202);
        assertThat(send(request("POST", WRITES, GOOD + " ".repeat(4 * MIB), SERVER, JSON))
                        .status())
                .isEqualTo(413);
    }

    @Test
    @ShowsEffectOf("http.max-bodies")
    void uploadsBeyondTheSum_areRefusedAtOnce_andSmallOnesAreTaken() {
        List<RawHttp> slow = new ArrayList<>();
        try {
            slow.add(RawHttp.connect(service.port()).send(head("POST", WRITES, 3 * MIB, SERVER, JSON)));
            slow.add(RawHttp.connect(service.port()).send(head("POST", WRITES, 3 * MIB, SERVER, JSON)));
            await().untilAsserted(
                            () -> assertThat(service.service().bodies().taken()).isEqualTo(6 * MIB));

            Answer refused = send(head("POST", WRITES, 3 * MIB, SERVER, JSON));
            assertThat(Problems.problem(refused, 503).getString("detail")).contains("uploaded");
            assertThat(refused.header("retry-after")).isEqualTo("1");
            Answer inChunks =
                    send(concat(chunkedHead("POST", WRITES, SERVER, JSON), chunked(GOOD + " ".repeat(2 * MIB))));
            assertThat(inChunks.status()).isEqualTo(503);

            for (String caller : List.of(SERVER, ann)) {
                String body = GOOD + " ".repeat(30 * KIB);
                assertThat(send(request("POST", WRITES, body, caller, JSON)).status())
                        .isEqualTo(202);
                assertThat(send(concat(chunkedHead("POST", WRITES, caller, JSON), chunked(body)))
                                .status())
                        .isEqualTo(202);
            }
        } finally {
            slow.forEach(RawHttp::close);
        }
    }

    /** While a body in chunks grows, what it outgrows is there too. */
    @Test
    void bodyInChunks_isCountedWithWhatItOutgrows() {
        byte[] largest =
                concat(chunkedHead("POST", WRITES, SERVER, JSON), chunked(GOOD + " ".repeat(4 * MIB - GOOD.length())));
        assertThat(send(largest).status()).isEqualTo(202);

        try (RawHttp slow = RawHttp.connect(service.port())) {
            slow.send(head("POST", WRITES, MIB, SERVER, JSON));
            await().untilAsserted(
                            () -> assertThat(service.service().bodies().taken()).isEqualTo(MIB));
            assertThat(send(largest).status()).isEqualTo(503);
        }
    }

    @Test
    void bodiesWhoseWritesWaitForTheDatabase_areNotHeld() throws IOException {
        String staff = "authorization: JWT "
                + Tokens.rs512(
                        Tokens.claims("ann", Instant.now()).put("user_id", 1).put("administrator", true));
        try (RunningService waiting = RunningService.start(
                database.uri(),
                Tokens.openedx("ingest.ack=database", "ingest.ack-timeout=5m", "http.max-bodies=64MiB"))) {
            for (boolean inChunks : List.of(false, true)) {
                for (String path : List.of(WRITES, BATCH)) {
                    String write = path.equals(WRITES) ? GOOD : batch("{\"" + BLOCK + "1\":1}");
                    IntFunction<byte[]> request = number -> {
                        String body = write.replace("@1", "@" + number) + " ".repeat(4 * MIB);
                        return inChunks
                                ? concat(chunkedHead("POST", path, staff, JSON), chunked(body))
                                : request("POST", path, body, staff, JSON);
                    };
                    double held = heldWhileWaiting(waiting, request, 15);
                    System.out.printf("%s, in chunks %s: %.1f MiB for 15 bodies of 4 MiB%n", path, inChunks, held);
                    assertThat(held).isLessThan(15);
                }
            }
        }
    }

    /** Returns how much the heap is larger while so many requests wait for the database, in MiB. */
    private double heldWhileWaiting(RunningService waiting, IntFunction<byte[]> request, int count) {
        assertThat(waiting.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
        List<RawHttp> connections = new ArrayList<>();
        try (Connection other = database.connect();
                Statement lock = other.createStatement()) {
            lock.execute("LOCK TABLES completion_blockcompletion READ");
            send(waiting, request, connections);
            double before = UsedHeap.mebibytes();
            for (int i = 1; i < count; i++) {
                send(waiting, request, connections);
            }
            double held = UsedHeap.mebibytes() - before;
            lock.execute("UNLOCK TABLES");
            connections.forEach(
                    connection -> assertThat(connection.answer().status()).isEqualTo(200));
            return held;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } finally {
            connections.forEach(RawHttp::close);
        }
    }

    /** Returns once the body is read, and its write waits. */
    private static void send(RunningService waiting, IntFunction<byte[]> request, List<RawHttp> connections) {
        byte[] bytes = request.apply(connections.size());
        connections.add(RawHttp.connect(waiting.port()).send(bytes));
        await().untilAsserted(() ->
                assertThat(waiting.service().buffer().pendingKeys()).isEqualTo(connections.size()));
        await().untilAsserted(
                        () -> assertThat(waiting.service().bodies().taken()).isZero());
    }

    @Test
    void oneLearnersUploads_leaveTheOthersTheirs() {
        List<RawHttp> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 2; i++) {
                slow.add(RawHttp.connect(service.port()).send(head("POST", BATCH, 64 * KIB, ann, JSON)));
            }
            await().untilAsserted(
                            () -> assertThat(service.service().bodies().taken()).isEqualTo(2 * 64 * KIB));

            assertThat(send(head("POST", BATCH, 64 * KIB, ann, JSON)).status()).isEqualTo(503);
            assertThat(send(request("POST", WRITES, GOOD, ann, JSON)).status()).isEqualTo(202);
            String bobs = GOOD.replace("\"user_id\":1", "\"user_id\":2") + " ".repeat(50 * KIB);
            assertThat(send(request("POST", WRITES, bobs, bob, JSON)).status()).isEqualTo(202);
        } finally {
            slow.forEach(RawHttp::close);
        }
    }

    @Test
    void uploadsThatEndInAnyWay_giveTheirPartBack() {
        Random random = new Random(11);
        for (int i = 0; i < 150; i++) {
            String caller = random.nextBoolean() ? SERVER : ann;
            String path = random.nextBoolean() ? WRITES : BATCH;
            int size = 1 + random.nextInt(caller.equals(SERVER) ? 300 * KIB : 70 * KIB);
            boolean inChunks = random.nextBoolean();
            String body = (random.nextBoolean() ? GOOD : "[") + " ".repeat(size);
            byte[] whole = inChunks
                    ? concat(chunkedHead("POST", path, caller, JSON), chunked(body))
                    : request("POST", path, body, caller, JSON);
            int sent = random.nextInt(3) == 0 ? whole.length : random.nextInt(whole.length);
            if (inChunks && random.nextInt(5) == 0) {
                whole[sent / 2] = 'z';
            }
            RawHttp connection = RawHttp.connect(service.port());
            connection.send(Arrays.copyOf(whole, sent));
            switch (random.nextInt(3)) {
                case 0 -> connection.abort();
                case 1 -> connection.close();
                default -> {
                    if (sent == whole.length) {
                        connection.answerIfAny();
                    }
                    connection.close();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00f4\u0090\u0080\u0080", "\u00e2\u0082"})
    void bytesThatAreNoUtf8_areRefused_inEveryKindOfBody(String bytes) {
        String write = GOOD.replace("@1", "@" + bytes);
        String form = "content-type: application/x-www-form-urlencoded";
        for (byte[] request : List.of(
                latin("POST", WRITES, write, SERVER, JSON),
                latin("POST", WRITES, "[" + GOOD + "," + write + "]", SERVER, JSON),
                latin("POST", WRITES, GOOD + "\n" + write, SERVER, "content-type: application/x-ndjson"),
                latin("POST", WRITES, write + " ".repeat(200 * KIB), SERVER, JSON),
                latin("POST", BATCH, batch("{\"" + BLOCK + bytes + "\":1}"), ann, JSON),
                latin("POST", BATCH, "username=ann&course_key=" + bytes, ann, form))) {
            assertThat(send(request).status()).isEqualTo(400);
        }
    }

    @Test
    void valuesThatWouldCostMuchToQuote_areAnsweredShortly() {
        String floats = "[" + "9.8765432101234567e-305,".repeat(2_500) + "1]";
        for (String body : List.of(
                "{\"username\":\"ann\",\"course_key\":" + floats + ",\"blocks\":{}}",
                batch("{\"" + BLOCK + "1\":\"" + "\u200b".repeat(20_000) + "\"}"),
                batch("{\"" + "x".repeat(60_000) + "\":1}"))) {
            Answer answer = send(request("POST", BATCH, body, ann, JSON));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).hasSizeLessThan(10_000);
        }
        String staffs = "{\"username\":\"ann\",\"course_key\":" + "[" + "9.8765432101234567e-305,".repeat(150_000)
                + "1],\"blocks\":{}}";
        String staff = "authorization: JWT "
                + Tokens.rs512(Tokens.claims("ann", Instant.now()).put("administrator", true));
        assertThat(send(request("POST", BATCH, staffs, staff, JSON)).status()).isEqualTo(400);
    }

    private static byte[] latin(String method, String target, String body, String... headers) {
        return request(method, target, body.getBytes(StandardCharsets.ISO_8859_1), headers);
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
