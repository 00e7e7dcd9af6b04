package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.writebehind.testing.Haproxy;
import dev.writebehind.testing.KafkaCluster;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the proxy of {@code src/packaging/docker} does with requests when an instance fails, by HAProxy itself. */
class ProxyFileTest {
    private static final int API = KafkaCluster.freePort();
    private static final int MANAGEMENT = KafkaCluster.freePort();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Instance> instances = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Haproxy proxy;

    @BeforeEach
    void start() throws IOException {
        for (String host : Haproxy.HOSTS) {
            instances.add(new Instance(host));
        }
        proxy = Haproxy.start(API, MANAGEMENT);
    }

    @AfterEach
    void close() {
        instances.forEach(Instance::close);
        threads.shutdownNow();
        if (proxy != null) {
            proxy.close();
        }
    }

    @Test
    void requests_goToAllThatAreReady() throws Exception {
        send("POST", "first");
        send("POST", "second");

        assertThat(first().bodies).hasSize(1);
        assertThat(second().bodies).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE", "GET"})
    void request_thatCannotReachAnInstance_goesWholeToAnother(String method) throws Exception {
        first().stopListening();
        for (int i = 0; i < 4; i++) {
            String body = String.valueOf(i).repeat(100_000);
            assertThat(send(method, body).statusCode()).isEqualTo(202);
            assertThat(second().bodies.get(i)).isEqualTo(method.equals("GET") ? "" : body);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE"})
    void change_thatWasSent_isNeverSentAgain(String method) throws Exception {
        first().answers = 0;
        int failed = 0;
        for (int i = 0; i < 4; i++) {
            failed += isAnswered(method) ? 0 : 1;
        }

        assertThat(failed).isPositive().isEqualTo(first().bodies.size());
        assertThat(second().bodies).hasSize(4 - failed);
    }

    @Test
    void read_thatWasSent_isSentAgain() throws Exception {
        first().answers = 0;
        for (int i = 0; i < 4; i++) {
            assertThat(send("GET", "").statusCode()).isEqualTo(202);
        }

        assertThat(first().bodies).isNotEmpty();
    }

    @Test
    void instance_thatIsNotReady_getsNothing_whileAnotherIs() throws Exception {
        first().isReady = false;
        awaitProbes();
        first().bodies.clear();
        for (int i = 0; i < 4; i++) {
            assertThat(send("POST", "x").statusCode()).isEqualTo(202);
        }

        assertThat(first().bodies).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE", "GET"})
    void whereNoneIsReady_oneThatLivesSaysWhy(String method) throws Exception {
        for (Instance instance : instances) {
            instance.isReady = false;
            instance.answers = 503;
        }
        awaitProbes();
        HttpResponse<String> answer = send(method, "x");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("from an instance");
        assertThat(first().bodies.size() + second().bodies.size()).isEqualTo(1);
    }

    /** Where the answer is lost, the first request of a connection is answered 502; later ones find it closed. */
    private boolean isAnswered(String method) throws Exception {
        try {
            return send(method, "x").statusCode() == 202;
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("received no bytes");
            return false;
        }
    }

    /** Two of each: the answer to the first may have been on its way when the instance changed. */
    private void awaitProbes() {
        for (Instance instance : instances) {
            int seen = instance.probes.size();
            Awaitility.await("probes").until(() -> instance.probes.size() > seen + 4);
        }
    }

    private HttpResponse<String> send(String method, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(proxy.uri("/v1/completions"));
        request.method(method, method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private Instance first() {
        return instances.get(0);
    }

    private Instance second() {
        return instances.get(1);
    }

    /** What answers in the place of an instance, and keeps the bodies that it was sent. */
    private final class Instance {
        private final HttpServer api;
        private final HttpServer management;
        private final List<String> bodies = new CopyOnWriteArrayList<>();
        private final List<String> probes = new CopyOnWriteArrayList<>();
        private volatile boolean isReady = true;
        /** The status; 0: it closes the connection. */
        private volatile int answers = 202;

        Instance(String host) throws IOException {
            api = HttpServer.create(new InetSocketAddress(host, API), 0);
            management = HttpServer.create(new InetSocketAddress(host, MANAGEMENT), 0);
            api.createContext("/", exchange -> {
                bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                answer(exchange, answers);
            });
            management.createContext("/health/", exchange -> {
                String path = exchange.getRequestURI().getPath();
                answer(exchange, isReady || path.equals("/health/live") ? 200 : 503);
                probes.add(path);
            });
            for (HttpServer server : List.of(api, management)) {
                server.setExecutor(threads);
                server.start();
            }
        }

        private static void answer(HttpExchange exchange, int status) throws IOException {
            try (exchange) {
                if (status != 0) {
                    byte[] body = "from an instance".getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, body.length);
                    exchange.getResponseBody().write(body);
                }
            }
        }

        void stopListening() {
            api.stop(0);
        }

        void close() {
            api.stop(0);
            management.stop(0);
        }
    }
}
