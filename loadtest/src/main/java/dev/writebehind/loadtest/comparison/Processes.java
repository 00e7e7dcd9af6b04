package dev.writebehind.loadtest.comparison;

import dev.writebehind.loadtest.result.Variant;
import dev.writebehind.loadtest.scenario.LearnerTokens;
import dev.writebehind.loadtest.scenario.Load;
import dev.writebehind.loadtest.scenario.Marks;
import dev.writebehind.testing.JavaCommand;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The commands by which each kind of process is started; immutable.
 *
 * @param serviceJar the service as it is shipped; the servers that it is compared with run on its libraries
 * @param classes of the load tests
 * @param libraries of the load tests, as a class path
 */
public record Processes(Path serviceJar, Path classes, String libraries) {
    private static final Pattern LISTENING = Pattern.compile(
            "Listening on (http://127\\.0\\.0\\.1:\\d+)(?:, management on (http://127\\.0\\.0\\.1:\\d+))?");
    private static final Pattern STARTING = Pattern.compile(Pattern.quote(Marks.START_IN_MILLIS) + " (\\d+)");
    private static final Pattern FIGURES = Pattern.compile("(\\{.*rowsPerSecond.*})");
    private static final Pattern PEER = Pattern.compile("(\\{.*acceptedPerSecond.*})");
    private static final Pattern CONNECT = Pattern.compile("REST server listening at (http://127\\.0\\.0\\.1:\\d+)");
    private static final Pattern READY = Pattern.compile("Ready");
    private static final String RAW_CLIENT = "dev.writebehind.loadtest.raw.RawClient";
    private static final String BASELINE = "dev.writebehind.loadtest.baseline.";

    /** Finds them where the build leaves them, from the directory of the load tests. */
    public static Processes built(Path loadtest) throws IOException {
        Path jar = loadtest.resolve("../target/completion-writebehind.jar").normalize();
        if (!Files.isRegularFile(jar)) {
            throw new RunFailedException(jar + " is missing: run mvn -DskipTests install beside it");
        }
        return new Processes(
                jar.toAbsolutePath(),
                loadtest.resolve("target/classes").toAbsolutePath(),
                Files.readString(loadtest.resolve("target/class-path")));
    }

    /**
     * Starts who takes the writes.
     *
     * @param pool connections of direct writes
     */
    Child target(Variant variant, String databaseUri, int pool, Path directory, boolean openedx) {
        if (variant.isAfter()) {
            Map<String, String> environment = new HashMap<>(Map.of(
                    "WRITEBEHIND_DATABASE_URI",
                    databaseUri,
                    "WRITEBEHIND_HTTP_PORT",
                    "0",
                    "WRITEBEHIND_MANAGEMENT_PORT",
                    "0",
                    "WRITEBEHIND_JOURNAL_DIR",
                    directory.resolve("journal").toString(),
                    "WRITEBEHIND_INGEST_ACK",
                    variant.option().substring("after-".length())));
            if (openedx) {
                environment.putAll(Map.of(
                        "WRITEBEHIND_AUTH_MODE", "jwt",
                        "WRITEBEHIND_AUTH_JWT_SECRET", LearnerTokens.SECRET,
                        "WRITEBEHIND_OPENEDX_ENABLED", "true"));
            }
            return Child.start(
                    JavaCommand.of("service", "-Xmx512m", "-jar", serviceJar.toString()),
                    environment,
                    directory,
                    LISTENING);
        }
        if (variant == Variant.BARE_HTTP) {
            return baseline("BareServer", directory, LISTENING, "--port", "0");
        }
        return baseline(
                "DirectWriteServer",
                directory,
                LISTENING,
                "--port",
                "0",
                "--database",
                databaseUri,
                "--pool",
                String.valueOf(pool),
                "--queue",
                String.valueOf(pool * 10),
                "--queue-timeout",
                "PT5S");
    }

    /** Starts the flusher's statements alone. */
    Child bareUpsert(String databaseUri, int lanes, int batch, int seconds, Path directory) {
        return baseline(
                "BareUpsert",
                directory,
                FIGURES,
                "--database",
                databaseUri,
                "--lanes",
                String.valueOf(lanes),
                "--batch",
                String.valueOf(batch),
                "--seconds",
                String.valueOf(seconds));
    }

    /** Starts the flusher's statements alone over so many rows, of which that share is new, until all are written. */
    public Child bareUpsert(String databaseUri, int lanes, int batch, int rows, double newShare, Path directory) {
        return baseline(
                "BareUpsert",
                directory,
                FIGURES,
                "--database",
                databaseUri,
                "--lanes",
                String.valueOf(lanes),
                "--batch",
                String.valueOf(batch),
                "--rows",
                String.valueOf(rows),
                "--new-share",
                String.valueOf(newShare),
                "--seconds",
                "100000");
    }

    /** Starts Gatling with one scenario. */
    Child client(String scenario, Load load, Path directory) {
        JavaCommand client = JavaCommand.of(
                "client",
                "-Xmx1g",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-Dgatling.data.enableAnalytics=false",
                Load.property("target", load.target()),
                Load.property("rate", load.rate()),
                Load.property("learners", load.learners()),
                Load.property("courseSize", load.courseSize()),
                Load.property("warmUp", load.warmUp()),
                Load.property("duration", load.duration()),
                Load.property("timeout", load.timeout()),
                Load.property("ack", load.ack()),
                Load.property("judged", load.judged()),
                Load.property("output", load.output()),
                "-cp",
                classes + File.pathSeparator + libraries,
                "io.gatling.app.Gatling",
                "-s",
                "dev.writebehind.loadtest.scenario." + scenario,
                "-rf",
                directory.resolve("gatling").toString());
        if (!load.judged()) {
            client.with("-nr");
        }
        return Child.start(client, Map.of(), directory, STARTING);
    }

    /** Makes a directory for the files of a run. */
    public static Path directory(Path parent, String name) {
        try {
            return Files.createDirectories(parent.resolve(name)).toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts the service.
     *
     * @param settings as environment variables
     */
    public Child service(String databaseUri, String heap, Map<String, String> settings, Path directory) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "WRITEBEHIND_DATABASE_URI",
                databaseUri,
                "WRITEBEHIND_HTTP_PORT",
                "0",
                "WRITEBEHIND_MANAGEMENT_PORT",
                "0",
                "WRITEBEHIND_JOURNAL_DIR",
                directory.resolve("journal").toString()));
        environment.putAll(settings);
        return Child.start(
                JavaCommand.of("service", "-Xmx" + heap, "-jar", serviceJar.toString()),
                environment,
                directory,
                LISTENING);
    }

    /** Starts the server that keeps what it takes in a cache, and no more. */
    public Child bareServer(Path directory) {
        return baseline("BareServer", directory, LISTENING, "--port", "0", "--keep");
    }

    /** Starts the same, which answers when what it took is forced to disk, as so many bytes. */
    public Child bareJournalServer(Path directory) {
        String journal = directory.resolve("journal").toString();
        return baseline("BareServer", directory, LISTENING, "--port", "0", "--keep", "--journal", journal);
    }

    /** Starts the server that hands what it takes to a topic. */
    public Child bareLogServer(Path directory, String... settings) {
        return baseline("BareLogServer", directory, LISTENING, settings);
    }

    /**
     * Starts a worker of Kafka Connect, of the libraries that the build has listed.
     *
     * @param properties its settings
     * @param logback the settings of its log, which has to show what the worker tells of its start
     */
    public Child connect(Path properties, Path logback, Path directory) throws IOException {
        Path listed = Path.of("target", "kafka", "classpath");
        if (!Files.isRegularFile(listed)) {
            throw new RunFailedException(listed + " is missing: run mvn antrun:run@kafka, which makes it");
        }
        JavaCommand command = JavaCommand.of(
                "connect",
                "-Xmx1g",
                "-Dlogback.configurationFile=" + logback,
                "-cp",
                Files.readString(listed),
                "org.apache.kafka.connect.cli.ConnectStandalone",
                properties.toString());
        return Child.start(command, Map.of(), directory, CONNECT);
    }

    /** Starts a process that obeys orders, of those that the service is compared with. */
    public Child worker(String name, Path directory, String... settings) {
        return baseline(name, directory, READY, settings);
    }

    /** Starts the client that obeys orders. */
    public Child rawClient(Path directory, String... settings) {
        JavaCommand command = JavaCommand.of(
                        "client", "-Xmx2g", "-cp", classes + File.pathSeparator + libraries, RAW_CLIENT)
                .with(settings);
        return Child.start(command, Map.of(), directory, READY);
    }

    /**
     * Starts an engine at the common work.
     *
     * @param isService whether it runs on the service's jar; else on the load tests' libraries, built with the profile
     *     {@code peers}
     */
    public Child peer(boolean isService, Path directory, String... settings) {
        String classPath = isService
                ? String.join(File.pathSeparator, classes.toString(), serviceJar.toString(), testTools())
                : classes + File.pathSeparator + libraries;
        JavaCommand command = JavaCommand.of(
                        "engine",
                        "-Xmx2g",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        "dev.writebehind.loadtest.peers.PeerRun")
                .with(settings);
        return Child.start(command, Map.of(), directory, PEER);
    }

    /** The service's jar does not hold what the tests share. */
    private String testTools() {
        return Arrays.stream(libraries.split(File.pathSeparator, -1))
                .filter(library -> library.endsWith("-tests.jar"))
                .findFirst()
                .orElseThrow();
    }

    private Child baseline(String server, Path directory, Pattern ready, String... settings) {
        JavaCommand command = JavaCommand.of(
                        server,
                        "-Xmx512m",
                        "-cp",
                        String.join(File.pathSeparator, classes.toString(), serviceJar.toString(), testTools()),
                        BASELINE + server)
                .with(settings);
        return Child.start(command, Map.of(), directory, ready);
    }
}
