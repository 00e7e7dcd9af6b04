package dev.writebehind.auth;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SelfSignedCertificate;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How a key set is fetched. */
@ExtendWith(VertxExtension.class)
class JwksUrlTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(4);

    private Vertx vertx;

    @BeforeEach
    void take(Vertx own) {
        vertx = own;
    }

    private String serve(HttpServerOptions options, Handler<HttpServerRequest> handler) throws Exception {
        int port = await(vertx.createHttpServer(options.setHost("127.0.0.1").setPort(0))
                        .requestHandler(handler)
                        .listen())
                .actualPort();
        return (options.isSsl() ? "https" : "http") + "://localhost:" + port + "/jwks.json?a=b";
    }

    private String read(String url) throws Exception {
        return await(new JwksUrl(vertx, url, new HttpClientOptions(), TIMEOUT).read());
    }

    private void assertFails(String url, String reason) {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> read(url))
                .withMessageContaining(reason);
    }

    @Test
    void read_returnsTheAnswersBody() throws Exception {
        String url = serve(
                new HttpServerOptions(),
                request -> request.response().end(request.uri() + " " + request.getHeader("accept")));

        assertThat(read(url)).isEqualTo("/jwks.json?a=b application/json");
    }

    @Test
    void read_ofAnErrorOrARedirect_failsAndFollowsNothing() throws Exception {
        AtomicInteger followed = new AtomicInteger();
        String elsewhere = serve(new HttpServerOptions(), request -> {
            followed.incrementAndGet();
            request.response().end("{}");
        });
        String redirect = serve(
                new HttpServerOptions(),
                request -> request.response()
                        .setStatusCode(302)
                        .putHeader("location", elsewhere)
                        .end());
        String error = serve(
                new HttpServerOptions(),
                request -> request.response().setStatusCode(500).end());

        assertFails(redirect, "status 302");
        assertFails(error, "status 500");
        assertThat(followed).hasValue(0);
    }

    @Test
    void read_ofAnEndlessAnswer_fails() throws Exception {
        String url = serve(new HttpServerOptions(), request -> {
            request.response().setChunked(true);
            vertx.setPeriodic(1, tick -> {
                if (!request.response().closed()) {
                    request.response().write(Buffer.buffer(new byte[100_000]));
                }
            });
        });

        assertFails(url, "larger than a key set can be");
    }

    @Test
    void read_ofASilentOrAStallingServer_failsInTime() throws Exception {
        String silent = serve(new HttpServerOptions(), request -> {});
        String stalling = serve(
                new HttpServerOptions(),
                request -> request.response().setChunked(true).write("{\"keys\":"));

        assertFails(silent, "imeout");
        assertFails(stalling, "imeout");
    }

    @Test
    void read_whereNobodyListens_fails() {
        assertFails("http://localhost:1/jwks.json", "onnection refused");
    }

    @Test
    void read_overTls_asksForACertificateThatIsTrusted() throws Exception {
        SelfSignedCertificate own = SelfSignedCertificate.create("localhost");
        SelfSignedCertificate ofAnotherHost = SelfSignedCertificate.create("other.example");
        String url = serve(
                new HttpServerOptions().setSsl(true).setKeyCertOptions(own.keyCertOptions()),
                request -> request.response().end("{}"));
        String wrongHost = serve(
                new HttpServerOptions().setSsl(true).setKeyCertOptions(ofAnotherHost.keyCertOptions()),
                request -> request.response().end("{}"));

        assertFails(url, "SSL");
        assertThat(await(new JwksUrl(vertx, url, new HttpClientOptions().setTrustOptions(own.trustOptions()), TIMEOUT)
                        .read()))
                .isEqualTo("{}");
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> await(new JwksUrl(
                                vertx,
                                wrongHost,
                                new HttpClientOptions().setTrustOptions(ofAnotherHost.trustOptions()),
                                TIMEOUT)
                        .read()))
                .withMessageContaining("SSL");
    }
}
