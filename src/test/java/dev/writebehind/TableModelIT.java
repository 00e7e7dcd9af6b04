package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.config.ConfigFile;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.store.Schema;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ServerDefaults;
import dev.writebehind.testing.TestDatabase;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random writes and resets through the service, and the same ones directly as Open edX makes them, into a table of the
 * same shape: the rows are the same, whatever the table's collation, charset, ids and keys and the server's defaults.
 */
@Alone
class TableModelIT {
    private static final String TABLE = "completion_blockcompletion";
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int OPERATIONS = FULL ? 1_000 : 200;
    private static final int TABLES = FULL ? 120 : 2;
    /** Of those that are named below: what is compared otherwise, what is shorter, what can hold less. */
    private static final Set<String> USUAL = Set.of(
            "utf8mb4_unicode_ci", "utf8mb4_0900_ai_ci", "utf8mb4_danish_ci", "utf8mb3_unicode_ci", "cp1251_general_ci");

    private static final long SEED = Long.getLong("writebehind.seed", FULL ? System.nanoTime() : 1);
    private static final String[] DEFAULTS = {
        "",
        "autocommit=0 sql_safe_updates=1",
        "sql_mode='ANSI_QUOTES'",
        "time_zone='+09:00' completion_type=1",
        "sql_mode='NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'",
        "sql_select_limit=1 sql_mode='' wait_timeout=1",
        "transaction_isolation='SERIALIZABLE' innodb_lock_wait_timeout=1",
        "character_set_server=latin1 max_execution_time=1",
    };

    private static final List<String> NAMES = List.of(
            "cafe",
            "café",
            "Cafe",
            "cafè",
            "cafe\u0301",
            "straße",
            "strasse",
            "straẞe",
            "ა",
            "Ა",
            "i",
            "ı",
            "y",
            "ae",
            "æ",
            "aa",
            "å",
            "ccs",
            "cscs",
            "😀",
            "😁",
            "курс",
            "КУРС",
            "か",
            "カ",
            "k",
            "\u212a",
            "o'b\"r\\n",
            "a b");

    private final TestDatabase through = TestDatabase.create();
    private final TestDatabase direct = TestDatabase.create();

    @AfterEach
    void close() {
        through.close();
        direct.close();
    }

    @SuppressWarnings("try") // the defaults are there to be closed
    @ParameterizedTest
    @CsvSource({
        // collation, type of id, unique key, defaults of the server
        "utf8mb4_unicode_ci, BIGINT, course_key block_key user_id,",
        "utf8mb4_unicode_ci, INT, user_id course_key block_key, autocommit=0 sql_safe_updates=1",
        "utf8mb4_general_ci, INT UNSIGNED, block_key user_id course_key, sql_mode='ANSI_QUOTES'",
        "utf8mb4_0900_ai_ci, BIGINT, course_key block_key user_id, time_zone='+09:00' completion_type=1",
        "utf8mb4_uca1400_ai_ci, BIGINT, course_key block_key user_id, time_zone='+09:00'",
        "utf8mb4_hu_0900_ai_ci, BIGINT, course_key block_key user_id,",
        "utf8mb4_lithuanian_ci, BIGINT UNSIGNED, course_key block_key user_id, sql_mode='NO_BACKSLASH_ESCAPES'",
        "utf8mb4_danish_ci, BIGINT, course_key block_key user_id, sql_mode=''",
        "utf8mb3_general_ci, BIGINT, course_key block_key user_id, sql_select_limit=1",
        "utf8mb3_unicode_ci, INT, course_key user_id block_key, transaction_isolation='SERIALIZABLE'",
        "latin1_swedish_ci, INT, course_key block_key user_id, innodb_lock_wait_timeout=1",
        "latin1_german2_ci, INT, course_key block_key user_id, character_set_server=latin1",
        "cp1251_general_ci, BIGINT, course_key block_key user_id, max_execution_time=1",
    })
    void writesAndResets_ofRandomSpellings_leaveWhatDirectOnesLeave(
            String collation, String id, String uniqueKey, String defaults) throws Exception {
        Assumptions.assumeTrue(FULL || USUAL.contains(collation), "the others with -Pfull");
        Assumptions.assumeTrue(
                through.query("SHOW COLLATION").stream()
                        .anyMatch(row -> collation.equals(row.get(0)) || collation.endsWith("_" + row.get(0))),
                () -> "the server has no " + collation);
        String charset = collation.substring(0, collation.indexOf('_'));
        Shape shape = new Shape(
                charset,
                collation,
                6,
                id,
                uniqueKey,
                collation.hashCode() % 2 == 0,
                defaults == null ? List.of() : List.of(defaults.split(" ", -1)));
        assertThat(isRefused(shape)).isFalse();
        apply(shape, new Random(collation.hashCode()), shape.toString());
    }

    /** Of all collations that the server has, with what their table may be besides. */
    @Test
    void randomTables_areRefusedByTheCheck_orLeftAsDirectWritesLeaveThem() throws Exception {
        List<List<String>> collations = through.query("SELECT CHARACTER_SET_NAME, "
                + (through.isMariaDb() ? "FULL_COLLATION_NAME" : "COLLATION_NAME")
                + " FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY ORDER BY 2");
        Random random = new Random(SEED);
        int taken = 0;
        int refused = 0;
        for (int i = 0; i < TABLES || (taken < TABLES / 4 + 2 && i < 20 * TABLES); i++) {
            List<String> collation = collations.get(random.nextInt(collations.size()));
            Shape shape = new Shape(
                    collation.get(0),
                    collation.get(1),
                    random.nextInt(8) == 0 ? random.nextInt(6) : 6,
                    any(random, "INT", "INT UNSIGNED", "BIGINT", "BIGINT UNSIGNED"),
                    any(
                            random,
                            "course_key block_key user_id",
                            "user_id course_key block_key",
                            "block_key user_id course_key"),
                    random.nextBoolean(),
                    Stream.of(any(random, DEFAULTS).split(" "))
                            .filter(text -> !text.isEmpty())
                            .toList());
            if (isRefused(shape)) {
                refused++;
            } else {
                taken++;
                apply(shape, random, "seed " + SEED + ", table " + i + ", " + shape);
            }
        }
        assertThat(taken).as("taken, %s refused", refused).isGreaterThanOrEqualTo(TABLES / 4 + 2);
    }

    private static String any(Random random, String... values) {
        return values[random.nextInt(values.length)];
    }

    /** Whether the check finds the table unfit once it has that shape, and a start then refuses it. */
    private boolean isRefused(Shape shape) throws Exception {
        for (TestDatabase database : List.of(direct, through)) {
            database.execute(
                    "DROP TABLE IF EXISTS " + TABLE + ", completion_writebehind_outbox, writebehind_schema_history");
            RunningService.start(database.uri()).stop();
            database.execute(shape.statements());
        }
        return !schema(shape).check().stream()
                .allMatch(finding ->
                        finding.fit() || finding.text().contains("completion_writebehind_outbox is missing"));
    }

    private Schema schema(Shape shape) {
        DatabaseSettings settings = new ConfigFile(null, Map.of(ConfigFile.variable("database.uri"), through.uri()))
                .load()
                .settings()
                .database();
        return Schema.of(settings, shape.announced());
    }

    @SuppressWarnings("try") // the defaults are there to be closed
    private void apply(Shape shape, Random random, String what) throws Exception {
        int mostRows = 0;
        boolean crowded = random.nextBoolean();
        assertThat(schema(shape).prepareOutbox(true)).as(what).isEmpty();
        try (Connection directly = direct.connect();
                Connection looking = through.connect();
                ServerDefaults ignored =
                        ServerDefaults.set(through, shape.defaults().toArray(String[]::new));
                RunningService service = RunningService.start(
                        through.uri(),
                        "flush.interval=1h",
                        "flush.batch-size=7",
                        "database.migrate=false",
                        "openedx.announce=" + shape.announced())) {
            List<String> courses = crowded ? NAMES.subList(0, 5) : NAMES;
            for (int i = 0; i < OPERATIONS; i++) {
                int user = 1 + random.nextInt(3);
                boolean named = random.nextInt(4) < (crowded ? 3 : 1);
                String course = "course" + (named ? courses.get(random.nextInt(courses.size())) : "");
                if (random.nextInt(crowded ? 6 : 12) == 0) {
                    reset(service, user, course, random.nextInt(4) == 0);
                    if (holds(directly, shape.charset(), course)) {
                        resetDirectly(directly, user, course);
                    }
                } else {
                    String block = NAMES.get(random.nextInt(NAMES.size()));
                    double value = random.nextInt(5) / 4.0;
                    write(service, user, course, block, value, random.nextInt(4) == 0);
                    if (holds(directly, shape.charset(), course) && holds(directly, shape.charset(), block)) {
                        writeDirectly(directly, user, course, block, value);
                    }
                }
                if (random.nextInt(9) == 0) {
                    service.flush();
                }
                if (random.nextInt(50) == 0) {
                    service.flush();
                    mostRows = Math.max(mostRows, assertSame(directly, crowded, what + ", operation " + i));
                    assertTold(looking, shape, what);
                }
            }
            service.flush();
            mostRows = Math.max(mostRows, assertSame(directly, crowded, what));
            assertTold(looking, shape, what);
            assertThat(mostRows).as(what).isGreaterThan(4);
        }
    }

    /**
     * Returns how many rows there are. Where resets of twin courses fall between the writes of one key, what became one
     * run can't tell how the first of the later ones was spelled, nor when it came: then that is not asked.
     */
    private int assertSame(Connection connection, boolean crowded, String what) throws SQLException {
        List<List<String>> rows = rows(connection, through, crowded);
        assertThat(rows).as(what).containsExactlyInAnyOrderElementsOf(rows(connection, direct, crowded));
        return rows.size();
    }

    /** By a connection from before the server's defaults were set, which may forbid a query that takes a moment. */
    private void assertTold(Connection connection, Shape shape, String what) throws SQLException {
        if (shape.announced()) {
            for (String query : List.of(AnnounceIT.UNTOLD, AnnounceIT.NEW_ONES)) {
                assertThat(TestDatabase.query(connection, query)).as(what).isEqualTo(List.of(List.of("0")));
            }
        }
    }

    /**
     * A table; immutable.
     *
     * @param announced whether the LMS is told of its rows
     */
    private record Shape(
            String charset,
            String collation,
            int precision,
            String id,
            String uniqueKey,
            boolean announced,
            List<String> defaults) {
        String[] statements() {
            return new String[] {
                "ALTER TABLE " + TABLE + " CONVERT TO CHARACTER SET " + charset + " COLLATE " + collation,
                "ALTER TABLE " + TABLE + " MODIFY id " + id + " NOT NULL AUTO_INCREMENT",
                "ALTER TABLE " + TABLE + " MODIFY created DATETIME(" + precision
                        + ") NOT NULL, MODIFY modified DATETIME(" + precision + ") NOT NULL",
                "ALTER TABLE " + TABLE + " ADD UNIQUE KEY mine (" + uniqueKey.replace(' ', ',') + ")",
                "ALTER TABLE " + TABLE + " DROP KEY completion_blockcompleti_course_key_block_key_use_b15bac54_uniq",
                "DELETE FROM " + TABLE
            };
        }
    }

    /** Rows without their times, which differ; but whether a row was ever modified does not. */
    private static List<List<String>> rows(Connection connection, TestDatabase database, boolean asTheyCompare)
            throws SQLException {
        String columns = asTheyCompare
                ? "user_id, HEX(WEIGHT_STRING(course_key)), HEX(WEIGHT_STRING(block_key)), completion"
                : "user_id, HEX(CONVERT(course_key USING utf8mb4)), HEX(CONVERT(block_key USING utf8mb4)),"
                        + " CONVERT(block_key USING utf8mb4), block_type, completion, created = modified";
        return TestDatabase.query(
                connection, "SELECT " + columns + " FROM " + database.schema() + "." + TABLE + " ORDER BY 1, 2, 3");
    }

    private static boolean holds(Connection connection, String charset, String text) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT CONVERT(CONVERT(? USING " + charset + ") USING utf8mb4) = BINARY ?")) {
            statement.setString(1, text);
            statement.setString(2, text);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getInt(1) == 1;
            }
        }
    }

    private static void writeDirectly(Connection connection, int user, String course, String block, double value)
            throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(
                "SELECT id, completion FROM " + TABLE + " WHERE user_id = ? AND course_key = ? AND block_key = ?")) {
            bind(find, user, course, block);
            try (ResultSet row = find.executeQuery()) {
                if (!row.next()) {
                    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + TABLE
                            + " (user_id, course_key, block_key, block_type, completion, created, modified)"
                            + " VALUES (?, ?, ?, 'unknown', ?, '2020-01-01', '2020-01-01')")) {
                        bind(insert, user, course, block, value);
                        insert.executeUpdate();
                    }
                } else if (row.getDouble(2) != value) {
                    try (PreparedStatement update = connection.prepareStatement(
                            "UPDATE " + TABLE + " SET completion = ?, modified = '2020-01-02' WHERE id = ?")) {
                        bind(update, value, row.getObject(1));
                        update.executeUpdate();
                    }
                }
            }
        }
    }

    private static void resetDirectly(Connection connection, int user, String course) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM " + TABLE + " WHERE user_id = ? AND course_key = ?")) {
            bind(delete, user, course);
            delete.executeUpdate();
        }
    }

    private static void bind(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    /** @param awaited whether the answer waits for the row, where the table can hold it */
    private static void write(
            RunningService service, int user, String course, String block, double value, boolean awaited) {
        assertThat(service.post(ack(awaited), Bodies.write(user, course, block, value))
                        .statusCode())
                .isIn(awaited ? List.of(200, 422) : List.of(202));
    }

    private static void reset(RunningService service, int user, String course, boolean awaited) {
        String path = "/v1/users/" + user + "/completions" + ack(awaited) + (awaited ? "&" : "?") + "course_key="
                + URLEncoder.encode(course, StandardCharsets.UTF_8).replace("+", "%20");
        assertThat(service.send(HttpRequest.newBuilder(service.uri(path)).DELETE())
                        .statusCode())
                .isIn(awaited ? List.of(200, 422) : List.of(202));
    }

    private static String ack(boolean awaited) {
        return awaited ? "?ack=database" : "";
    }
}
