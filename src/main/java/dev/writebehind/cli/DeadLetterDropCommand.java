package dev.writebehind.cli;

import dev.writebehind.cli.ManagementClient.Answer;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that forgets dead letters for good. Blocks the calling thread. */
@Command(name = "drop", description = "Forget dead letters for good.")
final class DeadLetterDropCommand extends DeadLetterCommand {
    @Parameters(paramLabel = "ID", arity = "0..*", description = "Their ids, as list shows them.")
    private List<String> ids = new ArrayList<>();

    @Option(names = "--all", description = "All of them; needs --yes.")
    private boolean all;

    @Option(names = "--yes", description = "Yes, all of them are to be forgotten.")
    private boolean yes;

    DeadLetterDropCommand(SettingsSource source, PrintStream out, PrintStream err) {
        super(source, out, err);
    }

    @Override
    int run(ManagementClient service) {
        if (all == !ids.isEmpty()) {
            throw new RemoteFailure(ExitStatus.USAGE, "Name the dead letters to drop, or say --all");
        }
        if (all && !yes) {
            throw new RemoteFailure(
                    ExitStatus.USAGE, "Nothing was dropped: --all forgets what learners did, for good; add --yes");
        }
        return all ? toAll(service, id -> drop(service, id)) : toEach(ids, id -> drop(service, id));
    }

    private boolean drop(ManagementClient service, String id) {
        Answer answer = service.delete(PATH + "/" + id);
        say(Terminal.plain(id + (answer.isOk() ? " is forgotten" : ": " + answer.reason())));
        return answer.isOk();
    }
}
