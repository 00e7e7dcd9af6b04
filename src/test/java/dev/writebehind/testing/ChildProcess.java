package dev.writebehind.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process that {@link JavaCommand} has started, with the last of what it printed. Closing it kills it with everything
 * that it has started in turn. Safe for any thread.
 */
public final class ChildProcess implements AutoCloseable {
    private static final int MAX_LINES = 10_000;
    private static final int LAST_LINES = 12;
    private static final int END_OF_OUTPUT_MILLIS = 20_000;

    private final String name;
    private final Process process;
    private final Thread reader;
    private final Deque<String> output = new ArrayDeque<>();
    private final CompletableFuture<Matcher> ready = new CompletableFuture<>();
    private final Set<ProcessHandle> descendants = ConcurrentHashMap.newKeySet();

    ChildProcess(String name, Process process, Pattern readyLine, Path log) {
        this.name = name;
        this.process = process;
        this.reader = new Thread(() -> read(readyLine, log), "output of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts any program; {@link JavaCommand} is for those in Java. */
    public static ChildProcess start(String name, ProcessBuilder program, Pattern readyLine) {
        try {
            return new ChildProcess(name, program.redirectErrorStream(true).start(), readyLine, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the line that tells it is ready; fails if it does not come in time, or not any more. */
    public Matcher awaitReady(Duration within) throws InterruptedException {
        try {
            return ready.get(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            String what = isAlive() ? "the " + name + " was not ready within " + within.toSeconds() + " s" : death();
            throw new IllegalStateException(what + "\n" + lastLines(), e);
        }
    }

    /** Waits for the end and returns the exit code; fails if it does not come in time. */
    public int exitCode(Duration within) throws InterruptedException {
        long begun = Naps.nanos();
        while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
            descendants();
            if (Naps.since(begun).compareTo(within) > 0) {
                throw new IllegalStateException(
                        "the " + name + " did not end within " + within.toSeconds() + " s\n" + lastLines());
            }
        }
        reader.join(END_OF_OUTPUT_MILLIS);
        return process.exitValue();
    }

    /** Returns in words that it has ended and how, once its output is read. */
    public String death() {
        try {
            reader.join(END_OF_OUTPUT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return "the " + name + " died" + (isAlive() ? "" : " (exit code " + process.exitValue() + ")");
    }

    /** Returns what it has printed so far; of very many lines, the last. */
    public List<String> output() {
        synchronized (output) {
            return List.copyOf(output);
        }
    }

    /** Returns the end of that, for messages. */
    public String lastLines() {
        List<String> lines = output();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }

    /** Whether it still runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Returns its number. */
    public long pid() {
        return process.pid();
    }

    /** Returns the processor time that it has used so far. */
    public Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** Returns what it has started that this saw, alive or not; looks again first. */
    public List<ProcessHandle> descendants() {
        process.descendants().forEach(descendants::add);
        return new ArrayList<>(descendants);
    }

    /** Sends a line to its standard input. */
    public void tell(String line) throws IOException {
        Writer input = process.outputWriter();
        input.write(line + "\n");
        input.flush();
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.toHandle().destroy(); // Process.destroy would close the output before its end is read
    }

    /** Sends SIGHUP. */
    public void hangUp() {
        Command.run("kill", "-HUP", String.valueOf(pid()));
    }

    /** Stops it where it is. */
    public void pause() {
        Command.run("kill", "-STOP", String.valueOf(pid()));
    }

    /** Lets it go on. */
    public void resume() {
        Command.run("kill", "-CONT", String.valueOf(pid()));
    }

    /** Sends SIGINT, as Ctrl-C does. */
    public void interrupt() {
        descendants();
        Command.run("kill", "-INT", String.valueOf(pid()));
    }

    /** Sends SIGKILL, to it alone. */
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    @Override
    public void close() {
        List<ProcessHandle> all = descendants();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
    }

    private void keep(String line) {
        synchronized (output) {
            output.add(line);
            if (output.size() > MAX_LINES) {
                output.remove();
            }
        }
    }

    private void read(Pattern readyLine, Path log) {
        try (BufferedReader lines = process.inputReader();
                Writer file = log == null ? Writer.nullWriter() : Files.newBufferedWriter(log)) {
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
            keep("the output ended: " + e);
        } finally {
            ready.completeExceptionally(new IllegalStateException("it ended"));
        }
    }
}
