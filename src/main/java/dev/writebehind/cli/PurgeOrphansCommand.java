package dev.writebehind.cli;

import dev.writebehind.config.Settings;
import dev.writebehind.progress.Progress;
import dev.writebehind.store.Schema;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that deletes rows that belong to nobody any more. Blocks the calling thread. */
@Command(name = "purge-orphans", description = "Delete the rows whose user no longer exists.")
final class PurgeOrphansCommand extends SchemaCommand {
    @Option(names = "--dry-run", description = "Count them instead: exit code 0 if there are none, 1 if there are.")
    private boolean dryRun;

    PurgeOrphansCommand(SettingsSource settings, PrintStream out, PrintStream err, boolean isTerminal) {
        super(settings, out, err, isTerminal, "The orphans can't be looked for");
    }

    @Override
    int run(Settings settings, Schema schema, Progress progress) throws SQLException {
        return report(List.of(schema.orphans(!dryRun, progress)));
    }
}
