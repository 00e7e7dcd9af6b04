package dev.writebehind.loadtest.comparison;

import dev.writebehind.testing.ChildProcess;
import dev.writebehind.testing.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process that was started for a run: its output goes to a file, and it is gone when this is closed. In a session of
 * its own, so that Ctrl-C reaches the command alone, which then ends its children in order. Safe for any thread.
 */
public final class Child implements AutoCloseable {
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private final ChildProcess process;
    private final Path log;

    private Child(ChildProcess process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a process.
     *
     * @param environment on top of this process's, without anything that would configure the service
     * @param directory to run in; its output goes to a file there, called as the child
     * @param readyLine what it prints when it is ready
     */
    static Child start(JavaCommand command, Map<String, String> environment, Path directory, Pattern readyLine) {
        Path log = directory.resolve(command.name() + ".log");
        if (Files.isExecutable(SETSID)) {
            command.by(SETSID.toString());
        }
        return new Child(
                command.in(environment)
                        .at(directory)
                        .readyAt(readyLine)
                        .logTo(log)
                        .start(),
                log);
    }

    /** Waits for the line that tells it is ready. */
    public Matcher awaitReady(Duration within) throws InterruptedException {
        try {
            return process.awaitReady(within);
        } catch (IllegalStateException e) {
            throw new RunFailedException(isAlive() ? String.valueOf(e.getMessage()) : death());
        }
    }

    /** Whether it still runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Returns its number. */
    public long pid() {
        return process.pid();
    }

    /** Returns what to tell when it has died. */
    public String death() {
        return process.death() + "; its last lines, all of them in " + log + ":\n" + process.lastLines();
    }

    /** Sends a line to its standard input. */
    public void tell(String line) throws IOException {
        process.tell(line);
    }

    /** Returns what it has printed so far; of very many lines, the last. */
    public List<String> output() {
        return process.output();
    }

    /** Waits for its end; returns the exit code. */
    public int awaitExit(Duration within) throws InterruptedException {
        try {
            return process.exitCode(within);
        } catch (IllegalStateException e) {
            throw new RunFailedException(String.valueOf(e.getMessage()));
        }
    }

    /** Asks it to end (SIGTERM); returns the exit code. */
    public int terminate(Duration within) throws InterruptedException {
        process.terminate();
        return awaitExit(within);
    }

    @Override
    public void close() {
        process.close();
    }
}
