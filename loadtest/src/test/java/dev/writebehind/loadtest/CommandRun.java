package dev.writebehind.loadtest;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The command in a process of its own, as the script starts it, and every process that it has started. */
final class CommandRun implements AutoCloseable {
    private final Process process;
    private final List<String> output = new CopyOnWriteArrayList<>();
    private final Set<ProcessHandle> descendants = ConcurrentHashMap.newKeySet();
    private final Thread reader;

    CommandRun(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.awt.headless=true",
                "-cp",
                "target/classes" + File.pathSeparator + Files.readString(Path.of("target/class-path")),
                "dev.writebehind.loadtest.Main",
                "--database",
                LoadTestDatabase.serverUri()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        reader = new Thread(this::read, "output of the command");
        reader.setDaemon(true);
        reader.start();
    }

    /** Waits until a process that it has started has such a command line; returns it. */
    ProcessHandle awaitDescendant(String part, Duration within) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (System.nanoTime() < end && process.isAlive()) {
            process.descendants().forEach(descendants::add);
            var found = descendants.stream()
                    .filter(ProcessHandle::isAlive)
                    .filter(child -> child.info().commandLine().orElse("").contains(part))
                    .findFirst();
            if (found.isPresent()) {
                return found.get();
            }
            Thread.sleep(50);
        }
        throw new AssertionError("no process with " + part + ": " + output);
    }

    /** Sends SIGINT, as Ctrl-C does. */
    void interrupt() throws IOException, InterruptedException {
        process.descendants().forEach(descendants::add);
        new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                .start()
                .waitFor();
    }

    /** Waits for its end; returns the exit code. */
    int exitCode(Duration within) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
            process.descendants().forEach(descendants::add);
            if (System.nanoTime() > end) {
                throw new AssertionError("still running: " + output);
            }
        }
        reader.join(5_000);
        return process.exitValue();
    }

    /** Returns the processes it has started that are still there. */
    List<String> leftBehind() {
        return descendants.stream()
                .filter(ProcessHandle::isAlive)
                .map(child -> child.info().commandLine().orElse(child.toString()))
                .toList();
    }

    List<String> output() {
        return List.copyOf(output);
    }

    /** Whether it has said such a thing. */
    boolean hasSaid(Predicate<String> line) {
        return output.stream().anyMatch(line);
    }

    @Override
    public void close() {
        process.descendants().forEach(descendants::add);
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
            }
        } catch (IOException e) {
            output.add(e.toString());
        }
    }
}
