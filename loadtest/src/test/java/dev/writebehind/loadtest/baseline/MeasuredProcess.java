package dev.writebehind.loadtest.baseline;

import dev.writebehind.testing.ChildProcess;
import dev.writebehind.testing.JavaCommand;
import dev.writebehind.testing.Patience;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/** One of the processes, on the class path that it has in a comparison. Safe for any thread. */
final class MeasuredProcess implements AutoCloseable {
    static final String WRITES = "/v1/completions";

    private static final Pattern LISTENING = Pattern.compile("Listening on (.+)");

    private final ChildProcess process;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private MeasuredProcess(ChildProcess process) {
        this.process = process;
    }

    static MeasuredProcess start(Class<?> main, String... arguments) {
        String classPath = String.join(
                File.pathSeparator,
                Path.of("target", "classes").toString(),
                Path.of("..", "target", "completion-writebehind.jar").toString());
        return new MeasuredProcess(JavaCommand.of(main.getSimpleName(), "-cp", classPath, main.getName())
                .with(arguments)
                .readyAt(LISTENING)
                .start());
    }

    /** Posts a body to {@code /v1/completions}. */
    CompletableFuture<HttpResponse<String>> post(String body) {
        return post(WRITES, body);
    }

    CompletableFuture<HttpResponse<String>> post(String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(address().resolve(path))
                .header("content-type", "application/json")
                .timeout(Patience.VERY_LONG)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.terminate();
    }

    /** Whether connections to its port are accepted. */
    boolean isListening() {
        URI address = address();
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
        return process.exitCode(Patience.VERY_LONG);
    }

    /** Returns the lines printed so far. */
    List<String> output() {
        return process.output();
    }

    @Override
    public void close() {
        process.close();
    }

    private URI address() {
        try {
            return URI.create(process.awaitReady(Patience.VERY_LONG).group(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
