package dev.writebehind;

import dev.writebehind.CommandLine.Option;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.store.Finding;
import dev.writebehind.store.Schema;
import dev.writebehind.store.ServingLogin;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The commands that look after the table and end: what they print, and their exit codes. Blocks the calling thread. */
final class SchemaCommands {
    /** What a command does; it may fail as JDBC does, or as Flyway does. */
    private interface Action {
        int run() throws SQLException;
    }

    private final DatabaseSettings settings;
    private final Schema schema;
    private final PrintStream out;
    private final PrintStream err;

    SchemaCommands(DatabaseSettings settings, PrintStream out, PrintStream err) {
        this.settings = settings;
        this.schema = Schema.of(settings);
        this.out = out;
        this.err = err;
    }

    /** Runs one of {@code migrate}, {@code check}, {@code undo} and {@code purge-orphans}; returns the exit code. */
    int run(CommandLine line) {
        boolean dryRun = line.has(Option.DRY_RUN);
        return switch (line.command()) {
            case MIGRATE -> attempt("The migration failed", () -> dryRun ? print(schema.migrationPlan()) : migrate());
            case UNDO ->
                attempt(
                        "The undo failed",
                        () -> dryRun ? print(schema.undoPlan()) : report(schema.undo(line.has(Option.KEEP_ORPHANS))));
            case PURGE_ORPHANS ->
                attempt(
                        "The orphans can't be looked for",
                        () -> report(List.of(schema.orphans(!dryRun, out::println))));
            default -> attempt("The database can't be checked", this::check);
        };
    }

    private int migrate() throws SQLException {
        out.println(schema.migrate().text());
        return check();
    }

    /** The way that serving takes is looked at too: it is another than that of the check itself. */
    private int check() throws SQLException {
        List<Finding> findings = new ArrayList<>(schema.check());
        findings.add(serving(findings.stream().allMatch(Finding::fit)));
        return report(findings);
    }

    private Finding serving(boolean upsert) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        try {
            return ServingLogin.finding(vertx, settings, upsert)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private int print(List<String> sql) {
        sql.forEach(out::println);
        if (sql.isEmpty()) {
            out.println("-- nothing to do");
        }
        return Exit.OK;
    }

    private int report(List<Finding> findings) {
        findings.forEach(finding -> out.println(label(finding.kind()) + finding.text()));
        return findings.stream().allMatch(Finding::fit) ? Exit.OK : Exit.FAILED;
    }

    private static String label(Finding.Kind kind) {
        return switch (kind) {
            case OK -> "ok     ";
            case NOTE -> "note   ";
            case WAITS, UNFIT -> "UNFIT  ";
        };
    }

    private int attempt(String otherwise, Action action) {
        try {
            return action.run();
        } catch (SQLException | RuntimeException e) {
            err.println(otherwise + ": " + e.getMessage());
            return Exit.FAILED;
        }
    }
}
