package dev.writebehind.cli;

import dev.writebehind.cli.ManagementClient.Answer;
import java.io.PrintStream;
import picocli.CommandLine.Command;

/** The command that has the running service flush, and waits for it. Blocks the calling thread. */
@Command(
        name = "flush",
        description = "Bring everything that the running service has accepted into the table, and wait for it.")
final class FlushCommand extends RemoteCommand {
    FlushCommand(SettingsSource source, PrintStream out, PrintStream err) {
        super(source, out, err);
    }

    @Override
    int run(ManagementClient service) {
        Answer answer = service.post("/admin/flush");
        if (answer.isOk()) {
            say("Everything accepted before the call is in the table; "
                    + Words.number(answer.body().getLong("pending_keys", 0L)) + " keys came since");
            return ExitStatus.DONE;
        }
        if (answer.status() == 409) {
            complain("Nothing is flushed, for flushing is paused: run resume first");
            return ExitStatus.PAUSED;
        }
        complain("Not everything is in the table: " + answer.reason());
        return ExitStatus.NOT_DONE;
    }
}
