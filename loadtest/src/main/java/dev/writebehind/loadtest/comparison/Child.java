package dev.writebehind.loadtest.comparison;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process that was started for a run: its output goes to a file, and it is gone when this is closed. In a session of
 * its own, so that Ctrl-C reaches the command alone, which then ends its children in order. Safe for any thread.
 */
final class Child implements AutoCloseable {
    private static final int KEPT_LINES = 12;
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private final String name;
    private final Process process;
    private final Thread reader;
    private final CompletableFuture<Matcher> ready = new CompletableFuture<>();
    private final Deque<String> lastLines = new ArrayDeque<>();
    private final Path log;

    private Child(String name, Process process, Pattern readyLine, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.reader = new Thread(() -> read(readyLine), "output of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a Java process.
     *
     * @param name for messages
     * @param arguments of {@code java}
     * @param environment on top of this process's, without anything that would configure the service
     * @param directory to run in; its output goes to a file there, called as the child
     * @param readyLine what it prints when it is ready
     */
    static Child start(
            String name, List<String> arguments, Map<String, String> environment, Path directory, Pattern readyLine) {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            command.add(SETSID.toString());
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(key -> key.startsWith("WRITEBEHIND_"));
        builder.environment().putAll(environment);
        try {
            return new Child(name, builder.start(), readyLine, directory.resolve(name + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the line that tells it is ready. */
    Matcher awaitReady(Duration within) throws InterruptedException {
        try {
            return ready.get(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new RunFailedException(
                    isAlive()
                            ? "the " + name + " was not ready within " + within.toSeconds() + " s\n" + lastLines()
                            : death());
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** Returns what to tell when it has died. */
    String death() {
        try {
            reader.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return "the " + name + " died" + (process.isAlive() ? "" : " (exit code " + process.exitValue() + ")")
                + "; its last lines, all of them in " + log + ":\n" + lastLines();
    }

    /** Waits for its end; returns the exit code. */
    int awaitExit(Duration within) throws InterruptedException {
        if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new RunFailedException(
                    "the " + name + " did not end within " + within.toSeconds() + " s\n" + lastLines());
        }
        return process.exitValue();
    }

    /** Asks it to end (SIGTERM); returns the exit code. */
    int terminate(Duration within) throws InterruptedException {
        process.toHandle().destroy(); // Process.destroy would close its output before the end is read
        return awaitExit(within);
    }

    @Override
    public void close() {
        process.toHandle().descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
    }

    private synchronized String lastLines() {
        return String.join("\n", lastLines);
    }

    private synchronized void keep(String line) {
        lastLines.add(line);
        if (lastLines.size() > KEPT_LINES) {
            lastLines.remove();
        }
    }

    private void read(Pattern readyLine) {
        try (BufferedReader lines = process.inputReader();
                BufferedWriter file = Files.newBufferedWriter(log)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                file.write(line + "\n");
                file.flush();
                keep(line);
                Matcher matcher = readyLine.matcher(line);
                if (matcher.find()) {
                    ready.complete(matcher);
                }
            }
        } catch (IOException e) {
            keep("its output ended: " + e);
        } finally {
            ready.completeExceptionally(new IllegalStateException("it ended"));
        }
    }
}
