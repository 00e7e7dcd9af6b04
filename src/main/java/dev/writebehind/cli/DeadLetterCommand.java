package dev.writebehind.cli;

import dev.writebehind.cli.ManagementClient.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.IntStream;

/** A command that has to do with the running service's dead letters. Blocks the calling thread. */
abstract class DeadLetterCommand extends RemoteCommand {
    static final String PATH = "/admin/dead-letters";

    DeadLetterCommand(SettingsSource source, PrintStream out, PrintStream err) {
        super(source, out, err);
    }

    /** Returns the oldest, as many as the service tells at once. */
    static List<JsonObject> oldest(ManagementClient service) {
        return after("0", service);
    }

    private static List<JsonObject> after(String id, ManagementClient service) {
        Answer answer = service.get(PATH + "?after=" + id);
        if (!answer.isOk()) {
            throw new RemoteFailure(ExitStatus.NOT_DONE, "The dead letters can't be listed: " + answer.reason());
        }
        JsonArray letters = answer.body().getJsonArray("dead_letters", new JsonArray());
        return IntStream.range(0, letters.size())
                .mapToObj(letters::getJsonObject)
                .toList();
    }

    /** Something that is done with one dead letter. */
    interface Act {
        /** Returns whether it is done. */
        boolean on(String id);
    }

    /** Does it with each, however many there are. Returns the exit code: done if it was with all. */
    static int toAll(ManagementClient service, Act act) {
        boolean done = true;
        String last = "0";
        for (List<JsonObject> next = after(last, service); !next.isEmpty(); next = after(last, service)) {
            for (JsonObject letter : next) {
                last = String.valueOf(letter.getString("id"));
                done &= act.on(last);
            }
        }
        return done ? ExitStatus.DONE : ExitStatus.NOT_DONE;
    }

    static int toEach(List<String> ids, Act act) {
        boolean done = true;
        for (String id : ids) {
            if (!id.matches("[0-9]{1,19}")) {
                throw new RemoteFailure(ExitStatus.USAGE, "No dead letter is called " + id + ": list shows their ids");
            }
        }
        for (String id : ids) {
            done &= act.on(id);
        }
        return done ? ExitStatus.DONE : ExitStatus.NOT_DONE;
    }
}
