package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.cli.CommandRun;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.Haproxy;
import dev.writebehind.testing.KafkaCluster;
import dev.writebehind.testing.Packaging;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What {@code docker/compose-shared-log.yaml} describes, without containers: brokers with its settings, its two
 * commands, two instances with its variables, and its proxy.
 */
class SharedLogPackagingIT {
    private static final String TOKEN = "a-token-of-a-server";
    private static final String COURSE = "course-v1:O+C+R";

    private static KafkaCluster brokers;
    private static TestDatabase database;
    private static Map<String, String> environment;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeAll
    static void start() throws IOException {
        brokers = KafkaCluster.startWith(Packaging.brokerSettings("kafka-1"));
        database = TestDatabase.create();
        Path secrets = TemporaryDirectory.create("secrets");
        environment =
                new HashMap<>(Packaging.variables(Packaging.yaml("docker/compose-shared-log.yaml"), "writebehind-1"));
        environment.replace("WRITEBEHIND_DATABASE_URI", database.uri());
        environment.replace("WRITEBEHIND_JOURNAL_KAFKA_BOOTSTRAP_SERVERS", brokers.bootstrapServers());
        for (String secret : List.of("API", "MANAGEMENT")) {
            environment.replace(
                    secret.equals("API") ? "WRITEBEHIND_AUTH_TOKENS_FILE" : "WRITEBEHIND_MANAGEMENT_TOKENS_FILE",
                    Files.writeString(secrets.resolve(secret), TOKEN).toString());
        }
    }

    @AfterAll
    static void end() {
        if (database != null) {
            database.close();
        }
        if (brokers != null) {
            brokers.close();
        }
    }

    @Test
    void brokers_haveEverySettingOfTheFile() throws IOException, InterruptedException, ExecutionException {
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
        Config config =
                brokers.admin().describeConfigs(List.of(broker)).all().get().get(broker);

        Packaging.brokerSettings("kafka-1").forEach((name, value) -> {
            assertThat(config.get(name)).as(name).isNotNull();
            assertThat(config.get(name).value()).as(name).isEqualTo(value);
        });
    }

    @Test
    void all_serves_behindItsProxy_andGoesOnWithoutAnInstance_andWithoutABroker() throws Exception {
        for (int start = 0; start < 2; start++) {
            assertThat(command("topic", "create", "--if-missing").status()).isZero();
            assertThat(command("migrate").status()).isZero();
        }
        CommandRun check = command("check");
        assertThat(check.status()).as(check.output()).isZero();
        assertThat(check.out()).doesNotContain("time-out", "timeout", "lag.time");

        int api = KafkaCluster.freePort();
        int management = KafkaCluster.freePort();
        try (ChildService one = instance(0, api, management);
                ChildService other = instance(1, api, management);
                Haproxy proxy = Haproxy.start(api, management)) {
            one.uri("/");
            other.uri("/");
            writesAreTaken(proxy, 0);
            one.kill();
            writesAreTaken(proxy, 20);
            brokers.kill(1);
            writesAreTaken(proxy, 40);

            assertThat(send(proxy, "GET", "/v1/users/1/completions?course_key=course-v1:O%2BC%2BR", "")
                            .body())
                    .contains(IntStream.range(0, 60)
                            .mapToObj(i -> "\"b" + i + "\"")
                            .toList());
            brokers.restart(1);
            Awaitility.await("rows")
                    .until(() -> database.value("SELECT COUNT(*) FROM completion_blockcompletion"), "60"::equals);
        }
    }

    /** Each is sent until it is taken, as the sender of a write does. */
    private void writesAreTaken(Haproxy proxy, int from) {
        for (int i = from; i < from + 20; i++) {
            String body = Bodies.write(1, COURSE, "b" + i, 0.5);
            Awaitility.await("write " + i)
                    .ignoreException(IOException.class)
                    .until(() -> send(proxy, "POST", "/v1/completions", body).statusCode() == 202);
        }
    }

    private HttpResponse<String> send(Haproxy proxy, String method, String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(proxy.uri(path))
                        .header("content-type", "application/json")
                        .header("authorization", "Bearer " + TOKEN)
                        .method(method, BodyPublishers.ofString(body))
                        .timeout(Patience.LONG)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static ChildService instance(int number, int api, int management) {
        Map<String, String> variables = new HashMap<>(environment);
        for (String port : List.of("HTTP", "MANAGEMENT")) {
            variables.put("WRITEBEHIND_" + port + "_HOST", Haproxy.HOSTS.get(number));
            variables.put("WRITEBEHIND_" + port + "_PORT", String.valueOf(port.equals("HTTP") ? api : management));
        }
        return ChildService.in(variables, List.of("-Xmx192m", "-XX:+UseSerialGC"));
    }

    private static CommandRun command(String... arguments) {
        return CommandRun.with(environment, arguments);
    }
}
