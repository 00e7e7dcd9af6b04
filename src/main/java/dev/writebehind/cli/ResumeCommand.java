package dev.writebehind.cli;

import dev.writebehind.cli.ManagementClient.Answer;
import java.io.PrintStream;
import picocli.CommandLine.Command;

/** The command that lets the running service flush again. Blocks the calling thread. */
@Command(name = "resume", description = "Let the running service flush again, beginning at once.")
final class ResumeCommand extends RemoteCommand {
    ResumeCommand(SettingsSource source, PrintStream out, PrintStream err) {
        super(source, out, err);
    }

    @Override
    int run(ManagementClient service) {
        Answer answer = service.post("/admin/resume");
        if (answer.isOk()) {
            say("Flushing goes on; " + Words.number(answer.body().getLong("pending_keys", 0L)) + " keys wait");
            return ExitStatus.DONE;
        }
        complain("Flushing does not go on: " + answer.reason());
        return ExitStatus.NOT_DONE;
    }
}
