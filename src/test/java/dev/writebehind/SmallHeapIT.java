package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** As many keys as a small heap takes while the database is away: what was accepted can start again. */
class SmallHeapIT {
    private static final List<String> HEAP = List.of("-Xmx128m");
    private static final String AWAY = "mysql://writebehind:writebehind@127.0.0.1:1/away";
    private static final int WRITES = 1_000;
    private static final int MAX_REQUESTS = 2_000;

    @Test
    void start_afterAcceptingUntilRefused_takesOverEverything() throws Exception {
        Path journal = TemporaryDirectory.create("journal");
        int accepted = 0;
        try (ChildService service = ChildService.start(HEAP, AWAY, "journal.dir=" + journal)) {
            int status = 202;
            while (status == 202 && accepted < MAX_REQUESTS) {
                status = service.post("", body(accepted)).statusCode();
                accepted += status == 202 ? 1 : 0;
            }
            assertThat(status).as("after %d requests", accepted).isEqualTo(503);
            service.kill();
            service.exitCode(Duration.ofSeconds(10));
        }
        assertThat(accepted).isGreaterThan(50);
        try (TestDatabase database = TestDatabase.create();
                ChildService service = ChildService.start(HEAP, database.uri(), "journal.dir=" + journal)) {
            assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            assertThat(database.value("SELECT COUNT(*) FROM completion_blockcompletion"))
                    .isEqualTo(String.valueOf(accepted * WRITES));
        }
    }

    /** A learner of their own for each write: what takes the most heap. */
    private static String body(int request) {
        return IntStream.rangeClosed(1, WRITES)
                .mapToObj(i -> "{\"user_id\":" + (request * WRITES + i)
                        + ",\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":1}")
                .collect(Collectors.joining(",", "[", "]"));
    }
}
