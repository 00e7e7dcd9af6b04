package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.cli.CommandRun;
import dev.writebehind.config.ConfigFile;
import dev.writebehind.store.Schema;
import dev.writebehind.testing.LockWatch;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.OpenedxTables.Vintage;
import dev.writebehind.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows whose user no longer exists: reported, deleted in batches, and in the way of the undo. */
class OrphansIT {
    private static final int USERS = 20;
    private static final int ROWS_OF_A_USER = 250;
    private static final String ALL = "SELECT COUNT(*) FROM completion_blockcompletion";

    private final TestDatabase database = TestDatabase.create();

    @BeforeEach
    void createTablesAndRowsOfTwoUsersTooMany() {
        OpenedxTables.createUsers(database, USERS);
        OpenedxTables.createCompletions(database, Vintage.NEW);
        assertThat(run("migrate").status()).isZero();
        StringBuilder rows = new StringBuilder();
        for (int user = 1; user <= USERS + 2; user++) {
            for (int block = 0; block < ROWS_OF_A_USER; block++) {
                rows.append(rows.isEmpty() ? "" : ",")
                        .append("(NOW(6), NOW(6), 'c', 'b")
                        .append(block)
                        .append("', 't', 1, ")
                        .append(user)
                        .append(")");
            }
        }
        database.execute("INSERT INTO completion_blockcompletion"
                + " (created, modified, course_key, block_key, block_type, completion, user_id) VALUES " + rows);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void purgeOrphans_dryRun_countsAndDeletesNothing() {
        CommandRun counted = run("purge-orphans", "--dry-run");
        assertThat(counted.status()).isEqualTo(1);
        assertThat(counted.output()).contains("500 of 5,500 rows had no user (user_id 21, 22, …)");
        assertThat(database.value(ALL)).isEqualTo("5500");
    }

    @Test
    void purgeOrphans_tellsWhichPartOfTheTableIsBehindIt() throws Exception {
        ConfigFile source = new ConfigFile(null, Map.of("WRITEBEHIND_DATABASE_URI", database.uri()));
        List<Long> done = new ArrayList<>();
        Schema.of(source.load().settings().database()).orphans(false, (now, total, what) -> {
            done.add(now);
            assertThat(now).isLessThanOrEqualTo(total);
            if (now == total) {
                assertThat(what).isEqualTo("5,500 rows looked at, 500 without a user");
            }
        });
        assertThat(done).hasSize(6).isSorted().endsWith(5_500L).doesNotHaveDuplicates();
    }

    @Test
    void purgeOrphans_everyUserRowLocked_deletesThoseRowsOnly_withoutALockOnTheUserTable() throws Exception {
        try (Connection holder = database.connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.executeQuery("SELECT * FROM auth_user FOR UPDATE").close();
            LockWatch watch = LockWatch.beside(holder, database);
            Thread watcher = new Thread(watch, "lock watch");
            watcher.start();
            await().until(() -> watch.looks() > 0 || watch.failure() != null);
            CommandRun purged = run("purge-orphans");
            watch.stop();
            watcher.join();
            holder.rollback();
            assertThat(purged.status()).as(purged.output()).isZero();
            assertThat(purged.output()).contains("500 of 5,500 rows had no user", "were deleted");
            assertThat(watch.looks()).isPositive();
            assertThat(watch.othersOnUserTable()).isZero();
            assertThat(watch.failure()).isNull();
        }
        assertThat(database.value(ALL)).isEqualTo("5000");
        assertThat(database.value(ALL + " WHERE user_id > " + USERS)).isEqualTo("0");
        assertThat(run("purge-orphans").output()).contains("0 of 5,000 rows had no user");
    }

    @Test
    void purgeOrphans_noUserAtAll_refuses() {
        database.execute("DELETE FROM auth_user");
        CommandRun refused = run("purge-orphans");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).contains("auth_user is empty");
        assertThat(database.value(ALL)).isEqualTo("5500");
    }

    @Test
    void undo_withOrphans_refusesUntilTheyArePurged() {
        String without = OpenedxTables.declaration(database);
        CommandRun refused = run("undo");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).contains("users of 500 rows no longer exist", "purge-orphans", "--keep-orphans");
        assertThat(OpenedxTables.declaration(database)).isEqualTo(without);

        assertThat(run("purge-orphans").status()).isZero();
        CommandRun undone = run("undo");
        assertThat(undone.status()).as(undone.output()).isZero();
        assertThat(OpenedxTables.declaration(database)).contains("FOREIGN KEY (`user_id`) REFERENCES `auth_user`");
        assertThat(run("undo").output()).contains("was there already");
    }

    @Test
    void undo_keepOrphans_addsTheKeyAndTellsWhatItDoesNotCheck() {
        CommandRun undone = run("undo", "--keep-orphans");
        assertThat(undone.status()).as(undone.output()).isZero();
        assertThat(undone.output()).contains("is back", "500 rows no longer exist");
        assertThat(database.value(ALL)).isEqualTo("5500");
    }

    private CommandRun run(String... arguments) {
        return CommandRun.on(database.uri(), arguments);
    }
}
