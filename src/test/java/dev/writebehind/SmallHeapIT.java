package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** As many keys as a small heap takes while the database is away: what was accepted can start again. */
class SmallHeapIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final List<String> HEAP = List.of("-Xmx128m");
    private static final String AWAY = "mysql://writebehind:writebehind@127.0.0.1:1/away";
    private static final int WRITES = 1_000;
    private static final int LONG = 240;
    private static final int MAX_REQUESTS = 2_000;

    /**
     * What takes the most heap: a learner of their own for each write, and a course and a block of the longest kind.
     */
    enum Keys {
        SHORT_AND_SHARED,
        LONG_AND_ALL_DIFFERENT;

        String of(String letter, int key) {
            return this == SHORT_AND_SHARED ? letter : letter + key + "\uD83D\uDE00".repeat(LONG);
        }
    }

    @ParameterizedTest
    @EnumSource
    void start_afterAcceptingUntilRefused_takesOverEverything(Keys keys) throws Exception {
        assumeThat(FULL || keys == Keys.LONG_AND_ALL_DIFFERENT)
                .as("the other one with -Pfull")
                .isTrue();
        Path journal = TemporaryDirectory.create("journal");
        int accepted = 0;
        try (ChildService service = ChildService.start(HEAP, AWAY, "journal.dir=" + journal)) {
            int status = 202;
            while (status == 202 && accepted < MAX_REQUESTS) {
                status = service.post("", body(keys, accepted)).statusCode();
                accepted += status == 202 ? 1 : 0;
            }
            assertThat(status).as("after %d requests", accepted).isEqualTo(503);
            service.kill();
            service.exitCode(Patience.LONG);
        }
        assertThat(accepted).isGreaterThan(keys == Keys.SHORT_AND_SHARED ? 50 : 5);
        try (TestDatabase database = TestDatabase.create();
                ChildService service = ChildService.start(HEAP, database.uri(), "journal.dir=" + journal)) {
            assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            System.out.printf("Accepted in %s with keys %s: %d writes%n", HEAP, keys, accepted * WRITES);
            assertThat(database.rows()).isEqualTo(accepted * WRITES);
        }
    }

    private static String body(Keys keys, int request) {
        return Bodies.array(IntStream.range(request * WRITES, (request + 1) * WRITES)
                .mapToObj(key -> Bodies.write(key + 1, keys.of("C", key), keys.of("B", key), 1)));
    }
}
