package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.OpenedxTables.Vintage;
import dev.writebehind.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A user who may do little, on a table of Open edX. */
class PrivilegeCheckIT {
    private static final String TABLE = UpsertStatements.TABLE;

    private final TestDatabase database = TestDatabase.create();
    private final String user = "poor" + ProcessHandle.current().pid();

    @BeforeEach
    void createUser() {
        assumeThat(database.mayGrant()).isTrue();
        OpenedxTables.createUsers(database, 1);
        OpenedxTables.createCompletions(database, Vintage.NEW);
        database.execute("CREATE USER " + user + "@'%' IDENTIFIED BY 'poor'");
    }

    @AfterEach
    void close() {
        if (database.mayGrant()) {
            database.execute("DROP USER " + user + "@'%'");
        }
        database.close();
    }

    @Test
    void check_userMayOnlyRead_seesTheForeignKey_andTellsWhatToGrant() throws Exception {
        database.execute("GRANT SELECT ON " + TABLE + " TO " + user + "@'%'");
        List<Finding> findings = schema().check();
        assertThat(unfit(findings))
                .hasSize(2)
                .anyMatch(text -> text.contains("_fk_auth_user_id (user_id → auth_user.id)"))
                .anyMatch(text -> text.contains("may not INSERT, UPDATE, DELETE") && text.contains("GRANT INSERT"));
        assertThat(findings)
                .extracting(Finding::text)
                .anyMatch(text -> text.contains("migrate: lacks CREATE on " + TABLE)
                        && text.contains("purge-orphans: lacks SELECT on auth_user"));
    }

    @Test
    void check_userMayServe_isFitOnceTheKeyIsGone() throws Exception {
        database.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON " + TABLE + " TO " + user + "@'%'");
        Schema.of(settings(database.uri())).migrate();
        assertThat(unfit(schema().check())).isEmpty();
    }

    @Test
    void migrate_userMayNotAlter_saysSo_andChangesNothing() {
        database.execute("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, LOCK TABLES ON `"
                + database.value("SELECT DATABASE()") + "`.* TO " + user + "@'%'");
        String declared = OpenedxTables.declaration(database);
        assertThatThrownBy(() -> schema().migrate())
                .isInstanceOf(UnfitSchemaException.class)
                .hasMessageContaining("may not do that")
                .hasMessageContaining("ALTER command denied");
        assertThat(OpenedxTables.declaration(database)).isEqualTo(declared);
    }

    private Schema schema() {
        DatabaseUri all = DatabaseUri.parse(database.uri());
        return Schema.of(settings("mysql://" + user + ":poor@" + all.host() + ":" + all.port() + "/" + all.schema()));
    }

    private static DatabaseSettings settings(String uri) {
        return new DatabaseSettings(DatabaseUri.parse(uri), true, Duration.ofSeconds(30), 1);
    }

    private static List<String> unfit(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> !finding.fit())
                .map(Finding::text)
                .toList();
    }
}
