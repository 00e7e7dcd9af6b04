package dev.writebehind.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that compares two tables: what it prints, its exit codes, and where it takes the other table from. */
class CompareIT {
    private static final String TABLE = "completion_blockcompletion";

    private final TestDatabase here = TestDatabase.create();
    private final TestDatabase there = TestDatabase.create();

    @BeforeEach
    void create() {
        assertThat(CommandRun.on(here.uri(), "migrate").status()).isZero();
        assertThat(CommandRun.on(there.uri(), "migrate").status()).isZero();
        for (TestDatabase each : List.of(here, there)) {
            insert(each, 1, "same", 0.5);
            insert(each, 2, "same", 0.5);
        }
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    @Test
    void compare_ofEqualTables_endsWithZeroAtOnce() {
        CommandRun run = compare("--with", there.uri());
        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.out()).startsWith("2 rows here, 2 there: 2 are the same, none differs");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void compare_ofTablesThatDiffer_tellsInWhichRowsAndEndsWithOne() {
        insert(here, 3, "extra", 0.5);
        insert(there, 3, "missing", 1);
        there.execute("UPDATE " + TABLE + " SET completion = 1 WHERE user_id = 1");

        CommandRun run = compare("--with", there.uri(), "--settle", "0s");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out())
                .containsPattern("value +user 1 +c +same +here 0.5 modified 2026-\\S+, there 1.0 modified 2026-")
                .containsPattern("extra +user 3 +c +extra +here 0.5 modified 2026-")
                .containsPattern("missing +user 3 +c +missing +there 1.0 modified 2026-")
                .contains(
                        "3 rows here, 3 there: 1 are the same\n",
                        "1 missing: there and not here\n",
                        "1 extra: here and not there\n",
                        "1 with another completion\n");

        CommandRun limited = compare("--with", there.uri(), "--settle=0s", "--limit=1");
        assertThat(limited.status()).isEqualTo(1);
        assertThat(limited.out()).contains("… and 2 more (--limit)");
    }

    @Test
    void compare_asJson_isReadByPrograms() {
        insert(there, 3, "missing", 1);
        CommandRun run = compare("--with", there.uri(), "--settle", "0s", "--json");
        assertThat(run.status()).isEqualTo(1);
        JsonObject json = new JsonObject(run.out());
        assertThat(json.getBoolean("identical")).isFalse();
        assertThat(json.getInteger("rows_there")).isEqualTo(3);
        assertThat(json.getJsonObject("different").getInteger("missing")).isOne();
        JsonObject difference = json.getJsonArray("differences").getJsonObject(0);
        assertThat(difference.getString("kind")).isEqualTo("missing");
        assertThat(difference.getValue("here")).isNull();
        assertThat(difference.getJsonObject("there").getDouble("completion")).isOne();
    }

    @Test
    void compare_withTimes_takesThemForADifference() {
        there.execute("UPDATE " + TABLE + " SET modified = modified + INTERVAL 2500 MICROSECOND WHERE user_id = 1");

        CommandRun without = compare("--with", there.uri());
        assertThat(without.status()).isZero();
        assertThat(without.out())
                .contains("1 of the same were created or modified at other times, modified by 0.002500 s at most");
        CommandRun with = compare("--with", there.uri(), "--times", "--settle=0s");
        assertThat(with.status()).isEqualTo(1);
        assertThat(with.out()).contains("1 created or modified at other times");
    }

    @Test
    void compare_withASchemaOrAFile_goesThereToo(@TempDir Path directory) throws IOException {
        assertThat(compare("--with", there.schema()).status()).isZero();
        Path file = Files.writeString(directory.resolve("other"), there.uri() + "\n");
        assertThat(compare("--with-file", file.toString()).status()).isZero();

        CommandRun missing = compare("--with-file", directory.resolve("none").toString());
        assertThat(missing.status()).isEqualTo(2);
        assertThat(missing.err()).startsWith("--with-file can't be read: ");
    }

    @Test
    void compare_thatCantBeDone_endsWithTwoAndTellsNoPassword() {
        CommandRun away = compare("--with", "mysql://user:geheim@127.0.0.1:1/schema");
        assertThat(away.status()).isEqualTo(2);
        assertThat(away.err()).startsWith("The tables can't be compared: ").doesNotContain("geheim");

        there.execute("DROP TABLE " + TABLE);
        CommandRun missing = compare("--with", there.uri());
        assertThat(missing.status()).isEqualTo(2);
        assertThat(missing.err()).contains(TABLE + " is missing", there.schema());

        CommandRun itself = compare("--with", here.uri());
        assertThat(itself.status()).isEqualTo(2);
        assertThat(itself.err()).startsWith("--with names the service's own table");

        assertThat(compare("--with", "mysql://127.0.0.1/schema").err())
                .startsWith("The other table's address is wrong: it must name user, host and schema");
    }

    /** Rows that another transaction holds keep nobody waiting, and nothing but reading is needed. */
    @Test
    void compare_byAnAccountThatMayOnlyRead_waitsForNoLock() throws Exception {
        assumeThat(here.mayGrant()).isTrue();
        String account = there.createUser("SELECT ON " + TABLE);
        try (var holder = there.connect();
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("UPDATE " + TABLE + " SET completion = 1");
            CommandRun run = compare("--with", there.uriAs(account));
            assertThat(run.status()).as(run.output()).isZero();
            holder.rollback();
        }
    }

    private CommandRun compare(String... options) {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "compare";
        System.arraycopy(options, 0, arguments, 1, options.length);
        return CommandRun.on(here.uri(), arguments);
    }

    private static void insert(TestDatabase database, int user, String block, double value) {
        database.execute("INSERT INTO " + TABLE
                + " (created, modified, course_key, block_key, block_type, completion, user_id) VALUES"
                + " ('2026-01-01', '2026-01-01', 'c', '" + block + "', 't', " + value + ", " + user + ")");
    }
}
