package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that end by themselves, with their exit codes and what they print. */
class MainIT {
    private record Run(int status, String output) {}

    @Test
    void check_and_migrate_tellWhetherTheDatabaseIsFit() {
        try (TestDatabase database = TestDatabase.create()) {
            Map<String, String> environment = Map.of("WRITEBEHIND_DATABASE_URI", database.uri());

            Run missing = run(environment, "check");
            assertThat(missing.status()).isEqualTo(1);
            assertThat(missing.output()).contains("UNFIT", "missing", "migrate");

            Run migrated = run(environment, "migrate");
            assertThat(migrated.status()).as(migrated.output()).isZero();
            assertThat(migrated.output()).contains("1 migrations applied");

            Run fit = run(environment, "check");
            assertThat(fit.status()).isZero();
            assertThat(fit.output()).doesNotContain("UNFIT");

            OpenedxTables.createUsers(database, 1);
            OpenedxTables.addForeignKey(database);
            Run locking = run(environment, "check");
            assertThat(locking.status()).isEqualTo(1);
            assertThat(locking.output()).contains("UNFIT", "auth_user");
        }
    }

    @Test
    void check_databaseIsAway_failsWithTheReasonButNotThePassword() {
        Run run = run(Map.of("WRITEBEHIND_DATABASE_URI", "mysql://user:geheim@127.0.0.1:1/schema"), "check");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output()).contains("can't be checked").doesNotContain("geheim");
    }

    @Test
    void serve_withoutADatabase_saysWhatIsMissing() {
        Run run = run(Map.of());
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.output()).contains("database.uri is not set", "WRITEBEHIND_DATABASE_URI", "mysql://");
    }

    @Test
    void anyCommand_wrongSettingInTheFile_namesItsPath(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("writebehind.yaml");
        Files.writeString(file, "flush:\n  intervall: 1s\n");
        Run run = run(Map.of(), "check", "--config", file.toString());
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.output()).contains("flush.intervall is no setting", "interval");
    }

    @Test
    void anyCommand_unknownWord_showsTheUsage() {
        Run run = run(Map.of(), "explode");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.output()).contains("Unknown command: explode", "Usage:");
    }

    private static Run run(Map<String, String> environment, String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (PrintStream capture = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(capture);
            System.setErr(capture);
            int status = Main.run(arguments, environment);
            return new Run(status, printed.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
