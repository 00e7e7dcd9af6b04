package dev.writebehind.cli;

import dev.writebehind.config.Settings;
import dev.writebehind.progress.Progress;
import dev.writebehind.store.Schema;
import java.io.PrintStream;
import java.sql.SQLException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The way back from {@link MigrateCommand} for a table that was there before. Blocks the calling thread. */
@Command(name = "undo", description = "Add the foreign key again that migrate dropped.")
final class UndoCommand extends SchemaCommand {
    @Option(names = "--dry-run", description = "Print the SQL instead.")
    private boolean dryRun;

    @Option(names = "--keep-orphans", description = "Also while there are rows whose user no longer exists.")
    private boolean keepOrphans;

    UndoCommand(SettingsSource settings, PrintStream out, PrintStream err, boolean isTerminal) {
        super(settings, out, err, isTerminal, "The undo failed");
    }

    @Override
    int run(Settings settings, Schema schema, Progress progress) throws SQLException {
        return dryRun ? print(schema.undoPlan()) : report(schema.undo(keepOrphans, progress));
    }
}
