package dev.writebehind.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Futures;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SelfSignedCertificate;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That nothing which a watched server answers goes unseen. */
class ContractWatchTest {
    private final ContractWatch watch = new ContractWatch();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answer_thatIsNotDocumented_isSeen(boolean tls) throws Exception {
        HttpServerOptions options = new HttpServerOptions().setHost("localhost").setPort(0);
        SelfSignedCertificate certificate = SelfSignedCertificate.create("localhost");
        if (tls) {
            options.setSsl(true).setKeyCertOptions(certificate.keyCertOptions());
        }
        Vertx vertx =
                Vertx.builder().withTransport(watch.transport(port -> false)).build();
        try {
            HttpServer server = Futures.await(vertx.createHttpServer(options)
                    .requestHandler(request -> request.body()
                            .onSuccess(body ->
                                    request.response().setStatusCode(418).end("x".repeat(body.length()))))
                    .listen());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            HttpClient client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .sslContext(context)
                    .build();
            URI uri = URI.create((tls ? "https" : "http") + "://localhost:" + server.actualPort() + "/v1/completions");
            for (int length : List.of(1, 100_000)) {
                HttpRequest request = HttpRequest.newBuilder(uri)
                        .POST(BodyPublishers.ofString("y".repeat(length)))
                        .build();
                assertThat(client.send(request, BodyHandlers.ofString()).body()).hasSize(length);
            }
            assertThat(watch.end())
                    .containsExactly(
                            "POST /v1/completions → 418: the status is not documented",
                            "POST /v1/completions → 418: the status is not documented");
        } finally {
            certificate.delete();
            Futures.await(vertx.close());
        }
    }
}
