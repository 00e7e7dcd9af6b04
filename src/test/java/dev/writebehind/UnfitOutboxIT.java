package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.condition.Condition;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.flush.Announcements;
import dev.writebehind.flush.TableState;
import dev.writebehind.store.Schema;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.Futures;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An outbox that is not fit at the start: the service starts, what passes costs no news, and rows wait no longer. */
@ExtendWith(VertxExtension.class)
class UnfitOutboxIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final String OUTBOX = "completion_writebehind_outbox";

    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void close() {
        database.close();
    }

    @ParameterizedTest
    @CsvSource({
        "RENAME TABLE " + OUTBOX + " TO elsewhere, RENAME TABLE elsewhere TO " + OUTBOX + ", is missing",
        "ALTER TABLE " + OUTBOX + " ENGINE = MyISAM, ALTER TABLE " + OUTBOX + " ENGINE = InnoDB, ENGINE = InnoDB",
        "ALTER TABLE " + OUTBOX + " RENAME COLUMN is_new TO old, ALTER TABLE " + OUTBOX
                + " RENAME COLUMN old TO is_new, the columns of"
    })
    void start_onAnUnfitOutbox_acceptsWrites_saysWhatToDo_andTellsOfThemOnceItIsMended(
            String harm, String cure, String reason) throws Exception {
        assumeThat(FULL || reason.equals("is missing"))
                .as("the others with -Pfull")
                .isTrue();
        Schema.of(settings(), true).migrate();
        database.execute(harm);
        try (RunningService service = RunningService.start(
                database.uri(), "openedx.announce=true", "database.migrate=false", "flush.interval=20ms")) {
            assertThat(service.manage("GET", "/health/ready").body()).contains("announcements-failing", reason);
            assertThat(service.post("", Bodies.write(1, 0.5)).statusCode()).isEqualTo(202);
            assertThat(database.rows()).isZero();

            database.execute(cure);
            await().until(() -> database.rows() == 1);
            await().until(() -> !service.manage("GET", "/health/ready").body().contains("announcements-failing"));
            assertThat(database.query("SELECT user_id FROM " + OUTBOX)).hasSize(1);
            service.stop(); // the condition is logged as an error
        }
    }

    @Test
    void preparation_onAnOutboxThatStaysUnfit_letsRowsGoAfterAWhile_andKeepsLooking(Vertx vertx) throws Exception {
        Schema.of(settings(), true).migrate();
        database.execute("RENAME TABLE " + OUTBOX + " TO elsewhere");
        Conditions conditions = new Conditions(Clock.systemUTC());
        Announcements announcements = new Announcements(true, () -> 10, conditions);
        SchemaPreparation preparation =
                new SchemaPreparation(vertx, settings(), false, announcements, conditions, Duration.ofMillis(500));
        Futures.await(preparation.begin());
        assertThat(preparation.state()).isEqualTo(TableState.UNPREPARED);
        await().until(() -> preparation.state() == TableState.PREPARED);
        assertThat(announcements.isWanted()).isFalse();
        assertThat(conditions.current())
                .extracting(Condition::name)
                .containsExactly(ConditionName.ANNOUNCEMENTS_FAILING);

        database.execute("RENAME TABLE elsewhere TO " + OUTBOX);
        await().until(announcements::isWanted);
    }

    /** As with a user who may write rows alone, and a migration at the start that may not create the table. */
    @Test
    void start_whereTheOutboxCanNotBeCreated_saysWhy() throws Exception {
        assumeThat(database.mayGrant()).isTrue();
        Schema.of(settings(), false).migrate();
        String user = database.createUser(
                "SELECT, INSERT, UPDATE, DELETE ON completion_blockcompletion", "SELECT ON writebehind_schema_history");
        DatabaseSettings poor =
                new DatabaseSettings(DatabaseUri.parse(database.uriAs(user)), true, Duration.ofSeconds(10), 1);
        assertThat(Schema.of(poor, true).prepareOutbox(true).orElseThrow())
                .contains(OUTBOX + " is missing", "it could not be created", "denied");
    }

    private DatabaseSettings settings() {
        return new DatabaseSettings(DatabaseUri.parse(database.uri()), false, Duration.ofSeconds(10), 1);
    }
}
