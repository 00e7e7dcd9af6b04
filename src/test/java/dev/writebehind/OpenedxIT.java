package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.Naps;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.Tokens;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The drop-in endpoint beyond the recorded cases: what it remembers, what it asks, and what it does without a database.
 */
@Alone
class OpenedxIT {
    private static final String PATH = "/api/completion/v1/completion-batch";
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final String BLOCK = "block-v1:Org+Course+Run+type@html+block@b";
    private static final int USERS = 200;
    private static final Duration LATE = Duration.ofMillis(400);

    private TestDatabase database;
    private FaultyProxy proxy;

    @BeforeEach
    void createTables() {
        database = TestDatabase.create();
        proxy = new FaultyProxy(database.port());
        OpenedxTables.createUsers(database, USERS);
        OpenedxTables.createEnrolments(database);
        database.execute("INSERT INTO student_courseenrollment (course_id, is_active, user_id) SELECT '" + COURSE
                + "', 1, id FROM auth_user");
    }

    @AfterEach
    void drop() {
        proxy.close();
        database.close();
    }

    private RunningService start(String... more) {
        List<String> settings =
                new ArrayList<>(List.of("openedx.opaque-tokens=true", "database.timeout=30s", "flush.interval=20ms"));
        settings.addAll(List.of(more));
        return RunningService.start(database.uriThrough(proxy.port()), Tokens.openedx(settings.toArray(String[]::new)));
    }

    private static String jwt(String user) {
        return "JWT " + Tokens.rs512(Tokens.claims(user, Instant.now()));
    }

    private static String body(String user, Object value) {
        return new JsonObject()
                .put("username", user)
                .put("course_key", COURSE)
                .put("blocks", new JsonObject().put(BLOCK, value))
                .encode();
    }

    private static HttpResponse<String> post(RunningService service, String authorization, String body) {
        return service.send(HttpRequest.newBuilder(service.uri(PATH))
                .header("authorization", authorization)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    private static void assertDetail(HttpResponse<String> answer, int status, String detail) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(new JsonObject(answer.body()).getString("detail")).contains(detail);
    }

    @Test
    void remembered_servesWithoutTheDatabase_othersAreAnswered503_andWhatWasTakenIsFlushedLater() {
        try (RunningService service = start()) {
            String known = jwt("user1");
            assertDetail(post(service, known, body("user1", 0.25)), 200, "ok");
            assertDetail(post(service, jwt("nobody"), body("nobody", 1)), 404, "User matching query does not exist.");
            database.execute("INSERT INTO oauth2_provider_accesstoken (token, expires, user_id) VALUES"
                    + " ('an-opaque-token', '2040-01-01', 2)");
            assertDetail(post(service, "Bearer an-opaque-token", body("user2", 1)), 200, "ok");

            proxy.set(FaultyProxy.Mode.REFUSE);

            assertDetail(post(service, known, body("user1", 0.75)), 200, "ok");
            assertDetail(post(service, jwt("nobody"), body("nobody", 1)), 404, "User matching query does not exist.");
            assertDetail(post(service, "Bearer an-opaque-token", body("user2", 0.5)), 200, "ok");
            for (HttpResponse<String> away : List.of(
                    post(service, jwt("user3"), body("user3", 1)),
                    post(service, "Bearer another-token", body("user3", 1)))) {
                assertDetail(away, 503, "can't be read now");
                assertThat(away.headers().firstValue("retry-after")).contains("1");
            }

            proxy.set(FaultyProxy.Mode.PASS);

            assertDetail(post(service, jwt("user3"), body("user3", 0.125)), 200, "ok");
            service.flush();
            assertThat(database.query("SELECT user_id, completion FROM completion_blockcompletion ORDER BY user_id"))
                    .isEqualTo(List.of(List.of("1", "0.75"), List.of("2", "0.5"), List.of("3", "0.125")));
            assertThat(service.logged(Level.INFO))
                    .filteredOn(message -> message.contains("The LMS's users"))
                    .hasSize(2);
        }
    }

    @Test
    void silentDatabase_isAnswered503_withinItsTimeout() {
        try (RunningService service = start("openedx.cache-ttl=0s", "database.timeout=2s")) {
            awaitAnswered(service);
            service.flush();
            proxy.set(FaultyProxy.Mode.SWALLOW);

            long begin = Naps.nanos();
            assertDetail(post(service, jwt("user1"), body("user1", 0)), 503, "can't be read now");

            assertThat(Naps.since(begin)).isLessThan(Duration.ofSeconds(8));
            proxy.set(FaultyProxy.Mode.PASS);
        }
    }

    /** On a busy machine the first questions may take longer than a short timeout. */
    private static void awaitAnswered(RunningService service) {
        await().untilAsserted(() -> assertDetail(post(service, jwt("user1"), body("user1", 1)), 200, "ok"));
    }

    @Test
    void missingTable_isAnswered503_andReportedOnce() {
        database.execute("DROP TABLE student_courseenrollment");
        try (RunningService service = start()) {
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 503, "can't be read now");
            assertDetail(post(service, jwt("user2"), body("user2", 1)), 503, "can't be read now");

            assertThat(service.logged(Level.WARN))
                    .filteredOn(message -> message.contains("student_courseenrollment"))
                    .hasSize(1);
        }
    }

    @Test
    @ShowsEffectOf("openedx.cache-ttl")
    void cacheTtl_endsWhatWasRemembered_alsoThatThereIsNone() {
        try (RunningService service = start("openedx.cache-ttl=300ms")) {
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 200, "ok");
            assertDetail(post(service, jwt("late"), body("late", 1)), 404, "User matching query does not exist.");
            database.execute("UPDATE waffle_switch SET active = 0");
            OpenedxTables.addUser(database, 900, "late", false);
            OpenedxTables.enrol(database, 900, COURSE);

            await().untilAsserted(() ->
                    assertDetail(post(service, jwt("user1"), body("user1", 1)), 400, "when the feature is disabled."));
            database.execute("UPDATE waffle_switch SET active = 1");
            await().untilAsserted(() -> assertDetail(post(service, jwt("late"), body("late", 1)), 200, "ok"));
        }
    }

    @Test
    void cacheTtl_changedWhileItRuns_beginsAnew_andRemembersAsLongAsItIsWantedNow() throws IOException {
        Path file = TemporaryDirectory.create("settings").resolve("writebehind.yaml");
        Files.writeString(file, "openedx: {cache-ttl: 1h}\n");
        String[] fixed = Tokens.openedx("openedx.opaque-tokens=true", "flush.interval=20ms");
        try (RunningService service = RunningService.startWith(file, database.uri(), fixed)) {
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 200, "ok");
            assertDetail(post(service, jwt("late"), body("late", 1)), 404, "User matching query does not exist.");
            assertThat(post(service, "Bearer late-token", body("late", 1)).statusCode())
                    .isEqualTo(401);
            OpenedxTables.addUser(database, 900, "late", false);
            OpenedxTables.enrol(database, 900, COURSE);
            database.execute("INSERT INTO oauth2_provider_accesstoken (token, expires, user_id) VALUES"
                    + " ('late-token', '2040-01-01', 900)");

            Files.writeString(file, "openedx: {cache-ttl: 0s}\n");
            assertThat(service.manage("POST", "/admin/reload").statusCode()).isEqualTo(200);
            assertDetail(post(service, jwt("late"), body("late", 1)), 200, "ok");
            assertDetail(post(service, "Bearer late-token", body("late", 1)), 200, "ok");
            database.execute("UPDATE waffle_switch SET active = 0");
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 400, "when the feature is disabled.");

            Files.writeString(file, "openedx: {cache-ttl: 1h}\n");
            assertThat(service.manage("POST", "/admin/reload").statusCode()).isEqualTo(200);
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 400, "when the feature is disabled.");
            database.execute("UPDATE waffle_switch SET active = 1");
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 400, "when the feature is disabled.");
        }
    }

    @Test
    void manyLearnersAtOnce_askFewStatements_andRepeatedOnesNone() throws Exception {
        try (RunningService service =
                start("database.read-connections=1", "openedx.cache-ttl=1h", "flush.interval=1h")) {
            List<String> tokens = IntStream.rangeClosed(1, USERS)
                    .mapToObj(user -> jwt("user" + user))
                    .toList();
            assertDetail(post(service, tokens.get(0), body("user1", 1)), 200, "ok");

            proxy.delay(LATE); // so that they are there at once, however slowly they come
            long first = selectsDuring(() -> everyoneWrites(service, tokens, 0.5));
            proxy.set(FaultyProxy.Mode.PASS);
            long again = selectsDuring(() -> everyoneWrites(service, tokens, 0.75));

            System.out.printf(
                    "%d learners' first calls: %d SELECTs instead of %d; their second calls: %d%n",
                    USERS, first, 3 * USERS, again);
            assertThat(first).isLessThan(USERS);
            assertThat(again).isZero();
        }
    }

    @Test
    void sameLearnerManyTimesAtOnce_isAskedAboutOnce() throws Exception {
        try (RunningService service =
                start("openedx.cache-ttl=1h", "flush.interval=1h", "database.read-connections=1")) {
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 200, "ok");
            proxy.delay(LATE);
            String token = jwt("user7");
            long selects = selectsDuring(() -> everyoneWrites(
                    service, IntStream.range(0, 50).mapToObj(i -> token).toList(), "user7", 0.5));
            proxy.set(FaultyProxy.Mode.PASS);

            // one each for the user and the enrolment; the switch is remembered
            assertThat(selects).isEqualTo(2);
        }
    }

    private static void everyoneWrites(RunningService service, List<String> tokens, double value) throws Exception {
        everyoneWrites(service, tokens, null, value);
    }

    private static void everyoneWrites(RunningService service, List<String> tokens, String only, double value)
            throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(tokens.size());
        try {
            List<Future<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < tokens.size(); i++) {
                String user = only == null ? "user" + (i + 1) : only;
                String token = tokens.get(i);
                answers.add(threads.submit(() -> post(service, token, body(user, value))));
            }
            for (Future<HttpResponse<String>> answer : answers) {
                assertDetail(answer.get(), 200, "ok");
            }
        } finally {
            threads.shutdown();
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    /** Prepared statements that the server ran meanwhile for this schema's tables; nothing else uses the server's. */
    private long selectsDuring(Work work) throws Exception {
        long before = database.globalStatus().get("Com_stmt_execute");
        work.run();
        return database.globalStatus().get("Com_stmt_execute") - before;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "an-opaque-token | 2040-01-01 | an-opaque-token | 200 | ok",
                "an-opaque-token | 2040-01-01 | AN-OPAQUE-TOKEN | 401 | Invalid token.",
                "an-opaque-token | 2040-01-01 | another-token | 401 | Invalid token.",
                "an-opaque-token | 2020-01-01 | an-opaque-token | 401 | Token has expired.",
            })
    void opaqueToken_isTakenToTheLetter_whileItLasts(
            String stored, String expires, String shown, int status, String detail) {
        database.execute("INSERT INTO oauth2_provider_accesstoken (token, expires, user_id) VALUES ('" + stored + "', '"
                + expires + "', 1)");
        try (RunningService service = start()) {
            HttpResponse<String> answer = post(service, "Bearer " + shown, body("user1", 1));

            assertDetail(answer, status, detail);
            service.flush();
            assertThat(database.rows()).isEqualTo(status == 200 ? 1 : 0);
        }
    }

    /** As above, in the newer shape of the table, where the text has no index and need not be there. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2040-01-01 | an-opaque-token | 200 | ok",
                "2040-01-01 | AN-OPAQUE-TOKEN | 401 | Invalid token.",
                "2040-01-01 | another-token | 401 | Invalid token.",
                "2020-01-01 | an-opaque-token | 401 | Token has expired.",
            })
    void opaqueToken_isFoundByItsChecksum_whereThereIsOne(String expires, String shown, int status, String detail) {
        addToken("an-opaque-token", expires, 1);
        OpenedxTables.addTokenChecksums(database);
        database.execute("UPDATE oauth2_provider_accesstoken SET token = ''");
        try (RunningService service = start()) {
            assertDetail(post(service, "Bearer " + shown, body("user1", 1)), status, detail);
        }
    }

    @Test
    void opaqueToken_byItsChecksum_isReadInTheIndex() {
        database.execute(IntStream.range(0, 2_000)
                .mapToObj(i -> "('token-" + i + "', '2040-01-01', 1)")
                .collect(Collectors.joining(
                        ",", "INSERT INTO oauth2_provider_accesstoken (token, expires, user_id) VALUES ", "")));
        OpenedxTables.addTokenChecksums(database);
        try (RunningService service = start()) {
            assertDetail(post(service, "Bearer token-1", body("user1", 1)), 200, "ok");
            long before = rowsScanned();
            assertDetail(post(service, "Bearer token-2", body("user1", 1)), 200, "ok");
            assertThat(rowsScanned() - before).isLessThan(2_000);
        }
    }

    private long rowsScanned() {
        return database.globalStatus().get("Handler_read_rnd_next");
    }

    private void addToken(String token, String expires, int userId) {
        database.execute("INSERT INTO oauth2_provider_accesstoken (token, expires, user_id) VALUES ('" + token + "', '"
                + expires + "', " + userId + ")");
    }

    /** The LMS's rule: without a usable password only who owns an application is let in, and a JWT is not asked. */
    @Test
    void userDisabledByTheLms_isRefusedWithAnOpaqueToken_asTheLmsDoes() {
        addToken("of-user-1", "2040-01-01", 1);
        addToken("of-user-2", "2040-01-01", 2);
        database.execute(
                "UPDATE auth_user SET password = '!xyz' WHERE id < 3",
                "INSERT INTO oauth2_provider_application (client_id, user_id) VALUES ('x', 2)");
        try (RunningService service = start("openedx.cache-ttl=0s")) {
            assertDetail(post(service, "Bearer of-user-1", body("user1", 1)), 401, "Invalid token.");
            assertDetail(post(service, "Bearer of-user-2", body("user2", 1)), 200, "ok");
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 200, "ok");

            database.execute("UPDATE auth_user SET password = 'pbkdf2_sha256$!' WHERE id = 1");
            assertDetail(post(service, "Bearer of-user-1", body("user1", 1)), 200, "ok");
        }
    }

    /** What anybody can make up: as many tokens as there may be in five seconds of the permitted statements. */
    @Test
    void tokensThatAreNotKnown_costABoundedNumberOfStatements() throws Exception {
        try (RunningService service = start("openedx.cache-ttl=1h")) {
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 200, "ok");
            service.flush();
            long begin = System.nanoTime();
            long before = database.globalStatus().get("Com_stmt_execute");
            Map<Integer, Integer> answers = inParallel(
                    64,
                    6_400,
                    i -> post(service, "Bearer made-up-" + i, body("user1", 1)).statusCode());
            long statements = database.globalStatus().get("Com_stmt_execute") - before;
            double seconds = (System.nanoTime() - begin) / 1e9;
            System.out.printf(
                    "6,400 tokens made up: %d statements in %.1f s, answers %s%n", statements, seconds, answers);
            assertThat(answers.keySet()).isSubsetOf(401, 503);
            assertThat(statements).isLessThan((long) (20 * (seconds + 1)) + 10);

            IntFunction<Integer> again =
                    i -> post(service, "Bearer another-" + i, body("user1", 1)).statusCode();
            assertThat(inParallel(8, 100, again)).isEqualTo(Map.of(401, 100));
            before = database.globalStatus().get("Com_stmt_execute");
            assertThat(inParallel(8, 100, again)).isEqualTo(Map.of(401, 100));
            assertThat(database.globalStatus().get("Com_stmt_execute") - before).isZero();
        }
    }

    /** Asked by a member of the staff, who may ask about anyone: each is looked for once. */
    @ParameterizedTest
    @ValueSource(strings = {"users", "courses"})
    void namesThatAreNotKnown_areRememberedToo(String what) throws Exception {
        try (RunningService service = start("openedx.cache-ttl=1h")) {
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 200, "ok");
            service.flush();
            String staff =
                    "JWT " + Tokens.rs512(Tokens.claims("user1", Instant.now()).put("administrator", true));
            IntFunction<Integer> ask = i -> post(
                            service,
                            staff,
                            what.equals("users")
                                    ? body("nobody" + i, 1)
                                    : body("user1", 1).replace(COURSE, "course-v1:None+Of+" + i))
                    .statusCode();
            long before = database.globalStatus().get("Com_stmt_execute");
            Map<Integer, Integer> answers = inParallel(64, 1_600, ask);
            long first = database.globalStatus().get("Com_stmt_execute") - before;
            before = database.globalStatus().get("Com_stmt_execute");
            inParallel(64, 1_600, ask);
            long second = database.globalStatus().get("Com_stmt_execute") - before;

            System.out.printf("1,600 unknown %s: %d statements, then %d%n", what, first, second);
            assertThat(answers).isEqualTo(Map.of(what.equals("users") ? 404 : 400, 1_600));
            assertThat(first).isLessThanOrEqualTo(1_600);
            assertThat(second).isLessThanOrEqualTo(2);
        }
    }

    /** Returns how often each answer came. */
    private static Map<Integer, Integer> inParallel(int threads, int count, IntFunction<Integer> call)
            throws InterruptedException {
        Map<Integer, Integer> answers = new ConcurrentHashMap<>();
        AtomicInteger next = new AtomicInteger();
        List<Thread> running = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            Thread thread = new Thread(() -> {
                for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                    answers.merge(call.apply(i), 1, Integer::sum);
                }
            });
            thread.start();
            running.add(thread);
        }
        for (Thread thread : running) {
            thread.join();
        }
        return answers;
    }

    @Test
    @ShowsEffectOf("openedx.opaque-tokens")
    void opaqueToken_isRefused_unlessEnabled() {
        database.execute("INSERT INTO oauth2_provider_accesstoken (token, expires, user_id) VALUES"
                + " ('an-opaque-token', '2040-01-01', 1)");
        try (RunningService service = start("openedx.opaque-tokens=false")) {
            assertDetail(post(service, "Bearer an-opaque-token", body("user1", 1)), 401, "Invalid token.");
        }
    }

    @Test
    void expiredJwt_isTold_soThatTheAppGetsANewOne() {
        try (RunningService service = start()) {
            String token = Tokens.rs512(Tokens.claims("user1", Instant.now().minusSeconds(7200)));
            HttpResponse<String> answer = post(service, "JWT " + token, body("user1", 1));

            assertDetail(answer, 401, "Token has expired.");
            assertThat(answer.headers().firstValue("www-authenticate")).contains("JWT realm=\"api\"");
            assertDetail(post(service, "JWT x.y.z", body("user1", 1)), 401, "Invalid token.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PATH + "?username=user2", PATH + "?user=user2", PATH})
    void learner_writingForAnother_isRefused_whateverElseNamesHim(String path) {
        try (RunningService service = start()) {
            JsonObject body = new JsonObject(body("user1", 1)).put("user", "user2");
            HttpResponse<String> answer = service.send(HttpRequest.newBuilder(service.uri(path))
                    .header("authorization", jwt("user2"))
                    .header("content-type", "application/json")
                    .POST(BodyPublishers.ofString(body.encode())));

            assertDetail(answer, 403, "You do not have permission to perform this action.");
            service.flush();
            assertThat(database.rows()).isZero();
        }
    }

    @Test
    void wholeCourse_of400Blocks_goesInOneCall_orNotAtAll() {
        JsonObject blocks = new JsonObject();
        for (int i = 0; i < 400; i++) {
            blocks.put("block-v1:Org+Course+Run+type@problem+block@блок" + i, "1");
        }
        JsonObject body = new JsonObject(body("user1", 1)).put("blocks", blocks);
        try (RunningService service = start()) {
            JsonObject broken = body.copy();
            broken.getJsonObject("blocks").put(BLOCK, 1.5);
            assertDetail(post(service, jwt("user1"), broken.encode()), 400, "1.5 must be between 0.0 and 1.0");
            service.flush();
            assertThat(database.rows()).isZero();

            assertDetail(post(service, jwt("user1"), body.encode()), 200, "ok");
            service.flush();
            assertThat(database.rows()).isEqualTo(400);
        }
    }

    @Test
    void otherMethods_areAnsweredAfterThePermission() {
        database.execute("UPDATE auth_user SET is_staff = 1 WHERE id = 2");
        try (RunningService service = start()) {
            JsonObject claims = Tokens.claims("user2", Instant.now());
            claims.remove("administrator");
            String staff = "JWT " + Tokens.rs512(claims);
            for (String method : List.of("GET", "PUT", "PATCH", "DELETE")) {
                assertDetail(call(service, method, jwt("user1")), 403, "permission");
                HttpResponse<String> answer = call(service, method, staff);
                assertDetail(answer, 405, "Method \"" + method + "\" not allowed.");
                assertThat(answer.headers().firstValue("allow")).contains("POST, OPTIONS");
            }
            assertThat(call(service, "HEAD", staff).statusCode()).isEqualTo(405);
            assertThat(call(service, "OPTIONS", staff).statusCode()).isEqualTo(200);
            assertThat(call(service, "OPTIONS", jwt("user1")).statusCode()).isEqualTo(403);
        }
    }

    private static HttpResponse<String> call(RunningService service, String method, String authorization) {
        return service.send(HttpRequest.newBuilder(service.uri(PATH))
                .header("authorization", authorization)
                .method(method, BodyPublishers.noBody()));
    }

    @Test
    void fullBuffer_isAnswered503() {
        try (RunningService service = start("buffer.max-pending=1", "flush.interval=1h", "flush.threshold=1000000")) {
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 200, "ok");
            HttpResponse<String> full = post(service, jwt("user2"), body("user2", 1));

            assertDetail(full, 503, "the buffer is full");
            assertThat(full.headers().firstValue("retry-after")).contains("1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ingest.ack=database", "ingest.ack=memory"})
    void success_isToldOnceTheConfiguredAcknowledgementIsReached(String ack) {
        try (RunningService service = start(ack)) {
            assertDetail(post(service, jwt("user1"), body("user1", 1)), 200, "ok");
            if (ack.endsWith("database")) {
                assertThat(database.rows()).isOne();
            }
        }
    }
}
