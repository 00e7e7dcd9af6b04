package dev.writebehind.cli;

import dev.writebehind.cli.ManagementClient.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** The command that has the running service read its settings again. Blocks the calling thread. */
@Command(
        name = "reload",
        description = "Have the running service read its settings again: exit code 2 if they are wrong, and nothing was"
                + " changed.")
final class ReloadCommand extends RemoteCommand {
    ReloadCommand(SettingsSource source, PrintStream out, PrintStream err) {
        super(source, out, err);
    }

    @Override
    int run(ManagementClient service) {
        Answer answer = service.post("/admin/reload");
        if (answer.isOk()) {
            tell(answer.body());
            return ExitStatus.DONE;
        }
        complain("Nothing was changed: " + answer.reason());
        return answer.status() == 422 ? ExitStatus.USAGE : ExitStatus.NOT_DONE;
    }

    private void tell(JsonObject outcome) {
        JsonArray changed = outcome.getJsonArray("changed", new JsonArray());
        for (int i = 0; i < changed.size(); i++) {
            JsonObject change = changed.getJsonObject(i);
            say(Terminal.plain(
                    change.getString("key") + ": " + change.getString("from") + " → " + change.getString("to")));
        }
        if (changed.isEmpty()) {
            say("Nothing that takes effect without a restart has changed");
        }
        JsonArray awaiting = outcome.getJsonArray("awaiting_restart", new JsonArray());
        if (!awaiting.isEmpty()) {
            say("Changes that wait for a restart: "
                    + awaiting.stream().map(Terminal::plain).collect(Collectors.joining(", ")));
        }
    }
}
