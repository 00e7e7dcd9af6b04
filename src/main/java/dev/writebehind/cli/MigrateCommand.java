package dev.writebehind.cli;

import dev.writebehind.config.Settings;
import dev.writebehind.progress.Progress;
import dev.writebehind.store.Schema;
import java.io.PrintStream;
import java.sql.SQLException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that makes the table fit, and checks it then. Blocks the calling thread. */
@Command(
        name = "migrate",
        description = "Create the table, or drop the foreign key to the user table from the one that is there.")
final class MigrateCommand extends SchemaCommand {
    @Option(names = "--dry-run", description = "Print the SQL instead.")
    private boolean dryRun;

    MigrateCommand(SettingsSource settings, PrintStream out, PrintStream err, boolean isTerminal) {
        super(settings, out, err, isTerminal, "The migration failed");
    }

    @Override
    int run(Settings settings, Schema schema, Progress progress) throws SQLException {
        if (dryRun) {
            return print(schema.migrationPlan());
        }
        say(schema.migrate(progress).text());
        return report(Fitness.of(settings, schema));
    }
}
