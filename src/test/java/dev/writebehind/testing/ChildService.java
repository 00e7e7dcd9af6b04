package dev.writebehind.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The service in a process of its own, so that it can be signalled or killed. Safe for any thread. */
public final class ChildService implements AutoCloseable {
    private static final Pattern LISTENING =
            Pattern.compile("Listening on http://127\\.0\\.0\\.1:(\\d+), management on http://127\\.0\\.0\\.1:(\\d+)");

    private final Process process;
    private final Thread reader;
    private final List<String> output = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Matcher> listening = new CompletableFuture<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private ChildService(Process process) {
        this.process = process;
        this.reader = new Thread(this::readOutput, "child output");
        reader.setDaemon(true);
        reader.start();
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

    private static ChildService start(
            List<String> shell, String mainClass, List<String> jvmOptions, String databaseUri, String... settings) {
        List<String> command = new ArrayList<>(shell);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("WRITEBEHIND_DATABASE_URI", databaseUri);
        builder.environment().put("WRITEBEHIND_HTTP_PORT", "0");
        builder.environment().put("WRITEBEHIND_MANAGEMENT_PORT", "0");
        builder.environment()
                .put(
                        "WRITEBEHIND_JOURNAL_DIR",
                        TemporaryDirectory.create("journal").toString());
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            String name = parts[0].toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
            builder.environment().put("WRITEBEHIND_" + name, parts[1]);
        }
        try {
            return new ChildService(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the address of a path on the public port, once the service listens. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + awaitListening().group(1) + path);
    }

    /** Posts a JSON body to {@code /v1/completions} with that query. */
    public HttpResponse<String> post(String query, String body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(uri("/v1/completions" + query))
                        .header("content-type", "application/json")
                        .timeout(Duration.ofSeconds(30))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Asks for a path of the public port. */
    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(uri(path))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Sends a DELETE to a path of the public port. */
    public HttpResponse<String> delete(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(uri(path))
                        .timeout(Duration.ofSeconds(30))
                        .DELETE()
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Sends a request to the management port. */
    public HttpResponse<String> manage(String method, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + awaitListening().group(2) + path);
        return http.send(
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .timeout(Duration.ofSeconds(90))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
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

    /** Sends SIGKILL. */
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    /** Waits for the end and returns the exit code; fails when it does not come in time. */
    public int exitCode(Duration within) throws InterruptedException {
        if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("still running; its output: " + String.join("\n", output));
        }
        reader.join(5_000);
        return process.exitValue();
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

    /** Returns what the service has printed so far. */
    public List<String> output() {
        return List.copyOf(output);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private Matcher awaitListening() {
        try {
            return listening.get(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the service does not listen: " + String.join("\n", output), e);
        }
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                Matcher matcher = LISTENING.matcher(line);
                if (matcher.find()) {
                    listening.complete(matcher);
                }
            }
        } catch (IOException e) {
            output.add("the output ended: " + e);
        } finally {
            listening.completeExceptionally(new IllegalStateException("the process ended"));
        }
    }
}
