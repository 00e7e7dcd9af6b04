package dev.writebehind.cli;

import dev.writebehind.config.Settings;
import dev.writebehind.progress.Progress;
import dev.writebehind.store.Schema;
import java.io.PrintStream;
import java.sql.SQLException;
import picocli.CommandLine.Command;

/** The command that tells whether the database is fit, and the topic. Blocks the calling thread. */
@Command(
        name = "check",
        description =
                "Tell whether the database is fit, and with journal.kind: kafka the topic: exit code 0 if so, 1 if"
                        + " not.")
final class CheckCommand extends SchemaCommand {
    CheckCommand(SettingsSource settings, PrintStream out, PrintStream err) {
        super(settings, out, err, false, "The database can't be checked");
    }

    @Override
    int run(Settings settings, Schema schema, Progress progress) throws SQLException {
        boolean isTopicFit = !settings.journal().isShared() || TopicLines.print(settings, this::say);
        int status = report(Fitness.of(settings, schema));
        return isTopicFit ? status : ExitStatus.NOT_DONE;
    }
}
