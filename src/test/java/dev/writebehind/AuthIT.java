package dev.writebehind;

import static dev.writebehind.testing.Problems.problem;
import static dev.writebehind.testing.Tokens.LMS;
import static dev.writebehind.testing.Tokens.OTHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.config.InvalidSettingException;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.Tokens;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what on the public port. */
class AuthIT {
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final String SERVER = "a-token-of-a-server-1";
    private static final String CSRF = "abcdefghijklmnopqrstuvwxyzABCDEF";
    private static final AtomicInteger USERS = new AtomicInteger();

    private static final Path directory = TemporaryDirectory.create("auth");

    /** Learners and staff by JWT, of any kind that is taken, and a server by token. */
    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.after(database -> settings());

    private final TestDatabase database = suite.database();
    private final RunningService service = suite.service();

    private final int user = USERS.addAndGet(10);

    private static String[] settings() throws IOException {
        Path keys = Files.writeString(directory.resolve("jwks.json"), Tokens.jwks(LMS));
        return new String[] {
            "auth.mode=jwt",
            "auth.jwt.jwks=" + keys,
            "auth.jwt.secret=" + Tokens.SECRET,
            "auth.jwt.issuer=" + Tokens.ISSUER,
            "auth.jwt.audience=" + Tokens.AUDIENCE,
            "auth.jwt.trusted-origins=https://apps.example.org,https://*.trusted.example",
            "auth.tokens=" + SERVER,
            "flush.interval=1h",
            "buffer.retain=0s"
        };
    }

    @AfterEach
    void nothingOfOthersIsStored() {
        service.flush();
        assertThat(database.query("SELECT user_id FROM completion_blockcompletion WHERE user_id = " + (user + 1)))
                .isEmpty();
    }

    private JsonObject claims() {
        return Tokens.claims("ann", Instant.now()).put("user_id", user);
    }

    private static String write(int userId) {
        return Bodies.write(userId, COURSE, "b", 1);
    }

    private static HttpResponse<String> post(RunningService to, String authorization, String body) {
        return to.send(request(to, authorization, "/v1/completions")
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    private static HttpResponse<String> read(RunningService from, String authorization, int userId) {
        return from.send(request(from, authorization, "/v1/users/" + userId + "/completions?course_key=" + COURSE));
    }

    private static HttpRequest.Builder request(RunningService to, @Nullable String authorization, String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(to.uri(path));
        return authorization == null ? request : request.header("authorization", authorization);
    }

    private static void assertProblem(HttpResponse<String> answer, int status, String detail) {
        assertThat(problem(answer, status).getString("detail")).contains(detail);
        assertThat(answer.headers().allValues("www-authenticate"))
                .isEqualTo(status == 401 ? List.of("Bearer") : List.of());
    }

    private void assertRefused(String authorization, int status, String detail) {
        assertProblem(post(service, authorization, write(user)), status, detail);
        assertProblem(read(service, authorization, user), status, detail);
        service.flush();
        assertThat(database.query("SELECT user_id FROM completion_blockcompletion WHERE user_id = " + user))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"JWT", "Bearer", "jwt", "bearer"})
    void learner_writesAndReadsOwn(String scheme) {
        String authorization = scheme + " " + Tokens.rs512(claims());

        assertThat(post(service, authorization, write(user)).statusCode()).isEqualTo(202);
        assertThat(read(service, authorization, user).body()).contains("\"completion\":1");
    }

    @Test
    @ShowsEffectOf("auth.jwt.secret")
    void learner_withASharedSecretsToken_writesOwn() {
        String token = Tokens.hs256(claims(), Tokens.SECRET.getBytes(StandardCharsets.UTF_8));

        assertThat(post(service, "JWT " + token, write(user)).statusCode()).isEqualTo(202);
    }

    @Test
    void learner_writingForAnother_isRefusedWithTheFirstIndex_andNothingIsTaken() {
        String body = "[" + write(user) + "," + write(user + 1) + "," + write(user + 2) + "]";

        HttpResponse<String> answer = post(service, "JWT " + Tokens.rs512(claims()), body);

        assertProblem(answer, 403, "write 1");
        assertThat(new JsonObject(answer.body()).getJsonArray("errors").encode())
                .contains("\"index\":1", "\"field\":\"user_id\"")
                .doesNotContain("\"index\":2");
        service.flush();
        assertThat(database.query("SELECT 1 FROM completion_blockcompletion WHERE user_id = " + user))
                .isEmpty();
    }

    /** The body may be decoded elsewhere when it is large. */
    @Test
    void learner_writingForAnotherAtTheEndOfALargeBody_isRefused() {
        String body = "[" + (write(user) + ",").repeat(3000) + write(user + 1) + "]";

        assertProblem(post(service, "JWT " + Tokens.rs512(claims()), body), 403, "write 3000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?username=bob",
                "?user_id=%d",
                "?ack=database&user=bob&username=bob&user_id=%d",
                "?administrator=true"
            })
    void learner_namingAnotherInTheQuery_isRefused(String query) {
        HttpResponse<String> answer = service.send(
                request(service, "JWT " + Tokens.rs512(claims()), "/v1/completions" + query.formatted(user + 1))
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofString(write(user + 1))));

        assertProblem(answer, 403, "write 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"username\":\"ann\"", "\"user\":%d", "\"user_id\":%d", "\"administrator\":true"})
    void learner_namingBothInTheBody_isRefused(String field) {
        String body = write(user + 1).replaceFirst("\\{", "{" + field.formatted(user) + ",");

        assertProblem(post(service, "JWT " + Tokens.rs512(claims()), body), 403, "write 0");
    }

    @Test
    void learner_readingAnother_isRefused() {
        assertProblem(read(service, "JWT " + Tokens.rs512(claims()), user + 1), 403, "not of user");
    }

    @Test
    void learner_resettingAnothersCourse_isRefusedAndOwnIsNot() {
        String learner = "JWT " + Tokens.rs512(claims());
        post(service, "Bearer " + SERVER, write(user + 2));

        assertProblem(service.send(reset(learner, user + 2)), 403, "not of user");
        assertProblem(service.send(reset(null, user)), 401, "credentials");
        assertThat(service.send(reset(learner, user)).statusCode()).isEqualTo(202);
        service.flush();
        assertThat(database.query("SELECT user_id FROM completion_blockcompletion WHERE user_id = " + (user + 2)))
                .hasSize(1);
    }

    private HttpRequest.Builder reset(@Nullable String authorization, int userId) {
        return request(service, authorization, "/v1/users/" + userId + "/completions?course_key=" + COURSE)
                .DELETE();
    }

    @Test
    void learner_withoutTheUserIdClaim_isToldWhatToDo() {
        JsonObject claims = claims();
        claims.remove("user_id");

        assertRefused("JWT " + Tokens.rs512(claims), 403, "scope user_id");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void staff_writesAndReadsForAnyone(boolean withUserId) {
        JsonObject claims = claims().put("administrator", true).put("user_id", 999_999);
        if (!withUserId) {
            claims.remove("user_id");
        }
        String authorization = "JWT " + Tokens.rs512(claims);

        assertThat(post(service, authorization, write(user)).statusCode()).isEqualTo(202);
        assertThat(read(service, authorization, user).statusCode()).isEqualTo(200);
    }

    @Test
    void server_writesAndReadsForAnyone() {
        assertThat(post(service, "Bearer " + SERVER, write(user)).statusCode()).isEqualTo(202);
        assertThat(read(service, "Bearer " + SERVER, user).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Basic YW5uOnNlY3JldA==", "Token a-token-of-a-server-1", "a-token-of-a-server-1", "Digest x=1"})
    void anyone_withCredentialsOfAnotherKind_isAskedForSome(String authorization) {
        assertRefused(null, 401, "no credentials");
        assertRefused(authorization, 401, "no credentials");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer",
                "Bearer a-token-of-a-server-2",
                "Bearer a-token-of-a-server-1x",
                "Bearer a b",
                "JWT",
                "JWT a-token-of-a-server-1",
                "JWT x",
                "JWT ..",
                "Bearer .."
            })
    void anyone_withAWrongToken_isRefused(String authorization) {
        assertRefused(authorization, 401, "token");
    }

    @Test
    void forger_withAnUnsignedToken_isRefused() {
        String payload = Tokens.encode(claims().put("administrator", true).encode());
        for (String alg : List.of("none", "NONE")) {
            String token = Tokens.encode("{\"alg\":\"" + alg + "\",\"typ\":\"JWT\"}") + "." + payload + ".";
            assertRefused("JWT " + token, 401, "not a signed JWT");
            assertRefused("JWT " + token + "AA", 401, "not a JWT signed with");
        }
    }

    @Test
    void forger_signingWithThePublicKeyAsSecret_isRefused() {
        JsonObject claims = claims().put("administrator", true);
        assertRefused("JWT " + Tokens.hs256(claims, LMS.getPublic().getEncoded()), 401, "signature is wrong");
        assertRefused(
                "JWT " + Tokens.hs256(claims, Tokens.jwks(LMS).getBytes(StandardCharsets.UTF_8)),
                401,
                "signature is wrong");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http://127.0.0.1:1/jwks.json", "../../../../dev/null", "0"})
    void forger_withAKeyOfItsOwn_isRefused_whateverItCallsIt(String keyId) {
        String token = Tokens.sign(claims(), "RS512", OTHER, keyId.isEmpty() ? null : keyId);

        assertRefused("JWT " + token, 401, "fits no key");
    }

    @ParameterizedTest
    @CsvSource({
        "exp, -10, expired",
        "nbf, 60, nbf is yet to come",
        "iat, 60, iat is yet to come",
        "exp, , exp is missing",
        "iat, , iat is missing"
    })
    void learner_withATokenOutOfTime_isRefused(String claim, Integer secondsFromNow, String detail) {
        JsonObject claims = claims();
        claims.remove(claim);
        if (secondsFromNow != null) {
            claims.put(claim, Instant.now().getEpochSecond() + secondsFromNow);
        }

        assertRefused("JWT " + Tokens.rs512(claims), 401, detail);
    }

    @Test
    @ShowsEffectOf({"auth.jwt.issuer", "auth.jwt.audience"})
    void learner_withATokenForSomethingElse_isRefused() {
        assertRefused("JWT " + Tokens.rs512(claims().put("aud", "other")), 401, "aud is another");
        assertRefused("JWT " + Tokens.rs512(claims().put("iss", "https://evil.example")), 401, "iss is another");
        assertRefused("JWT " + Tokens.rs512(claims().put("is_restricted", true)), 403, "restricted");
    }

    @Test
    void anyone_withAHeaderOf64KiB_isRefused() {
        for (String start : List.of("JWT ", "Bearer ")) {
            try (RawHttp http = RawHttp.connect(service.port())) {
                http.send(RawHttp.request(
                        "POST",
                        "/v1/completions",
                        write(user),
                        "content-type: application/json",
                        "authorization: " + start + "A".repeat(64 * 1024)));
                assertThat(http.answer().status()).isEqualTo(431);
            }
        }
    }

    /** Before its body is there, of which there may be much. */
    @Test
    void anyone_withoutCredentials_isRefusedBeforeTheBodyArrives() {
        try (RawHttp http = RawHttp.connect(service.port())) {
            http.send(RawHttp.head("POST", "/v1/completions", 1_000_000, "content-type: application/json"));
            assertThat(http.answer().status()).isEqualTo(401);
        }
    }

    private HttpResponse<String> postWithCookies(String token, String cookies, String... headers) {
        String[] parts = token.split("\\.", -1);
        String jwt =
                "edx-jwt-cookie-header-payload=" + parts[0] + "." + parts[1] + "; edx-jwt-cookie-signature=" + parts[2];
        HttpRequest.Builder request = request(service, null, "/v1/completions")
                .header("content-type", "application/json")
                .header("cookie", jwt + cookies)
                .POST(BodyPublishers.ofString(write(user)));
        return service.send(headers.length == 0 ? request : request.headers(headers));
    }

    @Test
    void page_withTheCookiesAndTheCsrfToken_writes() {
        String cookies = "; csrftoken=" + CSRF;
        for (String header : List.of(CSRF, "a".repeat(32) + CSRF)) {
            assertThat(postWithCookies(Tokens.rs512(claims()), cookies, "x-csrftoken", header)
                            .statusCode())
                    .isEqualTo(202);
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, 'CSRF cookie not set.'",
                "-, abcdefghijklmnopqrstuvwxyzABCDEF, 'CSRF cookie not set.'",
                "abcdefghijklmnopqrstuvwxyzABCDEF, -, 'CSRF token missing.'",
                "abcdefghijklmnopqrstuvwxyzABCDEF, abcdefghijklmnopqrstuvwxyzABCDEG, incorrect",
                "abcdefghijklmnopqrstuvwxyzABCDEF, '', incorrect length",
                "x, x, 'CSRF cookie has incorrect length.'",
            })
    void page_withTheCookiesAlone_isRefused(String cookie, String header, String detail) {
        String cookies = cookie == null ? "" : "; csrftoken=" + cookie;
        String[] headers = header == null ? new String[0] : new String[] {"x-csrftoken", header};

        assertProblem(postWithCookies(Tokens.rs512(claims()), cookies, headers), 403, detail);
    }

    @ParameterizedTest
    @CsvSource({
        "https://apps.example.org, 202",
        "https://APPS.example.org, 403",
        "https://a.trusted.example, 202",
        "http://apps.example.org, 403",
        "https://apps.example.org.evil.example, 403",
        "https://evil.example, 403",
        "https://eviltrusted.example, 403",
        "https://trusted.example, 202",
        "'null', 403",
        "'', 403",
        "https://, 403",
        "https://apps.example.org/, 403"
    })
    @ShowsEffectOf("auth.jwt.trusted-origins")
    void page_ofAnotherSite_isTakenIfItIsTrusted(String origin, int status) {
        HttpResponse<String> answer =
                postWithCookies(Tokens.rs512(claims()), "; csrftoken=" + CSRF, "x-csrftoken", CSRF, "origin", origin);

        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @Test
    void page_ofTheSameSite_isTaken() {
        String own = "127.0.0.1:" + service.port();
        String[] behindTls = {"x-csrftoken", CSRF, "x-forwarded-proto", "https"};
        for (String[] page : List.of(
                new String[] {"x-csrftoken", CSRF, "origin", "http://" + own},
                add(behindTls, "origin", "https://" + own),
                add(behindTls, "referer", "https://" + own + "/course?x=%20"),
                add(behindTls, "referer", "https://" + own + "/course|unit?x=[1]"),
                new String[] {"x-csrftoken", CSRF, "x-forwarded-proto", "https, https", "origin", "https://" + own},
                add(behindTls, "referer", "https://apps.example.org/"))) {
            assertThat(postWithCookies(Tokens.rs512(claims()), "; csrftoken=" + CSRF, page)
                            .statusCode())
                    .as(String.join(" ", page))
                    .isEqualTo(202);
        }
        for (String[] page : List.of(
                behindTls,
                add(behindTls, "origin", "http://" + own),
                add(behindTls, "referer", "http://" + own + "/"),
                add(behindTls, "referer", "https://evil.example/" + own),
                add(behindTls, "referer", "not a URL"),
                new String[] {"x-csrftoken", CSRF, "origin", "https://" + own})) {
            assertProblem(postWithCookies(Tokens.rs512(claims()), "; csrftoken=" + CSRF, page), 403, "checking failed");
        }
    }

    private static String[] add(String[] headers, String name, String value) {
        String[] more = Arrays.copyOf(headers, headers.length + 2);
        more[headers.length] = name;
        more[headers.length + 1] = value;
        return more;
    }

    @Test
    void page_withTheCookies_readsWithoutACsrfToken() {
        String[] parts = Tokens.rs512(claims()).split("\\.", -1);
        HttpResponse<String> answer =
                service.send(request(service, null, "/v1/users/" + user + "/completions?course_key=" + COURSE)
                        .header(
                                "cookie",
                                "edx-jwt-cookie-header-payload=" + parts[0] + "." + parts[1]
                                        + "; edx-jwt-cookie-signature=" + parts[2]));

        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void page_withOneCookieOrAForgedOne_isRefused() {
        HttpResponse<String> one = service.send(request(service, null, "/v1/completions")
                .header("content-type", "application/json")
                .header("cookie", "edx-jwt-cookie-signature=x; csrftoken=" + CSRF)
                .header("x-csrftoken", CSRF)
                .POST(BodyPublishers.ofString(write(user))));

        assertProblem(one, 401, "no credentials");
        assertProblem(
                postWithCookies(
                        Tokens.sign(claims(), "RS512", OTHER, null), "; csrftoken=" + CSRF, "x-csrftoken", CSRF),
                401,
                "fits no key");
    }

    /** Mutated tokens and whatever else a header can hold: refused, and answered, each of them. */
    @Test
    void anyone_withAMutatedToken_isRefused() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String original = Tokens.rs512(claims());
        RawHttp http = RawHttp.connect(service.port());
        for (int i = 0; i < 10_000; i++) {
            String token = Tokens.mutate(original, random).replaceAll("[\\r\\n]", "~");
            if (token.strip().equals(original)) {
                continue;
            }
            http.send(RawHttp.request("GET", "/v1/users/" + user + "/completions", "", "authorization: JWT " + token));
            RawHttp.Answer answer = http.answer();
            assertThat(answer.status()).as("seed %s: %s", seed, token).isIn(400, 401);
            if (answer.status() == 400) {
                assertThat(answer.body()).contains("not valid HTTP");
                http.close();
                http = RawHttp.connect(service.port());
            }
        }
        http.close();
    }

    @Test
    @ShowsEffectOf({"auth.mode", "auth.tokens"})
    void tokenMode_takesItsTokensAlone() {
        try (RunningService own = RunningService.start(
                database.uri(),
                "auth.mode=token",
                "auth.tokens=" + SERVER + ", another-server-token",
                "auth.jwt.secret=" + Tokens.SECRET)) {
            for (String token : List.of(SERVER, "another-server-token")) {
                assertThat(post(own, "Bearer " + token, write(user)).statusCode())
                        .isEqualTo(202);
            }
            String jwt = Tokens.hs256(claims(), Tokens.SECRET.getBytes(StandardCharsets.UTF_8));
            assertProblem(post(own, "JWT " + jwt, write(user)), 401, "no credentials");
            assertProblem(post(own, "Bearer " + jwt, write(user)), 401, "not known");
            assertProblem(post(own, null, write(user)), 401, "no credentials");
            assertProblem(read(own, "Bearer another-server-tokem", user), 401, "not known");
        }
    }

    @Test
    @ShowsEffectOf("auth.tokens-file")
    void tokenMode_takesANewTokenOfItsFile_withoutARestart() throws IOException {
        Path file = Files.writeString(directory.resolve("tokens"), "# old\n" + SERVER + "\n");
        try (RunningService own = RunningService.start(database.uri(), "auth.mode=token", "auth.tokens-file=" + file)) {
            assertThat(read(own, "Bearer " + SERVER, user).statusCode()).isEqualTo(200);

            Files.writeString(file, "the-next-server-token\n");
            await().untilAsserted(() -> assertThat(
                            read(own, "Bearer the-next-server-token", user).statusCode())
                    .isEqualTo(200));
            assertThat(read(own, "Bearer " + SERVER, user).statusCode()).isEqualTo(401);
        }
    }

    @Test
    @ShowsEffectOf("auth.jwt.jwks")
    void jwtMode_takesANewKeyOfItsFile_withoutARestart() throws IOException {
        Path file = Files.writeString(directory.resolve("rotating.json"), Tokens.jwks(OTHER));
        try (RunningService own = RunningService.start(database.uri(), "auth.mode=jwt", "auth.jwt.jwks=" + file)) {
            Files.writeString(file, Tokens.jwks(OTHER, LMS));

            assertThat(read(own, "JWT " + Tokens.rs512(claims()), user).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void jwtMode_whileTheLmsIsAway_starts_andAsksToComeAgain() throws Exception {
        try (KeyServer lms = new KeyServer(Tokens.jwks(LMS));
                RunningService own = RunningService.start(
                        database.uri(), "auth.mode=jwt", "auth.jwt.jwks=" + lms.url(), "auth.tokens=" + SERVER)) {
            String learner = "JWT " + Tokens.rs512(claims());
            HttpResponse<String> answer = post(own, learner, write(user));
            assertProblem(answer, 503, "signing keys");
            assertProblem(post(own, learner, write(user)), 503, "signing keys");
            assertThat(own.logged(Level.WARN).stream().filter(line -> line.contains(lms.url())))
                    .hasSize(1);
            assertThat(answer.headers().firstValue("retry-after")).isPresent();
            assertThat(read(own, "Bearer " + SERVER, user).statusCode()).isEqualTo(200);

            lms.start();
            await().untilAsserted(() ->
                    assertThat(post(own, learner, write(user)).statusCode()).isEqualTo(202));
            lms.stop();
            assertThat(post(own, learner, write(user)).statusCode()).isEqualTo(202);
        }
    }

    /** A large body is on its way while the keys are fetched. */
    @Test
    void jwtMode_whileTheKeysAreFetched_keepsTheBody() throws Exception {
        try (KeyServer lms = new KeyServer(Tokens.jwks(OTHER))) {
            lms.start();
            try (RunningService own =
                    RunningService.start(database.uri(), "auth.mode=jwt", "auth.jwt.jwks=" + lms.url())) {
                await().until(() -> lms.reads() == 1);
                lms.answer(Tokens.jwks(LMS), 1_000);
                String body = "[" + (write(user) + ",").repeat(2000) + write(user) + "]";
                await().untilAsserted(() -> {
                    HttpResponse<String> answer = post(own, "JWT " + Tokens.rs512(claims()), body);
                    assertThat(answer.statusCode()).isEqualTo(202);
                    assertThat(answer.body()).contains("2001");
                });
                assertThat(lms.reads()).isEqualTo(2);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing.json", "broken.json", "."})
    void jwtMode_withAKeyFileThatIsNoGood_doesNotStart(String name) throws IOException {
        Path file = directory.resolve(name);
        if (name.startsWith("broken")) {
            Files.writeString(file, "{\"keys\":[]}");
        }

        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> RunningService.start(database.uri(), "auth.mode=jwt", "auth.jwt.jwks=" + file))
                .withMessageStartingWith("auth.jwt.jwks is " + file + ", which ");
    }
}
