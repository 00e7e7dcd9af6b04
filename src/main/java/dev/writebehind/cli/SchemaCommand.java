package dev.writebehind.cli;

import dev.writebehind.config.Settings;
import dev.writebehind.progress.Progress;
import dev.writebehind.store.Finding;
import dev.writebehind.store.Schema;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** A command that looks after the table and ends. Blocks the calling thread. */
abstract class SchemaCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(SchemaCommand.class);

    private final SettingsSource source;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean isTerminal;
    private final String failed;
    private @Nullable ProgressBar bar;

    /**
     * Makes a command.
     *
     * @param isTerminal whether what is printed as an error can be drawn over
     * @param failed what it says, with the reason behind, where it could not be done
     */
    SchemaCommand(SettingsSource source, PrintStream out, PrintStream err, boolean isTerminal, String failed) {
        this.source = source;
        this.out = out;
        this.err = err;
        this.isTerminal = isTerminal;
        this.failed = failed;
    }

    /**
     * Does what the command is for and returns its exit code; it may fail as JDBC does, or as Flyway does.
     *
     * @param progress may be told how far it is
     */
    abstract int run(Settings settings, Schema schema, Progress progress) throws SQLException;

    @Override
    public final Integer call() {
        Settings settings = source.load();
        Schema schema = Schema.of(
                settings.database(),
                settings.openedx().announce(),
                settings.journal().isShared());
        try (ProgressBar progress = new ProgressBar(name(), err, isTerminal, System::nanoTime)) {
            bar = progress;
            return run(settings, schema, progress);
        } catch (SQLException | RuntimeException e) {
            log.debug(failed, e);
            err.println(failed + ": " + e.getMessage());
            return ExitStatus.NOT_DONE;
        }
    }

    private String name() {
        return getClass().getAnnotation(Command.class).name();
    }

    final void say(String line) {
        if (bar != null) {
            bar.clear();
        }
        out.println(line);
    }

    final int print(List<String> sql) {
        sql.forEach(this::say);
        if (sql.isEmpty()) {
            say("-- nothing to do");
        }
        return ExitStatus.DONE;
    }

    final int report(List<Finding> findings) {
        findings.forEach(finding -> say(label(finding.kind()) + finding.text()));
        return findings.stream().allMatch(Finding::fit) ? ExitStatus.DONE : ExitStatus.NOT_DONE;
    }

    private static String label(Finding.Kind kind) {
        return switch (kind) {
            case OK -> "ok     ";
            case NOTE -> "note   ";
            case WAITS, UNFIT -> "UNFIT  ";
        };
    }
}
