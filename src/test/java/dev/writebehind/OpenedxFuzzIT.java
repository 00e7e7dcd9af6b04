package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.Tokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Valid calls with something of them changed, at random: headers, JSON, keys, tokens. */
class OpenedxFuzzIT {
    private static final int CALLS = Boolean.getBoolean("writebehind.full") ? 10_000 : 1_000;
    private static final String PATH = "/api/completion/v1/completion-batch";
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final String BLOCK = "block-v1:Org+Course+Run+type@html+block@";
    private static final String OPAQUE = "an-opaque-token-of-ann";

    /** What stands where something else should. */
    private static final List<String> STRANGE = List.of(
            "null",
            "true",
            "-1",
            "1e999",
            "1" + "0".repeat(500),
            "\"\"",
            "\"1_0\"",
            "\"nan\"",
            "\" 1 \"",
            "\"bob\"",
            "\"ANN\"",
            "\"ann \"",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "\"😀\"",
            "\"" + "x".repeat(3_000) + "\"",
            "[]",
            "[[[]]]",
            "[null]",
            "[\"" + BLOCK + "1\"]",
            "{}",
            "{\"" + BLOCK + "1\":[]}",
            "{\"a\":{\"b\":{}}}",
            "[".repeat(2_000),
            "NaN",
            "\"" + COURSE + "+branch@draft\"",
            "\"course-v1:Other+Course+Run\"",
            "\"lib:Org:slug\"",
            "\"Org/Course/Run\"",
            "\"i4x://Org/Course/html/b\"");

    private static final List<String> HEADERS = List.of(
            "content-type: text/plain",
            "content-type: application/json; charset=utf-16",
            "content-type: application/json; charset=\"no such\"",
            "content-type: application/x-www-form-urlencoded",
            "content-type: multipart/form-data; boundary=x",
            "content-type: multipart/form-data",
            "content-type: ",
            "content-type: ;;;",
            "content-encoding: gzip",
            "cookie: edx-jwt-cookie-header-payload=a.b; edx-jwt-cookie-signature=c",
            "cookie: =;;=",
            "x-csrftoken: x",
            "origin: https://elsewhere.example",
            "accept: text/html",
            "transfer-encoding: identity",
            "range: bytes=0-1",
            "x: " + "y".repeat(7_000));

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @Test
    void mutatedCalls_areAnswered_andWriteNothingThatTheirCallerMayNot() throws IOException {
        try (TestDatabase database = TestDatabase.create()) {
            OpenedxTables.createUsers(database, 0);
            OpenedxTables.createEnrolments(database);
            OpenedxTables.addUser(database, 1, "ann", false);
            OpenedxTables.addUser(database, 2, "bob", false);
            OpenedxTables.addUser(database, 3, "chief", true);
            OpenedxTables.enrol(database, 1, COURSE);
            OpenedxTables.enrol(database, 2, COURSE);
            database.execute("INSERT INTO oauth2_provider_accesstoken (token, expires, user_id) VALUES ('" + OPAQUE
                    + "', '2040-01-01', 1)");
            try (RunningService service = RunningService.start(
                    database.uri(), Tokens.openedx("openedx.opaque-tokens=true", "flush.interval=50ms"))) {
                Map<Integer, Integer> statuses = callAtRandom(service);
                service.flush();

                System.out.printf("%d mutated calls (seed %d): %s%n", CALLS, seed, statuses);
                assertThat(statuses.keySet()).as("seed %s", seed).allMatch(status -> status < 500);
                assertThat(statuses).as("some got through, some did not").containsKeys(200, 400, 401, 403);
                assertThat(database.query("SELECT user_id, course_key, block_key, completion FROM"
                                + " completion_blockcompletion WHERE user_id <> 1 OR NOT completion BETWEEN 0 AND 1"
                                + " OR NOT (course_key = '" + COURSE
                                + "' AND block_key LIKE 'block-v1:Org+Course+Run+type@%'"
                                + " OR course_key LIKE 'lib:%' AND block_key LIKE 'lb:%')"))
                        .as("seed %s", seed)
                        .isEmpty();
                assertThat(database.rows()).isPositive();
            }
        }
    }

    private Map<Integer, Integer> callAtRandom(RunningService service) {
        String jwt = Tokens.rs512(Tokens.claims("ann", Instant.now()));
        Map<Integer, Integer> statuses = new TreeMap<>();
        RawHttp http = RawHttp.connect(service.port());
        for (int i = 0; i < CALLS; i++) {
            byte[] request = call(jwt, i);
            http.send(request);
            // In time or not at all: the socket waits for 15 s.
            Optional<RawHttp.Answer> answer = http.answerIfAny();
            answer.ifPresent(found -> {
                statuses.merge(found.status(), 1, Integer::sum);
                assertThat(found.status())
                        .as("seed %s: %s: %s", seed, found.body(), new String(request, StandardCharsets.UTF_8))
                        .isLessThan(500);
            });
            if (answer.isEmpty() || answer.get().status() != 200) {
                http.close();
                http = RawHttp.connect(service.port());
            }
        }
        http.close();
        return statuses;
    }

    private byte[] call(String jwt, int number) {
        String authorization = random.nextInt(4) == 0 ? "Bearer " + OPAQUE : "JWT " + jwt;
        String method = "POST";
        String path = PATH;
        List<String> more = new ArrayList<>(List.of("content-type: application/json"));
        String text = body(number);
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        switch (random.nextInt(8)) {
            case 0 -> {
                String token = random.nextBoolean()
                        ? new String(scrambled(OPAQUE.getBytes(StandardCharsets.UTF_8)), StandardCharsets.ISO_8859_1)
                        : Tokens.mutate(jwt, random);
                authorization = List.of("JWT ", "Bearer ", "bearer  ").get(random.nextInt(3))
                        + token.replaceAll("[\\r\\n]", "~");
            }
            case 1 -> {
                if (random.nextBoolean()) {
                    more.clear();
                }
                more.add(HEADERS.get(random.nextInt(HEADERS.size())));
            }
            case 2 ->
                method = List.of("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "post", "X")
                        .get(random.nextInt(8));
            case 3 ->
                path = PATH
                        + List.of(
                                        "?username=bob",
                                        "?user=ann&username=ann",
                                        "/",
                                        "?%zz",
                                        "//",
                                        "?a=%00",
                                        "%2F",
                                        ";x",
                                        "?ack=x")
                                .get(random.nextInt(9));
            case 4, 5 -> body = scrambled(body);
            default -> {}
        }
        more.add("authorization: " + authorization);
        return RawHttp.request(method, path, body, more.toArray(String[]::new));
    }

    /** A body that is JSON, most of the time, with a strange part. */
    private String body(int number) {
        String[] parts = {
            "\"username\"",
            "\"ann\"",
            "\"course_key\"",
            "\"" + COURSE + "\"",
            "\"blocks\"",
            "\"" + BLOCK + number + "\"",
            List.of("1", "0.5", "\"1\"", "true").get(random.nextInt(4))
        };
        if (random.nextInt(3) > 0) {
            int at = random.nextInt(parts.length);
            parts[at] = switch (random.nextInt(3)) {
                case 0 -> new String(scrambled(parts[at].getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
                default -> STRANGE.get(random.nextInt(STRANGE.size()));
            };
        }
        String blocks = "{" + parts[5] + ":" + parts[6] + "}";
        if (random.nextInt(6) == 0) {
            blocks = STRANGE.get(random.nextInt(STRANGE.size()));
        }
        List<String> fields =
                new ArrayList<>(List.of(parts[0] + ":" + parts[1], parts[2] + ":" + parts[3], parts[4] + ":" + blocks));
        if (random.nextInt(5) == 0) {
            fields.remove(random.nextInt(3));
        }
        if (random.nextInt(5) == 0) {
            fields.add(
                    random.nextInt(fields.size() + 1),
                    List.of("\"user\":\"ann\"", "\"username\":\"bob\"", "\"x\":[1]")
                            .get(random.nextInt(3)));
        }
        return "{" + String.join(",", fields) + "}";
    }

    private byte[] scrambled(byte[] bytes) {
        byte[] scrambled = bytes.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0 && scrambled.length > 0; changes--) {
            int at = random.nextInt(scrambled.length);
            switch (random.nextInt(4)) {
                case 0 -> scrambled[at] = (byte) random.nextInt(256);
                case 1 -> scrambled[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> scrambled = Arrays.copyOf(scrambled, at);
                default -> {
                    byte[] longer = new byte[scrambled.length + 1];
                    System.arraycopy(scrambled, 0, longer, 0, at);
                    longer[at] = (byte) "{}[]\",:\\x0-+@/".charAt(random.nextInt(14));
                    System.arraycopy(scrambled, at, longer, at + 1, scrambled.length - at);
                    scrambled = longer;
                }
            }
        }
        return scrambled;
    }
}
