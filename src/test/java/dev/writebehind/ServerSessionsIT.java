package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.testing.Alone;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.EmbeddedMariaDb;
import dev.writebehind.testing.ServerDefaults;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that decide how sessions begin, or what charset they have: keys are stored, told apart and read as sent. */
@Alone
class ServerSessionsIT {
    private static final String COURSE = "course-v1:Été+C+R";
    private static final String SPOILT = ", @spoilt = 1, SESSION autocommit = 0, SESSION sql_safe_updates = 1,"
            + " SESSION sql_select_limit = 1, SESSION time_zone = ''+05:45'',"
            + " SESSION sql_mode = ''ANSI_QUOTES''";
    private static final List<String> BLOCKS = List.of("html+block@Übung课程", "html+block@Übung课?", "html+block@𠇶");

    /** Executed for everybody but the server's administrators, as serving's account should be none. */
    @SuppressWarnings("try") // the defaults are there to be closed
    @ParameterizedTest
    @ValueSource(strings = {"latin1", "utf8mb3"})
    void write_initConnectSpoilsEverySession_isStoredAndReadAsSent(String charset) throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            assumeThat(database.mayGrant()).isTrue();
            String user = database.createOrdinaryUser();
            String spoil = "SET NAMES " + charset + SPOILT;
            try (ServerDefaults ignored = ServerDefaults.set(database, "init_connect='" + spoil + "'")) {
                assertThat(database.valueAs(user, "SELECT @spoilt")).isEqualTo("1");
                assertStoredAndReadAsSent(database, database.uriAs(user));
            }
        }
    }

    /** As {@code skip-character-set-client-handshake} makes it, which MySQL has no more. */
    @ParameterizedTest
    @ValueSource(strings = {"latin1", "utf8mb3"})
    void write_serverIgnoresTheClientsCharset_isStoredAndReadAsSent(String charset) {
        Path program = Path.of("target", "mariadb", "server");
        try (EmbeddedMariaDb server = EmbeddedMariaDb.start(
                        program,
                        TemporaryDirectory.create("mariadb-" + charset),
                        0,
                        "--skip-character-set-client-handshake",
                        "--character-set-server=" + charset,
                        "--collation-server=" + charset + "_bin");
                TestDatabase database = TestDatabase.createOn(server.uri())) {
            assertStoredAndReadAsSent(database, database.uri());
        }
    }

    private static void assertStoredAndReadAsSent(TestDatabase database, String uri) {
        try (RunningService service = RunningService.start(uri, "flush.interval=1h", "buffer.retain=0s")) {
            for (String block : BLOCKS) {
                assertThat(service.post("", Bodies.write(1, COURSE, block, 0.5)).statusCode())
                        .isEqualTo(202);
            }
            service.flush();

            assertThat(database.query("SELECT HEX(course_key), HEX(block_key) FROM completion_blockcompletion"))
                    .containsExactlyInAnyOrderElementsOf(BLOCKS.stream()
                            .map(block -> List.of(hex(COURSE), hex(block)))
                            .toList());
            assertThat(service.read(1, URLEncoder.encode(COURSE, StandardCharsets.UTF_8))
                            .getJsonArray("completions"))
                    .extracting(completion -> ((JsonObject) completion).getString("block_key"))
                    .containsExactlyInAnyOrderElementsOf(BLOCKS);
        }
    }

    private static String hex(String text) {
        return HexFormat.of().withUpperCase().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }
}
