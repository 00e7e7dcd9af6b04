package dev.writebehind.cli;

import dev.writebehind.cli.ManagementClient.Answer;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that tells how the running service is, once or each second. Blocks the calling thread. */
@Command(
        name = "status",
        description = "Tell how the running service is: exit code 0 if it takes writes, 1 if it runs but does not.")
final class StatusCommand extends RemoteCommand {
    private static final long PERIOD_MILLIS = 1_000;

    private final boolean isTerminal;
    private final Clock clock = Clock.systemUTC();

    @Option(names = "--json", description = "Print the service's own answer, an object in each line.")
    private boolean json;

    @Option(names = "--watch", description = "Look each second: anew at a terminal, a line for each else.")
    private boolean watch;

    @Option(names = "--count", paramLabel = "N", description = "Look so often, each second.")
    private @Nullable Integer count;

    /** @param isTerminal whether what is printed can be drawn over */
    StatusCommand(SettingsSource source, PrintStream out, PrintStream err, boolean isTerminal) {
        super(source, out, err);
        this.isTerminal = isTerminal;
    }

    @Override
    int run(ManagementClient service) {
        if (count != null && count < 1) {
            throw new RemoteFailure(ExitStatus.USAGE, "--count is " + count + ": it must be 1 or more");
        }
        boolean once = !watch && count == null;
        int looks = once ? 1 : count == null ? Integer.MAX_VALUE : count;
        StatusText before = null;
        int status = ExitStatus.DONE;
        for (int look = 1; look <= looks; look++) {
            try {
                Answer answer = service.get("/admin/status");
                if (!answer.isOk()) {
                    throw new RemoteFailure(ExitStatus.NOT_DONE, "No status: " + answer.reason());
                }
                StatusText now = new StatusText(answer.body(), clock.instant(), before);
                show(now, answer.body(), once);
                before = now;
                status = now.isReady() ? ExitStatus.DONE : ExitStatus.NOT_DONE;
            } catch (RemoteFailure e) {
                if (once || e.status() == ExitStatus.NOT_ALLOWED) {
                    throw e;
                }
                status = e.status();
                miss(e);
            }
            if (look < looks && !pause()) {
                break;
            }
        }
        return status;
    }

    private void show(StatusText status, JsonObject answer, boolean once) {
        if (json) {
            say(answer.encode());
        } else if (once) {
            say(status.lines());
        } else if (isTerminal) {
            draw(Terminal.HOME
                    + String.join(Terminal.CLEAR_RIGHT + System.lineSeparator(), status.lines())
                    + Terminal.CLEAR_RIGHT
                    + System.lineSeparator()
                    + Terminal.CLEAR_BELOW);
        } else {
            say(status.line());
        }
    }

    private void miss(RemoteFailure failure) {
        if (isTerminal && !json) {
            draw(Terminal.HOME + Terminal.CLEAR_BELOW);
        }
        complain(clock.instant() + " " + failure.getMessage());
    }

    private static boolean pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
