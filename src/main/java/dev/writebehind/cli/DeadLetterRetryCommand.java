package dev.writebehind.cli;

import dev.writebehind.cli.ManagementClient.Answer;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that tries dead letters again. Blocks the calling thread. */
@Command(
        name = "retry",
        description = "Try to bring dead letters into the table, once what was in the way is mended: exit code 1 if any"
                + " of them is still refused. A newer value in the table stays.")
final class DeadLetterRetryCommand extends DeadLetterCommand {
    @Parameters(paramLabel = "ID", arity = "0..*", description = "Their ids, as list shows them.")
    private List<String> ids = new ArrayList<>();

    @Option(names = "--all", description = "All of them.")
    private boolean all;

    DeadLetterRetryCommand(SettingsSource source, PrintStream out, PrintStream err) {
        super(source, out, err);
    }

    @Override
    int run(ManagementClient service) {
        if (all == !ids.isEmpty()) {
            throw new RemoteFailure(ExitStatus.USAGE, "Name the dead letters to retry, or say --all");
        }
        return all ? toAll(service, id -> retry(service, id)) : toEach(ids, id -> retry(service, id));
    }

    private boolean retry(ManagementClient service, String id) {
        Answer answer = service.post(PATH + "/" + id + "/retry");
        say(Terminal.plain(id + (answer.isOk() ? " is in the table, or a newer value is" : ": " + answer.reason())));
        return answer.isOk();
    }
}
