package dev.writebehind.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line: the commands that end by themselves, with their exit codes and what they print. */
class MainIT {
    @Test
    void check_and_migrate_tellWhetherTheDatabaseIsFit() {
        try (TestDatabase database = TestDatabase.create()) {
            Map<String, String> environment = Map.of("WRITEBEHIND_DATABASE_URI", database.uri());

            CommandRun missing = CommandRun.of(environment, "check");
            assertThat(missing.status()).isEqualTo(1);
            assertThat(missing.output()).contains("UNFIT", "missing", "migrate");

            CommandRun migrated = CommandRun.of(environment, "migrate");
            assertThat(migrated.status()).as(migrated.output()).isZero();
            assertThat(migrated.output()).contains("2 migrations applied");

            CommandRun fit = CommandRun.of(environment, "check");
            assertThat(fit.status()).isZero();
            assertThat(fit.output()).doesNotContain("UNFIT");

            OpenedxTables.createUsers(database, 1);
            OpenedxTables.addForeignKey(database);
            CommandRun locking = CommandRun.of(environment, "check");
            assertThat(locking.status()).isEqualTo(1);
            assertThat(locking.output()).contains("UNFIT", "auth_user");
        }
    }

    /** As the account that serving has: what it may not read, or what is called otherwise, is named. */
    @Test
    void check_withTheDropIn_tellsWhichOfTheLmsTablesCanBeRead() {
        try (TestDatabase database = TestDatabase.create()) {
            assumeThat(database.mayGrant()).isTrue();
            Map<String, String> environment = new HashMap<>(Map.of(
                    "WRITEBEHIND_DATABASE_URI", database.uri(),
                    "WRITEBEHIND_AUTH_MODE", "jwt",
                    "WRITEBEHIND_AUTH_JWT_SECRET", "a-secret-of-the-lms-of-some-length",
                    "WRITEBEHIND_OPENEDX_ENABLED", "true",
                    "WRITEBEHIND_OPENEDX_OPAQUE_TOKENS", "true"));
            CommandRun.of(environment, "migrate");
            OpenedxTables.createUsers(database, 1);
            OpenedxTables.createEnrolments(database);

            CommandRun fit = CommandRun.of(environment, "check");
            assertThat(fit.status()).as(fit.output()).isZero();
            assertThat(fit.output())
                    .contains("the LMS's users can be read (auth_user)")
                    .contains("the LMS's enrolments can be read (student_courseenrollment)")
                    .contains("the LMS's switches can be read (waffle_switch)")
                    .contains("the LMS's tokens can be read (oauth2_provider_accesstoken, auth_user,"
                            + " oauth2_provider_application)");

            String account = database.createUser(
                    "SELECT, INSERT, UPDATE, DELETE ON completion_blockcompletion",
                    "SELECT (id, username, is_staff, password) ON auth_user",
                    "SELECT ON waffle_switch",
                    "SELECT ON oauth2_provider_accesstoken");
            environment.put("WRITEBEHIND_DATABASE_URI", database.uriAs(account));
            environment.put("WRITEBEHIND_OPENEDX_TABLES_WAFFLE_ACTIVE", "is_on");

            CommandRun some = CommandRun.of(environment, "check");
            assertThat(some.status()).isEqualTo(1);
            assertThat(some.output().lines().filter(line -> line.contains("the LMS's ")))
                    .satisfiesExactly(
                            users -> assertThat(users).startsWith("ok ").contains("users can be read"),
                            enrolments -> assertThat(enrolments)
                                    .startsWith("UNFIT ")
                                    .contains("GRANT SELECT on student_courseenrollment"),
                            switches ->
                                    assertThat(switches).startsWith("UNFIT ").contains("is_on", "openedx.tables"),
                            tokens -> assertThat(tokens)
                                    .startsWith("UNFIT ")
                                    .contains("denied", "oauth2_provider_application"));
        }
    }

    @Test
    void check_databaseIsAway_failsWithTheReasonButNotThePassword() {
        CommandRun run =
                CommandRun.of(Map.of("WRITEBEHIND_DATABASE_URI", "mysql://user:geheim@127.0.0.1:1/schema"), "check");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output()).contains("can't be checked").doesNotContain("geheim");
    }

    @Test
    void serve_withoutADatabase_saysWhatIsMissing() {
        CommandRun run = CommandRun.of(Map.of());
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.output()).contains("database.uri is not set", "WRITEBEHIND_DATABASE_URI", "mysql://");
    }

    @Test
    void anyCommand_wrongSettingInTheFile_namesItsPath(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("writebehind.yaml");
        Files.writeString(file, "flush:\n  intervall: 1s\n");
        CommandRun run = CommandRun.of(Map.of(), "check", "--config", file.toString());
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.output()).contains("flush.intervall is not a setting", "interval");
    }

    @ParameterizedTest
    @CsvSource({"check --config FILE", "--config=FILE check", "--config FILE", "serve --config=FILE"})
    void config_standsBeforeOrBehindTheCommand(String arguments, @TempDir Path directory) throws IOException {
        Path file = directory.resolve("writebehind.yaml");
        Files.writeString(file, "flush:\n  intervall: 1s\n");
        CommandRun run = CommandRun.of(
                Map.of(), arguments.replace("FILE", file.toString()).split(" ", -1));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).startsWith("The settings are wrong: ").contains("flush.intervall is not a setting");
    }

    @Test
    void config_givenTwice_takesTheLast() {
        CommandRun run = CommandRun.of(Map.of(), "--config", "first.yaml", "check", "--config", "last.yaml");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("last.yaml").doesNotContain("first.yaml");
    }

    @ParameterizedTest
    @CsvSource({
        "explode, Unknown command: explode",
        "@file, Unknown command: @file",
        "check explode, explode",
        "migrate check, check",
        "--explode, --explode",
        "check --dry-run, --dry-run",
        "migrate --keep-orphans, --keep-orphans",
        "migrate --dry-run=yes, --dry-run",
        "check --config, --config",
        "topic, create",
        "compare, --with",
        "compare --with s --with-file f, --with-file",
        "compare --with s --settle 5, --settle",
        "compare --with s --settle 2h, --settle",
        "compare --with s --limit x, --limit",
    })
    void mistake_isNamedAboveTheUsage_withoutAStackTrace(String arguments, String named) {
        CommandRun run = CommandRun.of(Map.of(), arguments.split(" ", -1));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines().findFirst().orElseThrow()).contains(named);
        assertThat(run.err()).contains("Usage: writebehind").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource({
        "--help, purge-orphans",
        "-h, purge-orphans",
        "serve --help, --config=FILE",
        "check --help, exit code 0 if so",
        "migrate --help, --dry-run",
        "undo --dry-run -h, --keep-orphans",
        "purge-orphans --help, --dry-run",
        "compare --help, --settle=DURATION",
        "topic --help, create",
        "topic create --help, --dry-run",
    })
    void help_ofEveryCommand_goesToTheStandardOutput_withoutColours(String arguments, String part) {
        CommandRun run = CommandRun.of(Map.of(), arguments.split(" ", -1));
        assertThat(run.status()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .startsWith("Usage: writebehind")
                .contains(part, "WRITEBEHIND_")
                .doesNotContain("\u001B");
    }

    @Test
    void version_isTold() {
        CommandRun run = CommandRun.of(Map.of(), "--version");
        assertThat(run.status()).isZero();
        assertThat(run.out()).startsWith("writebehind ");
    }
}
