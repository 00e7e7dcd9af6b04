package dev.writebehind.loadtest.baseline;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** One of the processes, on the class path that it has in a comparison. Safe for any thread. */
final class ChildProcess implements AutoCloseable {
    static final String WRITES = "/v1/completions";

    private static final String LISTENING = "Listening on ";

    private final Process process;
    private final Thread reader;
    private final List<String> output = new CopyOnWriteArrayList<>();
    private final CompletableFuture<String> listening = new CompletableFuture<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private ChildProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::readOutput, "child output");
        reader.setDaemon(true);
        reader.start();
    }

    static ChildProcess start(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                String.join(
                        File.pathSeparator,
                        Path.of("target", "classes").toString(),
                        Path.of("..", "target", "completion-writebehind.jar").toString()),
                main.getName()));
        command.addAll(Arrays.asList(arguments));
        try {
            return new ChildProcess(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Posts a body to {@code /v1/completions}. */
    CompletableFuture<HttpResponse<String>> post(String body) {
        return post(WRITES, body);
    }

    CompletableFuture<HttpResponse<String>> post(String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(listening.orTimeout(60, TimeUnit.SECONDS).join() + path))
                .header("content-type", "application/json")
                .timeout(Duration.ofSeconds(60))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.toHandle().destroy(); // Process.destroy would close the output before its end is read
    }

    /** Whether connections to its port are accepted. */
    boolean isListening() {
        URI address = URI.create(listening.orTimeout(60, TimeUnit.SECONDS).join());
        try (Socket connected = new Socket(address.getHost(), address.getPort())) {
            return connected.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end and returns the exit code; fails when it does not come in time. */
    int exitCode() throws InterruptedException {
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            throw new IllegalStateException("still running; its output: " + output);
        }
        reader.join(5_000);
        return process.exitValue();
    }

    /** Returns the lines printed so far. */
    List<String> output() {
        return List.copyOf(output);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                if (line.startsWith(LISTENING)) {
                    listening.complete(line.substring(LISTENING.length()));
                }
            }
        } catch (IOException e) {
            output.add("the output ended: " + e);
        } finally {
            listening.completeExceptionally(new IllegalStateException("it does not listen: " + output));
        }
    }
}
