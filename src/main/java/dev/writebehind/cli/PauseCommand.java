package dev.writebehind.cli;

import dev.writebehind.cli.ManagementClient.Answer;
import java.io.PrintStream;
import picocli.CommandLine.Command;

/** The command that has the running service flush no more for a while. Blocks the calling thread. */
@Command(
        name = "pause",
        description = "Have the running service flush no more, and wait until nothing is on its way to the table. It"
                + " takes writes as before; resume, or a restart, lets it go on.")
final class PauseCommand extends RemoteCommand {
    PauseCommand(SettingsSource source, PrintStream out, PrintStream err) {
        super(source, out, err);
    }

    @Override
    int run(ManagementClient service) {
        Answer answer = service.post("/admin/pause");
        if (answer.isOk()) {
            say("Flushing is paused, nothing is on its way to the table; "
                    + Words.number(answer.body().getLong("pending_keys", 0L)) + " keys wait. Run resume afterwards");
            return ExitStatus.DONE;
        }
        complain("Flushing is not at rest yet: " + answer.reason());
        return ExitStatus.NOT_DONE;
    }
}
