package dev.writebehind.cli;

import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that shows one dead letter. Blocks the calling thread. */
@Command(name = "show", description = "Show everything about one dead letter, of the oldest 1,000.")
final class DeadLetterShowCommand extends DeadLetterCommand {
    @Parameters(paramLabel = "ID", description = "Its id, as list shows it.")
    private String id = "";

    @Option(names = "--json", description = "Print it as JSON.")
    private boolean json;

    DeadLetterShowCommand(SettingsSource source, PrintStream out, PrintStream err) {
        super(source, out, err);
    }

    @Override
    int run(ManagementClient service) {
        JsonObject found = oldest(service).stream()
                .filter(letter -> id.equals(letter.getString("id")))
                .findFirst()
                .orElseThrow(() -> new RemoteFailure(
                        ExitStatus.NOT_DONE, "There is no dead letter " + id + " among the oldest 1,000"));
        if (json) {
            say(found.encodePrettily());
            return ExitStatus.DONE;
        }
        Table table = new Table();
        found.forEach(field -> {
            boolean time = field.getKey().endsWith("_micros") && field.getValue() instanceof Number;
            table.row(
                    field.getKey().replaceFirst("_micros$", "_at"),
                    time ? Words.micros(((Number) field.getValue()).longValue()) : field.getValue());
        });
        say(table.lines());
        return ExitStatus.DONE;
    }
}
