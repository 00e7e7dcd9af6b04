package dev.writebehind.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that lists dead letters. Blocks the calling thread. */
@Command(name = "list", description = "List the oldest dead letters, up to 1,000.")
final class DeadLetterListCommand extends DeadLetterCommand {
    private static final int MOST_SHOWN_OF_CAUSE = 100;

    @Option(names = "--json", description = "Print them as a JSON array.")
    private boolean json;

    DeadLetterListCommand(SettingsSource source, PrintStream out, PrintStream err) {
        super(source, out, err);
    }

    @Override
    int run(ManagementClient service) {
        List<JsonObject> letters = oldest(service);
        if (json) {
            say(new JsonArray(letters).encode());
            return ExitStatus.DONE;
        }
        if (letters.isEmpty()) {
            say("There are no dead letters");
            return ExitStatus.DONE;
        }
        Table table = new Table().row("ID", "BURIED", "KIND", "USER", "COURSE", "CAUSE");
        letters.forEach(letter -> table.row(
                letter.getString("id"),
                letter.getString("buried"),
                letter.getString("kind"),
                letter.getInteger("user_id"),
                letter.getString("course_key"),
                shortened(letter.getString("cause", ""))));
        say(table.lines());
        return ExitStatus.DONE;
    }

    private static String shortened(String cause) {
        return cause.length() <= MOST_SHOWN_OF_CAUSE ? cause : cause.substring(0, MOST_SHOWN_OF_CAUSE) + "…";
    }
}
