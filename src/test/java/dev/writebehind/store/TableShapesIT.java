package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables shaped by their sites, and what the check says about each. */
class TableShapesIT {
    private static final String TABLE = UpsertStatements.TABLE;
    private static final String UNIQUE = "completion_blockcompleti_course_key_block_key_use_b15bac54_uniq";

    private static TestDatabase database;

    @BeforeAll
    static void open() throws Exception {
        database = TestDatabase.create();
        schema().migrate();
        database.execute("RENAME TABLE " + TABLE + " TO as_made");
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @BeforeEach
    void asMade() {
        database.execute(
                "DROP VIEW IF EXISTS " + TABLE,
                "DROP TABLE IF EXISTS " + TABLE,
                "CREATE TABLE " + TABLE + " LIKE as_made");
    }

    @Test
    void check_theTableAsMade_hasNothingToTell() throws Exception {
        assertThat(schema().check()).extracting(Finding::kind).containsOnly(Finding.Kind.OK);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MODIFY modified DATETIME NOT NULL | modified is datetime, not DATETIME(6) NOT NULL: ALTER TABLE",
                "MODIFY modified DATETIME(3) NOT NULL | MODIFY modified DATETIME(6) NOT NULL",
                "MODIFY created DATETIME(5) NOT NULL | MODIFY created DATETIME(6) NOT NULL",
                "MODIFY modified TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) | modified is timestamp(6)",
                "MODIFY created DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)"
                        + " | created changes by itself",
                "MODIFY modified DATETIME(6) NULL | modified may be NULL",
                "MODIFY completion DOUBLE NULL | completion may be NULL",
                "MODIFY completion FLOAT NOT NULL | completion is float",
                "MODIFY completion DOUBLE(8,2) NOT NULL | completion is double(8,2)",
                "MODIFY completion DECIMAL(10,9) NOT NULL | completion is decimal(10,9)",
                "MODIFY user_id SMALLINT NOT NULL | user_id is smallint",
                "MODIFY user_id VARCHAR(20) NOT NULL | user_id is varchar(20)",
                "MODIFY course_key VARBINARY(255) NOT NULL | course_key is varbinary(255)",
                "MODIFY block_key CHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL | is char(255)",
                "MODIFY id BIGINT NOT NULL | BIGINT NOT NULL AUTO_INCREMENT",
                "DROP COLUMN block_type | column block_type is missing",
                "ADD COLUMN note VARCHAR(9) NOT NULL | new rows lack a value for note",
                "ADD UNIQUE KEY other (user_id, modified) | other (user_id, modified)",
                "ADD UNIQUE KEY other (user_id) | other (user_id)",
                "ADD UNIQUE KEY other (course_key(20), block_key, user_id) | other (course_key(20), block_key, user_id)",
                "DROP KEY " + UNIQUE + " | (course_key, block_key, user_id) is missing",
                "DROP KEY " + UNIQUE + ", ADD UNIQUE KEY k (course_key(100), block_key, user_id) | is missing",
                "DROP KEY " + UNIQUE + ", ADD UNIQUE KEY k (course_key, block_key) | k (course_key, block_key)",
                "DROP KEY " + UNIQUE + ", ADD KEY k (course_key, block_key, user_id) | is missing",
                "CONVERT TO CHARACTER SET latin1 COLLATE latin1_swedish_ci, ENGINE = MyISAM | ENGINE = InnoDB",
                "CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin | utf8mb4_bin",
            })
    void check_whatWouldMakeRowsWrong_isUnfitWithWhatToDo(String change, String told) throws Exception {
        alter(change);
        assertThat(told(Finding.Kind.UNFIT)).anyMatch(text -> text.contains(told));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MODIFY course_key VARCHAR(100) NOT NULL | course_key is varchar(100): what is longer",
                "MODIFY block_type VARCHAR(20) NOT NULL | block_type is varchar(20)",
                "MODIFY block_type VARCHAR(64) NULL | block_type may be NULL",
                "MODIFY block_key VARCHAR(255) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NOT NULL"
                        + " | converted halfway",
                "CONVERT TO CHARACTER SET latin1 COLLATE latin1_swedish_ci | course_key is latin1",
                "DROP KEY completion__user_id_861fe5_idx | no index begins with (user_id, course_key)",
                "AUTO_INCREMENT = 9000000000000000000 | the ids (bigint",
                "DROP PRIMARY KEY, ADD PRIMARY KEY (id, user_id) PARTITION BY HASH(user_id) PARTITIONS 4 | partitioned",
            })
    void check_whatSomebodyShouldKnow_isToldAndFit(String change, String told) throws Exception {
        alter(change);
        assertThat(told(Finding.Kind.UNFIT)).isEmpty();
        assertThat(told(Finding.Kind.NOTE)).anyMatch(text -> text.contains(told));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MODIFY id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT",
                "MODIFY id INT NOT NULL AUTO_INCREMENT",
                "MODIFY user_id INT UNSIGNED NOT NULL",
                "MODIFY user_id BIGINT NOT NULL",
                "MODIFY completion DOUBLE UNSIGNED NOT NULL",
                "MODIFY course_key VARCHAR(500) NOT NULL",
                "ADD COLUMN note VARCHAR(9) NOT NULL DEFAULT 'x', ADD COLUMN other INT NULL",
                "ADD COLUMN twice DOUBLE AS (completion * 2) VIRTUAL",
                "ADD UNIQUE KEY again (user_id, course_key, block_key)",
                "DROP KEY " + UNIQUE + ", ADD UNIQUE KEY k (user_id, course_key, block_key)",
                "DROP KEY " + UNIQUE + ", ADD UNIQUE KEY k (block_key, user_id, course_key)",
                "CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci",
                "ROW_FORMAT = COMPRESSED",
            })
    void check_whatMakesNoDifference_isFit(String change) throws Exception {
        alter(change);
        assertThat(schema().check()).extracting(Finding::kind).containsOnly(Finding.Kind.OK);
    }

    @Test
    void check_uniqueKeyHiddenFromLookups_isUnfit() throws Exception {
        String hidden = database.isMariaDb() ? "IGNORED" : "INVISIBLE";
        String shown = database.isMariaDb() ? "NOT IGNORED" : "VISIBLE";
        alter("ALTER INDEX " + UNIQUE + " " + hidden);
        assertThat(told(Finding.Kind.UNFIT))
                .singleElement()
                .asString()
                .contains("ALTER INDEX `" + UNIQUE + "` " + shown);
    }

    @Test
    void check_uniqueKeyOverAnExpression_isUnfit() throws Exception {
        assumeThat(database.isMariaDb()).as("has no such keys").isFalse();
        alter("ADD UNIQUE KEY e ((user_id + 1))");
        assertThat(told(Finding.Kind.UNFIT)).singleElement().asString().contains("e ((");
    }

    @Test
    void check_aViewInsteadOfTheTable_isUnfit() throws Exception {
        database.execute("DROP TABLE " + TABLE, "CREATE VIEW " + TABLE + " AS SELECT * FROM as_made");
        assertThat(told(Finding.Kind.UNFIT)).singleElement().asString().contains("is a view");
    }

    @Test
    void check_triggers_areTold_andMayGiveWhatNewRowsLack() throws Exception {
        alter("ADD COLUMN note VARCHAR(9) NOT NULL");
        database.execute("CREATE TRIGGER give BEFORE INSERT ON " + TABLE + " FOR EACH ROW SET NEW.note = 'x'");
        assertThat(told(Finding.Kind.UNFIT)).isEmpty();
        assertThat(told(Finding.Kind.NOTE))
                .anyMatch(text -> text.contains("give (BEFORE INSERT)"))
                .anyMatch(text -> text.contains("unless a trigger sets it"));
    }

    /** MySQL would say what it knew a day ago, were the session not to ask for what is. */
    @Test
    void idRange_idsSpentWithoutRows_areCounted() throws Exception {
        database.value("SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_NAME = '" + TABLE + "'");
        alter("AUTO_INCREMENT = 4611686018427387905");
        try (var connection = JdbcAddress.of(settings()).connect()) {
            IdRange range = IdRange.of(connection);
            assertThat(range.used()).isEqualTo("4611686018427387904");
            assertThat(range.share()).isBetween(0.4999, 0.5001);
        }
    }

    private static void alter(String change) {
        database.execute("ALTER TABLE " + TABLE + " " + change);
    }

    private static List<String> told(Finding.Kind kind) throws Exception {
        return schema().check().stream()
                .filter(finding -> finding.kind() == kind)
                .map(Finding::text)
                .toList();
    }

    private static Schema schema() {
        return Schema.of(settings());
    }

    private static DatabaseSettings settings() {
        return new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
    }
}
