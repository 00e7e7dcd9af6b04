package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** The database is there, but not as it should be: somebody has to mend it, and nothing may be lost until then. */
class SetupFailureIT {
    @Test
    void tableGoesAway_alarmsOnceKeepsEverythingAndFlushesWhenItIsBack() {
        try (TestDatabase database = TestDatabase.create()) {
            RunningService service =
                    RunningService.start(database.uri(), "flush.interval=20ms", "flush.max-backoff=1s");
            service.post("?ack=database", Bodies.write(1, "b1", 0.5));
            database.execute("RENAME TABLE completion_blockcompletion TO elsewhere");
            assertThat(service.post("", Bodies.write(1, "b2", 0.5)).statusCode())
                    .isEqualTo(202);
            await().until(() -> service.service().flushStats().failures() >= 3);

            JsonObject ready =
                    new JsonObject(service.manage("GET", "/health/ready").body());
            assertThat(ready.getString("status")).isEqualTo("serving");
            assertThat(ready.getString("database")).startsWith("failing: ");
            assertThat(service.logged(Level.ERROR))
                    .singleElement()
                    .asString()
                    .contains("until the database is mended", "check");

            database.execute("RENAME TABLE elsewhere TO completion_blockcompletion");
            await().until(() -> database.rows() == 2);
            assertThat(service.service().flushStats().deadLetters()).isZero();
            assertThat(service.stop()).isZero();
        }
    }
}
