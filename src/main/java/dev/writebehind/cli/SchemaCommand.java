package dev.writebehind.cli;

import dev.writebehind.config.Settings;
import dev.writebehind.store.Finding;
import dev.writebehind.store.Schema;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ExitCode;

/** A command that looks after the table and ends. Blocks the calling thread. */
abstract class SchemaCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(SchemaCommand.class);

    private final SettingsSource source;
    private final PrintStream out;
    private final PrintStream err;
    private final String failed;

    /**
     * Makes a command.
     *
     * @param failed what it says, with the reason behind, where it could not be done
     */
    SchemaCommand(SettingsSource source, PrintStream out, PrintStream err, String failed) {
        this.source = source;
        this.out = out;
        this.err = err;
        this.failed = failed;
    }

    /** Does what the command is for and returns its exit code; it may fail as JDBC does, or as Flyway does. */
    abstract int run(Settings settings, Schema schema) throws SQLException;

    @Override
    public final Integer call() {
        Settings settings = source.load();
        Schema schema = Schema.of(settings.database());
        try {
            return run(settings, schema);
        } catch (SQLException | RuntimeException e) {
            log.debug(failed, e);
            err.println(failed + ": " + e.getMessage());
            return ExitCode.SOFTWARE;
        }
    }

    final void say(String line) {
        out.println(line);
    }

    final int print(List<String> sql) {
        sql.forEach(this::say);
        if (sql.isEmpty()) {
            say("-- nothing to do");
        }
        return ExitCode.OK;
    }

    final int report(List<Finding> findings) {
        findings.forEach(finding -> say(label(finding.kind()) + finding.text()));
        return findings.stream().allMatch(Finding::fit) ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static String label(Finding.Kind kind) {
        return switch (kind) {
            case OK -> "ok     ";
            case NOTE -> "note   ";
            case WAITS, UNFIT -> "UNFIT  ";
        };
    }
}
