package dev.writebehind.loadtest.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.loadtest.comparison.Child;
import dev.writebehind.loadtest.comparison.Processes;
import dev.writebehind.loadtest.comparison.RunFailedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A worker of Kafka Connect in a process of its own, and its REST interface. Not for concurrent use. */
final class ConnectWorker implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);
    private static final int LOOK_MILLIS = 100;
    /** What it answers while it starts, while it changes something, and to whatever it does not take. */
    private static final int NOT_YET = 404;

    private static final int NOT_NOW = 409;
    private static final int REFUSED = 400;
    private static final int FAILED = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** It tells the brokers twice a second how far a sink has come: so it is known when all is in the table. */
    private static final String PROPERTIES = """
            bootstrap.servers=%s
            key.converter=org.apache.kafka.connect.json.JsonConverter
            value.converter=org.apache.kafka.connect.json.JsonConverter
            offset.storage.file.filename=%s
            offset.flush.interval.ms=500
            listeners=http://127.0.0.1:0
            plugin.discovery=service_load
            """;

    private static final String LOGBACK = """
            <configuration>
              <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%d{"HH:mm:ss.SSS"} %-5level [%thread] %logger{20} - %msg%n</pattern></encoder>
              </appender>
              <logger name="org.apache.kafka.connect.runtime.rest.RestServer" level="INFO"/>
              <root level="WARN"><appender-ref ref="console"/></root>
            </configuration>
            """;

    private final Child child;
    private final String uri;
    private final HttpClient http = HttpClient.newHttpClient();

    private ConnectWorker(Child child, String uri) {
        this.child = child;
        this.uri = uri;
    }

    /** Starts it; returns when it takes orders. */
    static ConnectWorker start(Processes processes, String bootstrapServers, Path directory)
            throws IOException, InterruptedException {
        Path properties = directory.resolve("worker.properties");
        Path logback = directory.resolve("logback.xml");
        Files.writeString(properties, PROPERTIES.formatted(bootstrapServers, directory.resolve("offsets")));
        Files.writeString(logback, LOGBACK);
        Child child = processes.connect(properties, logback, directory);
        try {
            ConnectWorker worker =
                    new ConnectWorker(child, child.awaitReady(START).group(1));
            worker.request("GET", "/connectors", BodyPublishers.noBody());
            return worker;
        } catch (RunFailedException e) {
            child.close();
            throw e;
        }
    }

    long pid() {
        return child.pid();
    }

    /** Starts a connector, or changes its settings. */
    void configure(String connector, Map<String, String> settings) throws IOException, InterruptedException {
        String body = JSON.writeValueAsString(settings);
        request("PUT", "/connectors/" + connector + "/config", BodyPublishers.ofString(body));
    }

    void delete(String connector) throws IOException, InterruptedException {
        request("DELETE", "/connectors/" + connector, BodyPublishers.noBody());
    }

    /** Starts a connector's failed tasks once more. */
    void restartFailed(String connector) throws IOException, InterruptedException {
        String path = "/connectors/" + connector + "/restart?includeTasks=true&onlyFailed=true";
        request("POST", path, BodyPublishers.noBody());
    }

    /** Returns how many of a connector's tasks are in that state, as RUNNING and FAILED. */
    long tasks(String connector, String state) throws IOException, InterruptedException {
        long count = 0;
        for (JsonNode task : status(connector).path("tasks")) {
            count += task.path("state").asText().equals(state) ? 1 : 0;
        }
        return count;
    }

    /** Returns the first line of what a failed task says. */
    String failure(String connector) throws IOException, InterruptedException {
        for (JsonNode task : status(connector).path("tasks")) {
            if (task.path("state").asText().equals("FAILED")) {
                return task.path("trace").asText().lines().findFirst().orElse("");
            }
        }
        return "";
    }

    private JsonNode status(String connector) throws IOException, InterruptedException {
        HttpResponse<String> answer = send("GET", "/connectors/" + connector + "/status", BodyPublishers.noBody());
        return JSON.readTree(answer.body());
    }

    /** Asks again where it says that it is not ready yet. */
    private void request(String method, String path, BodyPublisher body) throws IOException, InterruptedException {
        long end = System.nanoTime() + START.toNanos();
        HttpResponse<String> answer = send(method, path, body);
        while (comesLater(answer.statusCode()) && System.nanoTime() < end) {
            Thread.sleep(LOOK_MILLIS);
            answer = send(method, path, body);
        }
        if (answer.statusCode() >= REFUSED) {
            throw new RunFailedException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
        }
    }

    private static boolean comesLater(int status) {
        return status == NOT_YET || status == NOT_NOW || status >= FAILED;
    }

    private HttpResponse<String> send(String method, String path, BodyPublisher body)
            throws IOException, InterruptedException {
        if (!child.isAlive()) {
            throw new RunFailedException(child.death());
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(uri + path))
                .header("content-type", "application/json")
                .method(method, body)
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    @Override
    public void close() {
        child.close();
    }
}
