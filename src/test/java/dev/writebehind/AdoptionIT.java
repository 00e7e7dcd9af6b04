package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.writebehind.cli.CommandRun;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.DirectWriters;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.OpenedxTables.Vintage;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A database that Django made, taken over while the LMS writes to it, and given back. */
class AdoptionIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int BLOCKS = 500;
    private static final int USERS = FULL ? 2_000 : 40;
    private static final int CLIENTS = 16;
    private static final String COURSE = "course-v1:Org+Course+Run";

    @ParameterizedTest
    @EnumSource(Vintage.class)
    void migrate_whileClientsWrite_nobodyFails_andUndoLeavesTheTableAsItWas(Vintage vintage) throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            OpenedxTables.createUsers(database, USERS);
            OpenedxTables.createCompletions(database, vintage);
            fill(database);
            String declared = OpenedxTables.declaration(database);
            String rows = checksum(database);

            DirectWriters clients = DirectWriters.start(database, CLIENTS);
            CommandRun migrated;
            long before;
            long after;
            try (clients) {
                awaitWrites(clients, 1_000);
                before = clients.slowest().toMillis();
                migrated = CommandRun.on(database.uri(), "migrate");
                after = clients.slowest().toMillis();
                awaitWrites(clients, 1_000);
            }

            assertThat(clients.failures()).isEmpty();
            assertThat(migrated.output())
                    .contains("dropped the foreign key", "auth_user")
                    .doesNotContain("UNFIT");
            assertThat(migrated.status()).as(migrated.output()).isZero();
            assertThat(clients.stored()).isEqualTo(clients.expected());
            assertThat(checksum(database)).isEqualTo(rows);
            assertThat(OpenedxTables.declaration(database)).isEqualTo(withoutForeignKey(declared));
            takeOver(database);
            rows = checksum(database);

            long undoBegan = System.nanoTime();
            CommandRun undone = CommandRun.on(database.uri(), "undo");
            long undoMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - undoBegan);
            assertThat(undone.status()).as(undone.output()).isZero();
            assertThat(OpenedxTables.declaration(database)).isEqualTo(declared);
            assertThat(checksum(database)).isEqualTo(rows);
            assertThatThrownBy(() -> database.execute(insert(USERS + 1, "nobody's")))
                    .hasRootCauseInstanceOf(SQLException.class)
                    .hasMessageContaining("foreign key constraint fails");

            CommandRun again = CommandRun.on(database.uri(), "migrate");
            assertThat(again.output()).contains("0 migrations applied, dropped the foreign key");
            assertThat(OpenedxTables.declaration(database)).isEqualTo(withoutForeignKey(declared));
            System.out.printf(
                    "Adoption of %,d rows (%s): %s; %d clients: %,d writes, none failed, slowest before the migration"
                            + " %d ms, during it %d ms; undo, orphans counted twice: %d ms%n",
                    USERS * BLOCKS,
                    vintage,
                    migrated.output().lines().findFirst().orElseThrow(),
                    CLIENTS,
                    clients.writes(),
                    before,
                    after,
                    undoMillis);
        }
    }

    @Test
    void userRowHeld_plainInsertAndUpdateWaitBeforeTheMigration_notAfterIt() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            OpenedxTables.createUsers(database, 2);
            OpenedxTables.createCompletions(database, Vintage.NEW);
            database.execute(insert(1, "there"));
            String update = "UPDATE completion_blockcompletion SET completion = completion / 2, modified = NOW(6)"
                    + " WHERE user_id = 1";
            try (Connection holder = database.connect();
                    Statement hold = holder.createStatement()) {
                holder.setAutoCommit(false);
                hold.execute("UPDATE auth_user SET last_login = NOW(6) WHERE id = 1");
                assertThat(errorCode(database, insert(1, "new"))).isEqualTo(1205);
                assertThat(errorCode(database, update)).isEqualTo(updatesWait(database) ? 1205 : 0);
                holder.rollback();

                CommandRun migrated = CommandRun.on(database.uri(), "migrate");
                assertThat(migrated.status()).as(migrated.output()).isZero();

                hold.execute("UPDATE auth_user SET last_login = NOW(6) WHERE id = 1");
                assertThat(errorCode(database, insert(1, "new"))).isZero();
                assertThat(errorCode(database, update)).isZero();
                holder.rollback();
            }
        }
    }

    @Test
    @ShowsEffectOf("database.migrate")
    void serve_toldNotToMigrate_refusesToStartOnAForeignKey_toldTo_dropsIt() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            OpenedxTables.createUsers(database, 1);
            OpenedxTables.createCompletions(database, Vintage.NEW);
            String declared = OpenedxTables.declaration(database);
            try (ChildService refused = ChildService.start(database.uri(), "database.migrate=false")) {
                assertThat(refused.exitCode(Duration.ofMinutes(5))).isEqualTo(1);
                assertThat(refused.output())
                        .anyMatch(line -> line.contains("does not start")
                                && line.contains("the foreign key completion_blockcompletion_user_id_20994c23_fk")
                                && line.contains("run the command migrate"));
            }
            assertThat(OpenedxTables.declaration(database)).isEqualTo(declared);
            try (RunningService service = RunningService.start(database.uri(), "database.migrate=true")) {
                assertThat(service.logged(Level.INFO))
                        .anyMatch(line -> line.contains("dropped the foreign key") && line.contains("undo"));
            }
        }
    }

    @Test
    void migrate_dryRun_printsTheSqlAndChangesNothing() {
        try (TestDatabase database = TestDatabase.create()) {
            OpenedxTables.createUsers(database, 1);
            OpenedxTables.createCompletions(database, Vintage.OLD);
            database.execute("CREATE TABLE course (id INT NOT NULL PRIMARY KEY)");
            String declared = OpenedxTables.declaration(database);
            CommandRun planned = CommandRun.on(database.uri(), "migrate", "--dry-run");
            assertThat(planned.status()).as(planned.output()).isZero();
            assertThat(planned.output())
                    .contains("CREATE TABLE IF NOT EXISTS writebehind_dropped_keys", "lock_wait_timeout = 1")
                    .contains("ALTER TABLE completion_blockcompletion DROP FOREIGN KEY"
                            + " `completion_blockcompletion_user_id_20994c23_fk_auth_user_id`, ALGORITHM=INPLACE,"
                            + " LOCK=NONE;");
            assertThat(OpenedxTables.declaration(database)).isEqualTo(declared);
            assertThat(database.query("SHOW TABLES")).hasSize(3);
        }
    }

    @Test
    void migrate_anyNameAndRule_dropsThatKeyAlone_undoBringsBackBoth() {
        try (TestDatabase database = TestDatabase.create()) {
            OpenedxTables.createUsers(database, 1);
            OpenedxTables.createCompletions(database, Vintage.OLD);
            database.execute(
                    "CREATE TABLE course (id VARCHAR(64) NOT NULL PRIMARY KEY)"
                            + " CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci",
                    "ALTER TABLE completion_blockcompletion"
                            + " DROP FOREIGN KEY completion_blockcompletion_user_id_20994c23_fk_auth_user_id",
                    "ALTER TABLE completion_blockcompletion ADD CONSTRAINT `odd name` FOREIGN KEY (user_id)"
                            + " REFERENCES auth_user (id) ON DELETE CASCADE",
                    "ALTER TABLE completion_blockcompletion ADD CONSTRAINT other FOREIGN KEY (block_type)"
                            + " REFERENCES course (id)");
            String declared = OpenedxTables.declaration(database);

            CommandRun migrated = CommandRun.on(database.uri(), "migrate");
            assertThat(migrated.status()).isEqualTo(1);
            assertThat(migrated.output())
                    .contains("dropped the foreign key odd name")
                    .contains("UNFIT  the foreign key other (block_type → course.id)", "drop it by hand");
            assertThat(OpenedxTables.declaration(database)).contains("`other`").doesNotContain("odd");

            assertThat(CommandRun.on(database.uri(), "undo").status()).isZero();
            assertThat(OpenedxTables.declaration(database).lines().map(AdoptionIT::withoutComma))
                    .containsExactlyInAnyOrderElementsOf(
                            declared.lines().map(AdoptionIT::withoutComma).toList());
        }
    }

    private static String withoutComma(String line) {
        return line.endsWith(",") ? line.substring(0, line.length() - 1) : line;
    }

    /**
     * MySQL 9.6 and newer check foreign keys above InnoDB unless told not to: an UPDATE that keeps its user is free.
     */
    private static boolean updatesWait(TestDatabase database) {
        return database.query("SHOW VARIABLES LIKE 'innodb_native_foreign_keys'").stream()
                .allMatch(variable -> variable.get(1).equals("ON"));
    }

    /** The service, told not to migrate, finds the table fit, changes a row that was there and adds one. */
    private static void takeOver(TestDatabase database) {
        try (RunningService service = RunningService.start(database.uri(), "database.migrate=false")) {
            String body = "[" + write("b0", 0.25) + "," + write("taken-over", 0.75) + "]";
            assertThat(service.post("?ack=database", body).statusCode()).isEqualTo(200);
        }
        assertThat(database.query("SELECT completion FROM completion_blockcompletion WHERE user_id = 1 AND course_key"
                        + " = '" + COURSE + "' AND block_key IN ('" + block("b0") + "', '" + block("taken-over")
                        + "') ORDER BY completion"))
                .extracting(row -> Double.parseDouble(row.get(0)))
                .containsExactly(0.25, 0.75);
        assertThat(database.value(
                        "SELECT COUNT(*) FROM completion_blockcompletion WHERE course_key = '" + COURSE + "'"))
                .isEqualTo(String.valueOf(USERS * BLOCKS + 1));
    }

    private static void fill(TestDatabase database) {
        database.execute("CREATE TABLE block (n INT NOT NULL PRIMARY KEY)");
        StringBuilder blocks = new StringBuilder("INSERT INTO block VALUES (0)");
        for (int n = 1; n < BLOCKS; n++) {
            blocks.append(",(").append(n).append(")");
        }
        database.execute(blocks.toString());
        for (int from = 1; from <= USERS; from += 100) {
            database.execute("INSERT INTO completion_blockcompletion (created, modified, course_key, block_key,"
                    + " block_type, completion, user_id)"
                    + " SELECT '2026-01-01', '2026-01-01' + INTERVAL u.id * 500 + b.n SECOND, '" + COURSE + "',"
                    + " CONCAT('" + block("b") + "', b.n), 'html', (b.n % 9) / 8, u.id FROM auth_user u, block b"
                    + " WHERE u.id >= " + from + " AND u.id < " + (from + 100) + " ORDER BY u.id, b.n");
        }
        assertThat(database.rows()).isEqualTo(USERS * BLOCKS);
    }

    private static String checksum(TestDatabase database) {
        return database.query("SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', id, created, modified, course_key, block_key,"
                        + " block_type, completion, user_id))) FROM completion_blockcompletion WHERE course_key = '"
                        + COURSE + "'")
                .toString();
    }

    private static String withoutForeignKey(String declared) {
        return declared.replaceAll(",\\n  CONSTRAINT [^\\n]+", "");
    }

    private static void awaitWrites(DirectWriters clients, int more) {
        long enough = clients.writes() + more;
        Awaitility.await()
                .atMost(5, TimeUnit.MINUTES)
                .until(() -> clients.writes() >= enough || !clients.failures().isEmpty());
    }

    private static String block(String id) {
        return "block-v1:Org+Course+Run+type@html+block@" + id;
    }

    private static String write(String block, double completion) {
        return Bodies.write(1, COURSE, block(block), completion);
    }

    private static String insert(int user, String block) {
        return "INSERT INTO completion_blockcompletion (created, modified, course_key, block_key, block_type,"
                + " completion, user_id) VALUES (NOW(6), NOW(6), 'c', '" + block.replace("'", "''") + "', 'html', 1, "
                + user + ")";
    }

    private static int errorCode(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION innodb_lock_wait_timeout = 1");
            statement.execute(sql);
            return 0;
        } catch (SQLException e) {
            return e.getErrorCode();
        }
    }
}
