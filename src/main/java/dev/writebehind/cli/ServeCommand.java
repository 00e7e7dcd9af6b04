package dev.writebehind.cli;

import dev.writebehind.ServiceProcess;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The command that serves until the process is told to end. Used by the main thread. */
@Command(name = "serve", description = "Take completions over HTTP and write them to the database (default).")
final class ServeCommand implements Callable<Integer> {
    /** No exit code: the process lives on. */
    static final int SERVES = -1;

    private final SettingsSource settings;
    private final Runnable afterStop;

    ServeCommand(SettingsSource settings, Runnable afterStop) {
        this.settings = settings;
        this.afterStop = afterStop;
    }

    @Override
    public Integer call() {
        return ServiceProcess.start(settings.open(), afterStop) ? SERVES : ExitStatus.NOT_DONE;
    }
}
