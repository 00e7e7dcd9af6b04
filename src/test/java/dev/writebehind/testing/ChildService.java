package dev.writebehind.testing;

import dev.writebehind.contract.ContractWatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The service in a process of its own, so that it can be signalled or killed. Fails a test whose answers are not as the
 * OpenAPI documents say. Safe for any thread.
 */
public final class ChildService implements AutoCloseable {
    static final Pattern LISTENING = Pattern.compile(
            "Listening on (http://127\\.0\\.0\\.\\d+:\\d+), management on (http://127\\.0\\.0\\.\\d+:\\d+)");

    private final ChildProcess process;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private ChildService(ChildProcess process) {
        this.process = process;
    }

    /** Starts the service with default settings but for these, each written {@code flush.interval=50ms}. */
    public static ChildService start(String databaseUri, String... settings) {
        return start(List.of(), databaseUri, settings);
    }

    /** Starts the service on a JVM with those options. */
    public static ChildService start(List<String> jvmOptions, String databaseUri, String... settings) {
        return startBy("dev.writebehind.cli.Main", jvmOptions, databaseUri, settings);
    }

    /** Starts the service by way of another main class, which does something besides. */
    public static ChildService startBy(
            String mainClass, List<String> jvmOptions, String databaseUri, String... settings) {
        return start(List.of(), mainClass, jvmOptions, databaseUri, settings);
    }

    /** Starts the service with that umask. */
    public static ChildService startWithUmask(String umask, String databaseUri, String... settings) {
        List<String> shell = List.of("sh", "-c", "umask " + umask + "; exec \"$@\"", "sh");
        return start(shell, "dev.writebehind.cli.Main", List.of(), databaseUri, settings);
    }

    /** Starts the service with those variables, of which database, ports and journal are some. */
    public static ChildService in(Map<String, String> environment, List<String> jvmOptions) {
        return start(List.of(), "dev.writebehind.cli.Main", jvmOptions, environment);
    }

    private static ChildService start(
            List<String> shell, String mainClass, List<String> jvmOptions, String databaseUri, String... settings) {
        return start(shell, mainClass, jvmOptions, environment(databaseUri, settings));
    }

    /** Returns the variables of a service with default settings but for these. */
    static Map<String, String> environment(String databaseUri, String... settings) {
        Map<String, String> environment = new HashMap<>();
        environment.put("WRITEBEHIND_DATABASE_URI", databaseUri);
        environment.put("WRITEBEHIND_HTTP_PORT", "0");
        environment.put("WRITEBEHIND_MANAGEMENT_PORT", "0");
        environment.put(
                "WRITEBEHIND_JOURNAL_DIR", TemporaryDirectory.create("journal").toString());
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            String name = parts[0].toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
            environment.put("WRITEBEHIND_" + name, parts[1]);
        }
        return environment;
    }

    private static ChildService start(
            List<String> shell, String mainClass, List<String> jvmOptions, Map<String, String> environment) {
        return new ChildService(
                JavaCommand.of("service", ServiceProgram.arguments().toArray(String[]::new))
                        .with(jvmOptions.toArray(String[]::new))
                        .with(mainClass)
                        .by(shell.toArray(String[]::new))
                        .in(environment)
                        .readyAt(LISTENING)
                        .start());
    }

    /** Returns the address of a path on the public port, once the service listens. */
    public URI uri(String path) {
        return URI.create(awaitListening().group(1) + path);
    }

    /** Posts a JSON body to {@code /v1/completions} with that query. */
    public HttpResponse<String> post(String query, String body) throws IOException, InterruptedException {
        return send(
                false,
                HttpRequest.newBuilder(uri("/v1/completions" + query))
                        .header("content-type", "application/json")
                        .timeout(Patience.VERY_LONG)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build());
    }

    /** Asks for a path of the public port. */
    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(
                false,
                HttpRequest.newBuilder(uri(path)).timeout(Patience.VERY_LONG).build());
    }

    /** Sends a DELETE to a path of the public port. */
    public HttpResponse<String> delete(String path) throws IOException, InterruptedException {
        return send(
                false,
                HttpRequest.newBuilder(uri(path))
                        .timeout(Patience.VERY_LONG)
                        .DELETE()
                        .build());
    }

    /** Sends a request to the management port. */
    public HttpResponse<String> manage(String method, String path) throws IOException, InterruptedException {
        URI uri = URI.create(awaitListening().group(2) + path);
        return send(
                true,
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .timeout(Patience.VERY_LONG)
                        .build());
    }

    private HttpResponse<String> send(boolean isManagement, HttpRequest request)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        ContractWatch.require(isManagement, answer);
        return answer;
    }

    /** Sends a line to its standard input. */
    public void tell(String line) throws IOException {
        process.tell(line);
    }

    /** Sends SIGHUP. */
    public void hangUp() {
        process.hangUp();
    }

    /** Stops it where it is. */
    public void pause() {
        process.pause();
    }

    /** Lets it go on. */
    public void resume() {
        process.resume();
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.terminate();
    }

    /** Sends SIGKILL. */
    public void kill() {
        process.kill();
    }

    /** Waits for the end and returns the exit code; fails when it does not come in time. */
    public int exitCode(Duration within) throws InterruptedException {
        return process.exitCode(within);
    }

    /** Returns how many files below that directory the service has open, as Linux tells; 0 elsewhere. */
    public long openFiles(Path directory) {
        Path open = Path.of("/proc", String.valueOf(process.pid()), "fd");
        if (!Files.isDirectory(open)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(open)) {
            return files.filter(file -> {
                        try {
                            return Files.readSymbolicLink(file).startsWith(directory);
                        } catch (IOException e) {
                            return false; // closed meanwhile
                        }
                    })
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the processor time that it has used so far. */
    public Duration cpu() {
        return process.cpu();
    }

    /** Returns what the service has printed so far. */
    public List<String> output() {
        return process.output();
    }

    @Override
    public void close() {
        process.close();
    }

    private Matcher awaitListening() {
        try {
            return process.awaitReady(Patience.VERY_LONG);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
