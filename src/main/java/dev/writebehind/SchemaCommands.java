package dev.writebehind;

import dev.writebehind.CommandLine.Option;
import dev.writebehind.store.Finding;
import dev.writebehind.store.Schema;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.List;

/** The commands that look after the table and end: what they print, and their exit codes. Blocks the calling thread. */
final class SchemaCommands {
    /** What a command does; it may fail as JDBC does, or as Flyway does. */
    private interface Action {
        int run() throws SQLException;
    }

    private final Schema schema;
    private final PrintStream out;
    private final PrintStream err;

    SchemaCommands(Schema schema, PrintStream out, PrintStream err) {
        this.schema = schema;
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
            default -> attempt("The database can't be checked", () -> report(schema.check()));
        };
    }

    private int migrate() throws SQLException {
        out.println(schema.migrate().text());
        return report(schema.check());
    }

    private int print(List<String> sql) {
        sql.forEach(out::println);
        if (sql.isEmpty()) {
            out.println("-- nothing to do");
        }
        return Exit.OK;
    }

    private int report(List<Finding> findings) {
        findings.forEach(finding -> out.println((finding.fit() ? "ok     " : "UNFIT  ") + finding.text()));
        return findings.stream().allMatch(Finding::fit) ? Exit.OK : Exit.FAILED;
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
