package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.progress.Progress;
import dev.writebehind.store.Difference.Kind;
import dev.writebehind.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The comparison of two tables: what is a difference, what is on its way, and whatever their collations. */
class ComparisonIT {
    private static final String TABLE = "completion_blockcompletion";
    private static final long NOON = 1_795_694_400_000_000L;
    private static final Duration SETTLE = Duration.ofSeconds(16);

    private final TestDatabase here = TestDatabase.create();
    private final TestDatabase there = TestDatabase.create();
    private final List<Runnable> duringPauses = new ArrayList<>();
    private long now = NOON;
    private int pauses;

    @BeforeEach
    void create() throws SQLException {
        Schema.of(settings(here)).migrate();
        Schema.of(settings(there)).migrate();
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5_000})
    void rows_thatDiffer_areFoundWhereverTheyAre(int batch) throws SQLException {
        for (int user = 1; user <= 5; user++) {
            for (int block = 0; block < 4; block++) {
                insert(here, user, "c", "b" + block, 0.5);
                insert(there, user, "c", "b" + block, 0.5);
            }
        }
        insert(here, 2, "c", "extra", 1);
        insert(there, 4, "c", "missing", 1);
        insert(there, 99, "c", "missing", 1);
        there.execute("UPDATE " + TABLE + " SET completion = 1 WHERE user_id = 3 AND block_key = 'b2'");
        there.execute("UPDATE " + TABLE + " SET block_type = 'video' WHERE user_id = 5 AND block_key = 'b0'");

        Compared compared = compare(Duration.ZERO, false, batch);

        assertThat(compared.counts())
                .containsOnly(
                        Map.entry(Kind.EXTRA, 1L),
                        Map.entry(Kind.MISSING, 2L),
                        Map.entry(Kind.VALUE, 1L),
                        Map.entry(Kind.TYPE, 1L));
        assertThat(compared.here()).isEqualTo(21);
        assertThat(compared.there()).isEqualTo(22);
        assertThat(compared.same()).isEqualTo(18);
        assertThat(compared.otherTimes()).isZero();
        assertThat(compared.differences())
                .extracting(each -> each.kind() + " " + each.any().key().userId() + " "
                        + each.any().key().blockKey())
                .containsExactlyInAnyOrder(
                        "EXTRA 2 extra", "MISSING 4 missing", "MISSING 99 missing", "VALUE 3 b2", "TYPE 5 b0");
    }

    /** Tables of chance, compared in steps of chance: what comes out is what a map of each says. */
    @Test
    void rows_ofChance_areComparedAsMapsOfThemAre() throws SQLException {
        Random random = new Random(7);
        Map<String, Double> ofHere = new TreeMap<>();
        Map<String, Double> ofThere = new TreeMap<>();
        for (int i = 0; i < 400; i++) {
            int user = 1 + random.nextInt(12);
            String block = "b" + i;
            double value = random.nextInt(2);
            if (random.nextInt(5) > 0) {
                insert(here, user, "c", block, value);
                ofHere.put(user + block, value);
            }
            if (random.nextInt(5) > 0) {
                double other = random.nextInt(5) > 0 ? value : 1 - value;
                insert(there, user, "c", block, other);
                ofThere.put(user + block, other);
            }
        }
        for (int batch : List.of(1, 7, 50, 1_000)) {
            Compared compared = compare(Duration.ZERO, false, batch);

            assertThat(compared.count(Kind.EXTRA))
                    .isEqualTo(ofHere.keySet().stream()
                            .filter(key -> !ofThere.containsKey(key))
                            .count());
            assertThat(compared.count(Kind.MISSING))
                    .isEqualTo(ofThere.keySet().stream()
                            .filter(key -> !ofHere.containsKey(key))
                            .count());
            assertThat(compared.count(Kind.VALUE))
                    .isEqualTo(ofHere.entrySet().stream()
                            .filter(each -> ofThere.containsKey(each.getKey())
                                    && !ofThere.get(each.getKey()).equals(each.getValue()))
                            .count());
            assertThat(compared.here()).isEqualTo(ofHere.size());
            assertThat(compared.there()).isEqualTo(ofThere.size());
        }
    }

    @Test
    void tables_thatAreEmpty_areTheSame_andEachIsAllThatTheOtherLacks() throws SQLException {
        assertThat(compare(Duration.ZERO, true, 10).different()).isZero();
        insert(there, 1, "c", "b", 1);
        insert(there, 7, "c", "b", 1);
        assertThat(compare(Duration.ZERO, false, 10).counts()).containsOnly(Map.entry(Kind.MISSING, 2L));
        there.execute("DELETE FROM " + TABLE);
        insert(here, 7, "c", "b", 1);
        assertThat(compare(Duration.ZERO, false, 10).counts()).containsOnly(Map.entry(Kind.EXTRA, 1L));
    }

    @Test
    void times_areADifferenceWhereThatIsAskedFor_elseCounted() throws SQLException {
        insert(here, 1, "c", "b", 1);
        insert(there, 1, "c", "b", 1);
        insert(here, 2, "c", "b", 1);
        insert(there, 2, "c", "b", 1);
        there.execute("UPDATE " + TABLE + " SET modified = modified + INTERVAL 1500 MICROSECOND WHERE user_id = 1");

        Compared compared = compare(Duration.ZERO, false, 10);
        assertThat(compared.different()).isZero();
        assertThat(compared.otherTimes()).isOne();
        assertThat(compared.mostApart()).isEqualTo(1_500);
        assertThat(compare(Duration.ZERO, true, 10).counts()).containsOnly(Map.entry(Kind.TIMES, 1L));
    }

    @Test
    void rowsOnTheirWay_thatArriveInTime_areNoDifference() throws SQLException {
        insert(there, 1, "c", "new", 1);
        insert(there, 1, "c", "changed", 1);
        insert(here, 1, "c", "changed", 0.5);
        insert(here, 1, "c", "deleted", 1);
        insert(there, 1, "c", "lost", 1);
        duringPauses.add(() -> {
            insert(here, 1, "c", "new", 1);
            here.execute("UPDATE " + TABLE + " SET completion = 1 WHERE block_key = 'changed'");
        });
        duringPauses.add(() -> here.execute("DELETE FROM " + TABLE + " WHERE block_key = 'deleted'"));

        Compared compared = compare(SETTLE, false, 10);

        assertThat(compared.counts()).containsOnly(Map.entry(Kind.MISSING, 1L));
        assertThat(compared.settled()).isEqualTo(3);
        assertThat(compared.same()).isEqualTo(2);
        assertThat(now - NOON).isEqualTo(SETTLE.toNanos() / 1_000);
        assertThat(pauses).isEqualTo(5);
    }

    /** Also a row that was right when it was met, and is written again before it is looked at. */
    @Test
    void row_modifiedMeanwhile_isGivenItsTimeAnew() throws SQLException {
        insert(there, 1, "c", "b", 1);
        for (int i = 0; i < 4; i++) {
            duringPauses.add(() -> {});
        }
        duringPauses.add(() ->
                there.execute("UPDATE " + TABLE + " SET completion = 0.5, modified = '" + SqlTime.text(now) + "'"));
        duringPauses.add(() -> insert(here, 1, "c", "b", 0.5));

        assertThat(compare(SETTLE, false, 10).different()).isZero();
        assertThat(now - NOON).isEqualTo(2 * SETTLE.toNanos() / 1_000);
    }

    @Test
    void row_modifiedAgainAndAgain_isTakenForDifferentInTheEnd() throws SQLException {
        insert(there, 1, "c", "b", 1);
        Runnable modify = () ->
                there.execute("UPDATE " + TABLE + " SET modified = '" + SqlTime.text(now) + "' WHERE user_id = 1");
        for (int i = 0; i < 100; i++) {
            duringPauses.add(modify);
        }
        assertThat(compare(SETTLE, false, 10).counts()).containsOnly(Map.entry(Kind.MISSING, 1L));
    }

    /** One row for both tables, whichever spelling came first there. */
    @ParameterizedTest
    @CsvSource({"c, B, c, b", "Course, b, course, b", "c, café, c, cafe", "c, straße, c, strasse", "c, 𝒳, c, 𝒴"})
    void keys_thatBothTablesHoldEqual_areOneRow(String course, String block, String otherCourse, String otherBlock)
            throws SQLException {
        insert(here, 1, course, block, 0.5);
        insert(there, 1, otherCourse, otherBlock, 0.5);
        for (Duration settle : List.of(Duration.ZERO, SETTLE)) {
            Compared compared = compare(settle, true, 10);
            assertThat(compared.different()).isZero();
            assertThat(compared.same()).isOne();
            assertThat(compared.speltOtherwise()).isOne();
            assertThat(compared.settled()).isZero();
        }
        there.execute("UPDATE " + TABLE + " SET completion = 1");
        for (Duration settle : List.of(Duration.ZERO, SETTLE)) {
            Compared compared = compare(settle, true, 10);
            assertThat(compared.counts()).containsOnly(Map.entry(Kind.VALUE, 1L));
            assertThat(compared.differences().get(0).here().key().blockKey()).isEqualTo(block);
            assertThat(compared.differences().get(0).there().key().blockKey()).isEqualTo(otherBlock);
        }
    }

    @Test
    void keys_withUnicode_areFoundEqual() throws SQLException {
        for (String block : List.of("блок", "ブロック", "بلوك", "a😀b", "é", "e\u0301x")) {
            insert(here, 1, "курс", block, 1);
            insert(there, 1, "курс", block, 1);
        }
        assertThat(compare(Duration.ZERO, true, 2).different()).isZero();
        assertThat(compare(Duration.ZERO, true, 2).same()).isEqualTo(6);
    }

    /** An old site's; orders are others, and so are the keys that are one row. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "utf8mb3 COLLATE utf8mb3_general_ci",
                "utf8mb4 COLLATE utf8mb4_bin",
                "utf8mb4 COLLATE utf8mb4_swedish_ci",
                "latin1 COLLATE latin1_swedish_ci"
            })
    void tables_ofOtherCollations_areComparedRowByRow(String charset) throws SQLException {
        there.execute("ALTER TABLE " + TABLE + " CONVERT TO CHARACTER SET " + charset);
        for (String block : List.of("a", "B", "c", "Z", "_", "ö", "ÿ", "!")) {
            for (int user = 1; user < 4; user++) {
                insert(here, user, "c", block, 0.5);
                insert(there, user, "c", block, 0.5);
            }
        }
        insert(here, 2, "c", "𝒳", 0.5);
        insert(here, 3, "c", "?", 0.25);
        insert(there, 3, "c", "?", 0.25);
        insert(here, 3, "c", "😀", 0.5);
        insert(there, 3, "c", "there", 0.5);

        for (Duration settle : List.of(Duration.ZERO, SETTLE)) {
            Compared compared = compare(settle, true, 5);
            assertThat(compared.counts()).containsOnly(Map.entry(Kind.EXTRA, 2L), Map.entry(Kind.MISSING, 1L));
            assertThat(compared.same()).isEqualTo(25);
        }
    }

    /** Two rows there, one here: the second has none of its own. */
    @Test
    void keys_thatOneTableAloneTellsApart_areARowTooMany() throws SQLException {
        there.execute("ALTER TABLE " + TABLE + " CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        insert(here, 1, "c", "Block", 1);
        insert(there, 1, "c", "Block", 1);
        insert(there, 1, "c", "block", 1);
        insert(here, 1, "c", "other", 1);
        for (Duration settle : List.of(Duration.ZERO, SETTLE)) {
            Compared compared = compare(settle, true, 5);
            assertThat(compared.counts()).containsOnly(Map.entry(Kind.MISSING, 1L), Map.entry(Kind.EXTRA, 1L));
            assertThat(compared.same()).isOne();
        }
    }

    @Test
    void table_thatCantBeCompared_isNamed() {
        there.execute("DROP TABLE " + TABLE);
        assertThatThrownBy(() -> compare(Duration.ZERO, false, 5))
                .isInstanceOf(UnfitSchemaException.class)
                .hasMessageContaining(there.schema())
                .hasMessageContaining("missing");
    }

    private Compared compare(Duration settle, boolean times, int batch) throws SQLException {
        now = NOON;
        pauses = 0;
        try (ComparedTable first = ComparedTable.open(settings(here));
                ComparedTable second = ComparedTable.open(settings(there))) {
            return new Comparison(first, second, settle, times, 20, batch, () -> now, micros -> {
                        now += micros;
                        if (pauses < duringPauses.size()) {
                            duringPauses.get(pauses).run();
                        }
                        pauses++;
                    })
                    .walk(Progress.NONE);
        }
    }

    private static DatabaseSettings settings(TestDatabase database) {
        return new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(10), 1);
    }

    private static void insert(TestDatabase database, int user, String course, String block, double value) {
        database.execute("INSERT INTO " + TABLE
                + " (created, modified, course_key, block_key, block_type, completion, user_id) VALUES ('"
                + SqlTime.text(NOON) + "', '" + SqlTime.text(NOON) + "', '" + course + "', '" + block + "', 't', "
                + value + ", " + user + ")");
    }
}
