package dev.writebehind.loadtest;

import dev.writebehind.testing.ChildProcess;
import dev.writebehind.testing.JavaCommand;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The command in a process of its own, as the script starts it, and every process that it has started. */
final class CommandRun implements AutoCloseable {
    private final ChildProcess process;

    CommandRun(String... arguments) throws IOException {
        process = JavaCommand.of(
                        "command",
                        "-Djava.awt.headless=true",
                        "-cp",
                        "target/classes" + File.pathSeparator + Files.readString(Path.of("target/class-path")),
                        "dev.writebehind.loadtest.Main",
                        "--database",
                        LoadTestDatabase.serverUri())
                .with(arguments)
                .start();
    }

    /** Waits until a process that it has started has such a command line; returns it. */
    ProcessHandle awaitDescendant(String part, Duration within) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (System.nanoTime() < end && process.isAlive()) {
            Optional<ProcessHandle> found = process.descendants().stream()
                    .filter(ProcessHandle::isAlive)
                    .filter(child -> child.info().commandLine().orElse("").contains(part))
                    .findFirst();
            if (found.isPresent()) {
                return found.get();
            }
            Thread.sleep(50);
        }
        throw new AssertionError("no process with " + part + ": " + process.output());
    }

    /** Sends SIGINT, as Ctrl-C does. */
    void interrupt() {
        process.interrupt();
    }

    /** Waits for its end; returns the exit code. */
    int exitCode(Duration within) throws InterruptedException {
        return process.exitCode(within);
    }

    /** Returns the processes it has started that are still there. */
    List<String> leftBehind() {
        return process.descendants().stream()
                .filter(ProcessHandle::isAlive)
                .map(child -> child.info().commandLine().orElse(child.toString()))
                .toList();
    }

    List<String> output() {
        return process.output();
    }

    /** Whether it has said such a thing. */
    boolean hasSaid(Predicate<String> line) {
        return output().stream().anyMatch(line);
    }

    @Override
    public void close() {
        process.close();
    }
}
