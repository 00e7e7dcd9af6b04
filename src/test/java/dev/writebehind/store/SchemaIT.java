package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.testing.GreetingProxy;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.TestDatabase;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaIT {
    private final TestDatabase database = TestDatabase.create();
    private final Schema schema = Schema.of(settings(database.uri()));

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void migrate_emptySchema_createsTheTableWithoutAForeignKey() throws Exception {
        assertThat(schema.migrate().applied()).isEqualTo(2);
        assertThat(schema.check()).allMatch(Finding::fit);
        assertThat(database.query("SHOW TABLES"))
                .flatExtracting(row -> row)
                .containsExactlyInAnyOrder(
                        "completion_blockcompletion", "writebehind_schema_history", "writebehind_dropped_keys");
        assertThat(database.query("SHOW COLUMNS FROM completion_blockcompletion"))
                .extracting(row -> row.get(0) + " " + row.get(1).replaceAll("(int)\\(\\d+\\)", "$1") + " " + row.get(2))
                .containsExactly(
                        "created datetime(6) NO",
                        "modified datetime(6) NO",
                        "id bigint NO",
                        "course_key varchar(255) NO",
                        "block_key varchar(255) NO",
                        "block_type varchar(64) NO",
                        "completion double NO",
                        "user_id int NO");
    }

    @Test
    void migrate_twice_changesNothing() throws Exception {
        schema.migrate();
        Migrated second = schema.migrate();
        assertThat(second.applied()).isZero();
        assertThat(second.droppedKeys()).isEmpty();
    }

    @Test
    void migrate_besideTablesOfTheLms_leavesThemAndTheirHistoryAlone() throws Exception {
        OpenedxTables.createUsers(database, 1);
        database.execute("CREATE TABLE flyway_schema_history (note INT)");
        schema.migrate();
        assertThat(schema.check()).allMatch(Finding::fit);
        assertThat(database.value("SELECT COUNT(*) FROM auth_user")).isEqualTo("1");
    }

    @Test
    void migrate_tableIsThere_leavesItAsItIs() throws Exception {
        schema.migrate();
        database.execute(
                "DROP TABLE writebehind_schema_history",
                "INSERT INTO completion_blockcompletion"
                        + " (created, modified, course_key, block_key, block_type, completion, user_id)"
                        + " VALUES (NOW(6), NOW(6), 'c', 'b', 't', 1, 1)");
        assertThat(schema.migrate().applied()).isEqualTo(2);
        assertThat(database.rows()).isOne();
    }

    @Test
    void migrate_severalInstancesAtOnce_allSucceed() throws Exception {
        ExecutorService instances = Executors.newFixedThreadPool(4);
        List<Future<Migrated>> applied =
                instances.invokeAll(List.of(schema::migrate, schema::migrate, schema::migrate, schema::migrate));
        int sum = 0;
        for (Future<Migrated> count : applied) {
            sum += count.get().applied();
        }
        instances.shutdown();
        assertThat(sum).isEqualTo(2);
    }

    /** On a cluster the instances' turns are each node's own; there, they meet in Flyway's tables. */
    @RepeatedTest(5)
    void migrate_severalInstancesWithoutTurns_allSucceed() throws Exception {
        Schema elsewhere = new Schema(JdbcAddress.of(settings(database.uri())), OnlineAlter.patient(), "DO 0");
        ExecutorService instances = Executors.newFixedThreadPool(4);
        List<Callable<Migrated>> four = Collections.nCopies(4, elsewhere::migrate);
        for (Future<Migrated> migrated : instances.invokeAll(four)) {
            migrated.get();
        }
        instances.shutdown();
        assertThat(schema.check()).allMatch(Finding::fit);
        assertThat(database.value("SELECT COUNT(*) FROM writebehind_schema_history WHERE success = 0"))
                .isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.0.11", "5.5.30", "5.5.5-10.2.7-MariaDB", "8.0.36-proxy"})
    void check_andMigrate_behindAProxyThatGreetsAsAnother_askTheServer(String greeting) throws Exception {
        assumeThat(greeting.contains("MariaDB") && !database.isMariaDb())
                .as("Flyway takes a MySQL that greets as MariaDB for one")
                .isFalse();
        try (GreetingProxy proxy = new GreetingProxy(database.port())) {
            proxy.greetAs(greeting);
            Schema behind = Schema.of(settings(database.uriThrough(proxy.port())));
            assertThat(behind.migrate().applied()).isEqualTo(2);
            assertThat(behind.check())
                    .allMatch(Finding::fit)
                    .first()
                    .satisfies(server -> assertThat(server.text()).endsWith(" " + database.version()));
        }
    }

    @Test
    void check_tableIsMissing_saysWhatToDo() throws Exception {
        assertThat(unfit()).singleElement().asString().contains("missing", "run the command migrate");
    }

    @Test
    void check_foreignKeyToTheUserTable_isUnfitAndNamed() throws Exception {
        schema.migrate();
        OpenedxTables.createUsers(database, 1);
        OpenedxTables.addForeignKey(database);
        assertThat(unfit())
                .singleElement()
                .asString()
                .contains("completion_blockcompletion_user_id_20994c23_fk_auth_user_id", "auth_user");
        assertThatThrownBy(() -> schema.prepare(false))
                .isInstanceOf(UnfitSchemaException.class)
                .hasMessageContaining("auth_user");
    }

    @Test
    void check_uniqueKeyIsMissing_isUnfit() throws Exception {
        schema.migrate();
        database.execute("ALTER TABLE completion_blockcompletion DROP INDEX"
                + " completion_blockcompleti_course_key_block_key_use_b15bac54_uniq");
        assertThat(unfit()).singleElement().asString().contains("(course_key, block_key, user_id) is missing");
    }

    @Test
    void check_anotherUniqueKey_isUnfit() throws Exception {
        schema.migrate();
        database.execute("ALTER TABLE completion_blockcompletion ADD UNIQUE KEY other (user_id, modified)");
        assertThat(unfit()).singleElement().asString().contains("other (user_id, modified)");
    }

    @Test
    void check_caseSensitiveKeys_isUnfit() throws Exception {
        schema.migrate();
        database.execute("ALTER TABLE completion_blockcompletion CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        assertThat(unfit()).singleElement().asString().contains("utf8mb4_bin");
    }

    @Test
    void check_columnOfAnotherType_isUnfit() throws Exception {
        schema.migrate();
        database.execute("ALTER TABLE completion_blockcompletion MODIFY completion FLOAT NOT NULL");
        assertThat(unfit()).singleElement().asString().contains("completion is float");
    }

    private static DatabaseSettings settings(String uri) {
        return new DatabaseSettings(DatabaseUri.parse(uri), true, Duration.ofSeconds(30), 1);
    }

    private List<String> unfit() throws Exception {
        return schema.check().stream()
                .filter(finding -> !finding.fit())
                .map(Finding::text)
                .toList();
    }
}
