package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.testing.DirectWriters;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.OpenedxTables.Vintage;
import dev.writebehind.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody has had a transaction open on the tables for long while the foreign key is to be dropped. */
class OnlineAlterIT {
    private static final String READ = "SELECT COUNT(*) FROM completion_blockcompletion";
    private static final String UPDATE_USER = "UPDATE auth_user SET last_login = NOW(6) WHERE id = 20";

    private final TestDatabase database = TestDatabase.create();
    private final AtomicInteger pauses = new AtomicInteger();

    @BeforeEach
    void createTables() {
        OpenedxTables.createUsers(database, 20);
        OpenedxTables.createCompletions(database, Vintage.NEW);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void transactionReadsTheTable_writersWaitForASecondAtMost_thenTheKeyIsDropped() throws Exception {
        migrateBesideOpenTransaction(READ);
    }

    @Test
    void transactionHoldsAUser_writersWaitForASecondAtMost_thenTheKeyIsDropped() throws Exception {
        migrateBesideOpenTransaction(UPDATE_USER);
    }

    @Test
    void transactionNeverEnds_givesUpAndSaysWhatToDo_nothingChanged() throws Exception {
        String declared = OpenedxTables.declaration(database);
        try (Connection holder = database.connect();
                Statement hold = holder.createStatement()) {
            holder.setAutoCommit(false);
            hold.execute(READ);
            assertThatThrownBy(() -> schema(Duration.ofSeconds(4)).prepare(true))
                    .isInstanceOf(UnfitSchemaException.class)
                    .hasMessageContaining("nothing has changed")
                    .hasMessageContaining("connection ")
                    .hasMessageContaining("KILL")
                    .hasMessageContaining("DROP FOREIGN KEY");
            holder.rollback();
        }
        assertThat(OpenedxTables.declaration(database)).isEqualTo(declared);
    }

    @Test
    void severalInstancesAtOnce_allSucceed_oneDropsTheKey() throws Exception {
        ExecutorService instances = Executors.newFixedThreadPool(4);
        Schema schema = schema(Duration.ofSeconds(30));
        List<Future<Migrated>> migrations =
                instances.invokeAll(List.of(schema::migrate, schema::migrate, schema::migrate, schema::migrate));
        int dropped = 0;
        for (Future<Migrated> migration : migrations) {
            dropped += migration.get().droppedKeys().size();
        }
        instances.shutdown();
        assertThat(dropped).isEqualTo(1);
        assertThat(schema.check()).allMatch(Finding::fit);
    }

    private void migrateBesideOpenTransaction(String statement) throws Exception {
        schema(Duration.ofSeconds(30)).undoPlan(); // loads what is needed before the clock runs
        ExecutorService migration = Executors.newSingleThreadExecutor();
        try (DirectWriters clients = DirectWriters.start(database, 4);
                Connection holder = database.connect();
                Statement hold = holder.createStatement()) {
            awaitWrites(clients, 100);
            holder.setAutoCommit(false);
            hold.execute(statement);
            clients.slowest();
            Future<Migrated> migrated =
                    migration.submit(() -> schema(Duration.ofSeconds(60)).migrate());
            Awaitility.await().until(() -> pauses.get() == 2);
            awaitWrites(clients, 100);
            long slowest = clients.slowest().toMillis();
            assertThat(migrated.isDone()).isFalse();
            holder.rollback();
            assertThat(migrated.get(5, TimeUnit.MINUTES).droppedKeys()).hasSize(1);
            awaitWrites(clients, 100);
            assertThat(clients.failures()).isEmpty();
            assertThat(slowest)
                    .as("longest write while the key could not be dropped")
                    .isLessThan(3_000);
            System.out.printf(
                    "Two vain attempts beside \"%s\": longest write %d ms; then dropped at attempt %d%n",
                    statement, slowest, migrated.get().attempts());
        } finally {
            migration.shutdown();
        }
        assertThat(schema(Duration.ofSeconds(1)).check()).allMatch(Finding::fit);
    }

    private Schema schema(Duration giveUpAfter) {
        OnlineAlter alter = new OnlineAlter(giveUpAfter, System::nanoTime, millis -> {
            pauses.incrementAndGet();
            Thread.sleep(millis);
        });
        return new Schema(
                JdbcAddress.of(
                        new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1)),
                alter);
    }

    private static void awaitWrites(DirectWriters clients, int more) {
        long enough = clients.writes() + more;
        Awaitility.await()
                .until(() -> clients.writes() >= enough || !clients.failures().isEmpty());
    }
}
