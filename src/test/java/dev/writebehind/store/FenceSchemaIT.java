package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.testing.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tables of claims and of dead letters are there where several instances share a log, and nowhere else. */
class FenceSchemaIT {
    private static final String FENCE = "completion_writebehind_fence";
    private static final String LETTERS = "completion_writebehind_dead_letters";

    private final TestDatabase database = TestDatabase.create();
    private final DatabaseSettings settings =
            new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
    private final Schema without = Schema.of(settings);
    private final Schema with = Schema.of(settings, false, true);

    @BeforeEach
    void migrate() throws Exception {
        without.prepare(true);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void migrate_createsItOnce_andOnlyIfItIsNeeded() throws Exception {
        assertThat(database.query("SHOW TABLES LIKE '" + FENCE + "'")).isEmpty();
        assertThat(without.migrationPlan()).isEmpty();
        assertThat(with.migrationPlan())
                .hasSize(2)
                .anyMatch(sql -> sql.contains("CREATE TABLE IF NOT EXISTS " + FENCE))
                .anyMatch(sql -> sql.contains("CREATE TABLE IF NOT EXISTS " + LETTERS));

        assertThat(with.migrate().text()).contains(FENCE, LETTERS);
        assertThat(with.migrate().text()).doesNotContain("created");
        assertThat(with.migrationPlan()).isEmpty();
        assertThat(with.check())
                .allMatch(Finding::fit)
                .anyMatch(finding -> finding.text().contains(FENCE))
                .anyMatch(finding -> finding.text().contains(LETTERS));
        assertThat(without.check())
                .noneMatch(finding -> finding.text().contains(FENCE))
                .noneMatch(finding -> finding.text().contains(LETTERS));
    }

    @Test
    void prepare_whereItIsMissing_isRefused() throws Exception {
        assertThatThrownBy(() -> with.prepare(false))
                .isInstanceOf(UnfitSchemaException.class)
                .hasMessageContaining(FENCE + " is missing, which journal.kind: kafka needs: run the command migrate");
        assertThat(without.prepare(false)).isEmpty();
        assertThat(with.prepare(true)).isEmpty();
    }

    @Test
    void check_ofAnotherEngineOrShape_saysSo() throws Exception {
        with.migrate();
        database.execute("ALTER TABLE " + FENCE + " ENGINE = MyISAM, DROP COLUMN nonce");
        assertThat(with.check())
                .filteredOn(finding -> !finding.fit())
                .extracting(Finding::text)
                .hasSize(2)
                .anyMatch(text -> text.contains("ENGINE = InnoDB"))
                .anyMatch(text -> text.contains("columns"));
    }

    @Test
    void check_ofAUserWhoMayOnlyReadThere_saysWhatToGrant() throws Exception {
        assumeThat(database.mayGrant()).isTrue();
        with.migrate();
        String user = database.createUser(
                "SELECT, INSERT, UPDATE, DELETE ON completion_blockcompletion",
                "SELECT ON " + FENCE,
                "SELECT, INSERT ON " + LETTERS);
        DatabaseSettings poor =
                new DatabaseSettings(DatabaseUri.parse(database.uriAs(user)), false, Duration.ofSeconds(30), 1);
        assertThat(Schema.of(poor, false, true).check())
                .filteredOn(finding -> !finding.fit())
                .hasSize(2)
                .anyMatch(finding -> finding.text().contains("GRANT INSERT, UPDATE ON")
                        && finding.text().contains(FENCE))
                .anyMatch(finding -> finding.text().contains("GRANT DELETE ON")
                        && finding.text().contains(LETTERS));
    }
}
