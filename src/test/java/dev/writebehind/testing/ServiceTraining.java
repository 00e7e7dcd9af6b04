package dev.writebehind.testing;

import dev.writebehind.cli.Main;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A service that loads what most services of tests load, takes a write, and ends, so that its JVM leaves an archive of
 * these classes.
 */
final class ServiceTraining {
    private static final String NOBODY = "127.0.0.1:1";

    private ServiceTraining() {}

    /** Loads Kafka's clients, and serves. */
    public static void main(String[] arguments) {
        Map<String, Object> cluster = Map.of("bootstrap.servers", NOBODY);
        new KafkaProducer<>(cluster, new ByteArraySerializer(), new ByteArraySerializer()).close(Duration.ZERO);
        new KafkaConsumer<>(cluster, new ByteArrayDeserializer(), new ByteArrayDeserializer()).close();
        Admin.create(cluster).close(Duration.ZERO);
        Main.main(arguments);
    }

    /** Runs one on that JVM, to its end. */
    static void run(List<String> jvm) throws IOException {
        List<String> command = new ArrayList<>(jvm);
        command.add(ServiceTraining.class.getName());
        try (TestDatabase database = TestDatabase.create();
                ChildProcess service = JavaCommand.of("training", command.toArray(String[]::new))
                        .in(ChildService.environment(database.uri()))
                        .readyAt(ChildService.LISTENING)
                        .start()) {
            URI uri = URI.create(service.awaitReady(Patience.VERY_LONG).group(1) + "/v1/completions?ack=database");
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(uri)
                                    .header("content-type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(
                                            Bodies.write(1, "course-v1:O+C+R", "b", 0.5)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("the training's write was not stored: " + answer.body());
            }
            service.terminate();
            service.exitCode(Patience.VERY_LONG);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
