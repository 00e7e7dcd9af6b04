package dev.writebehind;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestCertificates;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.junit5.VertxExtension;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ports with certificates. */
@ExtendWith(VertxExtension.class)
class PortTlsIT {
    private static final int MAX_WAIT_MILLIS = Math.toIntExact(Patience.LONG.toMillis());
    /** Long enough for a handshake on a busy machine, which counts as well. */
    private static final String HASTY = "http.request-timeout=2s";

    private static final String WRITES = "/v1/completions";
    private static final String WRITE = Bodies.write(
            1, "course-v1:OpenedX+DemoX+DemoCourse", "block-v1:OpenedX+DemoX+DemoCourse+type@video+block@intro", 0.5);

    @TempDir
    private Path directory;

    private Vertx vertx;
    private TestCertificates authority;
    private TestCertificates clients;
    private Path certificate;
    private Path key;
    private TestDatabase database;

    @BeforeEach
    void prepare(Vertx own) throws Exception {
        vertx = own;
        authority = new TestCertificates(directory, "authority");
        clients = new TestCertificates(directory, "clients");
        certificate = directory.resolve("tls.crt");
        key = directory.resolve("tls.key");
        put(authority.server("first"));
        database = TestDatabase.create();
    }

    @AfterEach
    void drop() {
        database.close();
    }

    private void put(TestCertificates.Pair pair) throws Exception {
        Files.copy(pair.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(pair.key(), key, StandardCopyOption.REPLACE_EXISTING);
    }

    private RunningService start(String... more) {
        String[] settings = Stream.concat(
                        Stream.of("http.tls.certificate=" + certificate, "http.tls.key=" + key), Stream.of(more))
                .toArray(String[]::new);
        return RunningService.start(database.uri(), settings);
    }

    private HttpClientOptions options(HttpVersion version) {
        return new HttpClientOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setProtocolVersion(version)
                .setTrustOptions(
                        new PemTrustOptions().addCertPath(authority.ca().toString()))
                .setDefaultHost("localhost");
    }

    private HttpClientAgent client(HttpVersion version) {
        HttpClientAgent client = vertx.createHttpClient(options(version), new PoolOptions().setHttp1MaxSize(1));
        held.add(client);
        return client;
    }

    /** Vert.x closes those that nobody refers to. */
    private final List<HttpClient> held = new ArrayList<>();

    private record Answer(int status, HttpVersion version, String body) {}

    private static Future<Answer> answer(HttpClientRequest request) {
        return request.response()
                .compose(response -> response.body()
                        .map(body -> new Answer(response.statusCode(), response.version(), body.toString())));
    }

    private static Answer send(HttpClient client, int port, HttpMethod method, String path, String body) {
        return await(client.request(
                        new RequestOptions().setPort(port).setMethod(method).setURI(path))
                .compose(request -> {
                    request.putHeader("content-type", "application/json");
                    Future<Answer> answered = answer(request);
                    request.end(body);
                    return answered;
                }));
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
    @ShowsEffectOf({"http.tls.certificate", "http.tls.key", "management.tls.certificate", "management.tls.key"})
    void bothPorts_speakHttps_inEitherVersion(HttpVersion version) {
        try (RunningService service = start("management.tls.certificate=" + certificate, "management.tls.key=" + key)) {
            HttpClient client = client(version);
            int management = service.service().managementPort();

            Answer live = send(client, management, HttpMethod.GET, "/health/live", "");
            assertThat(live.status()).isEqualTo(200);
            assertThat(live.version()).isEqualTo(version);
            Answer taken = send(client, service.port(), HttpMethod.POST, WRITES, WRITE);
            assertThat(taken.status()).as(taken.body()).isEqualTo(202);
            assertThat(taken.version()).isEqualTo(version);
            assertThat(service.logged(Level.INFO))
                    .anyMatch(
                            line -> line.contains("Listening on https://") && line.contains("management on https://"));
        }
    }

    /** A greeting of TLS 1.1, and one of 1.2 that offers no cipher but a weak one. */
    @ParameterizedTest
    @CsvSource({"0302, c013, 70", "0303, 002f, 40", "0303, c013, 40"})
    void oldVersionsAndWeakCiphers_areRefused(String version, String cipher, int alert) throws Exception {
        try (RunningService service = start()) {
            String hello = version + "00".repeat(32) + "00" + "0002" + cipher + "0100";
            String handshake = "01" + String.format("%06x", hello.length() / 2) + hello;
            String packet = "160301" + String.format("%04x", handshake.length() / 2) + handshake;
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
                socket.setSoTimeout(MAX_WAIT_MILLIS);
                socket.getOutputStream().write(HexFormat.of().parseHex(packet));
                byte[] answer = socket.getInputStream().readNBytes(7);
                assertThat(answer[0]).as("an alert").isEqualTo((byte) 21);
                assertThat(answer[6]).isEqualTo((byte) alert);
            }
        }
    }

    @Test
    @ShowsEffectOf({
        "http.tls.client-auth",
        "http.tls.client-ca",
        "management.tls.client-auth",
        "management.tls.client-ca"
    })
    void clientAuthRequired_takesThoseWithACertificateOfTheAuthorityAlone() {
        try (RunningService service = start(
                "http.tls.client-auth=required",
                "http.tls.client-ca=" + clients.ca(),
                "management.tls.certificate=" + certificate,
                "management.tls.key=" + key,
                "management.tls.client-auth=required",
                "management.tls.client-ca=" + clients.ca())) {
            TestCertificates.Pair own = clients.issue("client", builder -> builder);
            TestCertificates.Pair foreign = authority.issue("foreign", builder -> builder);

            assertThat(catchThrowable(
                            () -> send(client(HttpVersion.HTTP_2), service.port(), HttpMethod.POST, WRITES, WRITE)))
                    .isNotNull();
            assertThat(catchThrowable(() -> send(showing(foreign), service.port(), HttpMethod.POST, WRITES, WRITE)))
                    .isNotNull();
            assertThat(send(showing(own), service.port(), HttpMethod.POST, WRITES, WRITE)
                            .status())
                    .isEqualTo(202);
            int management = service.service().managementPort();
            assertThat(catchThrowable(() -> send(showing(foreign), management, HttpMethod.GET, "/admin/status", "")))
                    .isNotNull();
            assertThat(send(showing(own), management, HttpMethod.GET, "/admin/status", "")
                            .status())
                    .isEqualTo(200);
        }
    }

    private HttpClient showing(TestCertificates.Pair pair) {
        HttpClient client = vertx.createHttpClient(options(HttpVersion.HTTP_2)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertPath(pair.certificate().toString())
                        .addKeyPath(pair.key().toString())));
        held.add(client);
        return client;
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
    void certificateReplacedUnderLoad_isShownToNewConnections_andDropsNone(HttpVersion version) throws Exception {
        try (RunningService service = start()) {
            HttpClient client = client(version);
            AtomicInteger connections = new AtomicInteger();
            HttpClient counting = vertx.httpClientBuilder()
                    .with(options(version))
                    .with(new PoolOptions().setHttp1MaxSize(1))
                    .withConnectHandler(connection -> connections.incrementAndGet())
                    .build();
            AtomicBoolean goesOn = new AtomicBoolean(true);
            AtomicInteger taken = new AtomicInteger();
            Thread load = new Thread(() -> {
                while (goesOn.get()) {
                    if (send(counting, service.port(), HttpMethod.POST, WRITES, WRITE)
                                    .status()
                            == 202) {
                        taken.incrementAndGet();
                    }
                }
            });
            load.start();
            await().until(() -> taken.get() > 10);

            TestCertificates.Pair second = authority.server("second");
            put(second);

            await().until(() -> shown(service.port()).equals(second.bundle().getCertificate()));
            int before = taken.get();
            await().until(() -> taken.get() > before + 10);
            goesOn.set(false);
            load.join();
            assertThat(connections).hasValue(1);
            assertThat(send(client, service.port(), HttpMethod.POST, WRITES, WRITE)
                            .status())
                    .isEqualTo(202);
        }
    }

    @Test
    void brokenPair_leavesTheOldOneInForce_andIsAConditionUntilMended() throws Exception {
        try (RunningService service = start()) {
            X509Certificate first = shown(service.port());
            TestCertificates.Pair second = authority.server("second");
            Files.copy(second.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);

            await().untilAsserted(() -> assertThat(
                            service.manage("GET", "/health/ready").body())
                    .contains("certificate-unreadable", "is not the key of the certificate in"));
            assertThat(shown(service.port())).isEqualTo(first);

            Files.copy(second.key(), key, StandardCopyOption.REPLACE_EXISTING);

            await().untilAsserted(() ->
                    assertThat(service.manage("GET", "/health/ready").body()).doesNotContain("certificate-unreadable"));
            await().until(() -> shown(service.port()).equals(second.bundle().getCertificate()));
        }
    }

    @Test
    void start_withAPairThatDoesNotGoTogether_isRefused() throws Exception {
        Files.copy(authority.server("second").key(), key, StandardCopyOption.REPLACE_EXISTING);

        assertThat(catchThrowable(this::start)).hasMessageContaining("is not the key of the certificate in");
    }

    @Test
    void slowHead_isHungUpOn() throws Exception {
        try (RunningService service = start(HASTY);
                SSLSocket socket = connect(service.port())) {
            socket.setSoTimeout(MAX_WAIT_MILLIS);
            socket.getOutputStream().write("POST /v1/completions HTTP/1.1\r\nHost:".getBytes(StandardCharsets.UTF_8));

            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @Test
    void requestThatCouldBeReadInTwoWays_isRefused() throws Exception {
        try (RunningService service = start();
                SSLSocket socket = connect(service.port())) {
            socket.setSoTimeout(MAX_WAIT_MILLIS);
            socket.getOutputStream()
                    .write(String.join(
                                    "\r\n",
                                    "POST /v1/completions HTTP/1.1",
                                    "Host: localhost",
                                    "Content-Length: 4",
                                    "Transfer-Encoding: chunked",
                                    "",
                                    "0",
                                    "",
                                    "")
                            .getBytes(StandardCharsets.UTF_8));
            InputStream in = socket.getInputStream();

            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400")
                    .contains("there are both transfer-encoding and content-length");
        }
    }

    @Test
    void bodyOverHttp2_thatDoesNotArrive_isAnswered408() {
        try (RunningService service = start(HASTY)) {
            HttpClientAgent client = client(HttpVersion.HTTP_2);
            Answer late = await(client.request(post(service)).compose(request -> {
                request.putHeader("content-type", "application/json").setChunked(true);
                Future<Answer> answered = answer(request.exceptionHandler(reset -> {}));
                request.write("{");
                return answered;
            }));

            assertThat(late.status()).isEqualTo(408);
            assertThat(send(client, service.port(), HttpMethod.POST, WRITES, WRITE)
                            .status())
                    .as("others on the connection go on")
                    .isEqualTo(202);
        }
    }

    /** Or its body might go on for ever, and a stop would wait for it. */
    @Test
    void streamOfHttp2_answeredBeforeItsBodyEnds_isReset() throws Exception {
        try (RunningService service = start("auth.mode=token", "auth.tokens=a-token-of-a-server")) {
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            Answer refused =
                    await(client(HttpVersion.HTTP_2).request(post(service)).compose(request -> {
                        request.exceptionHandler(ended::complete).setChunked(true);
                        Future<Answer> answered = answer(request);
                        request.write("[");
                        return answered;
                    }));

            assertThat(refused.status()).isEqualTo(401);
            assertThat(ended.get(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS)).isInstanceOf(StreamResetException.class);
        }
    }

    /** Vert.x tells of such a connection only when its settings have come. */
    @Test
    void connectionOfHttp2_thatSaysNothing_isClosed() throws Exception {
        try (RunningService service = start(HASTY);
                SSLSocket socket = connect(service.port(), "h2")) {
            assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
            socket.setSoTimeout(MAX_WAIT_MILLIS);
            InputStream in = socket.getInputStream();
            while (in.read() >= 0) {
                // the server's own settings
            }
        }
    }

    @Test
    void connectionOfHttp2_withoutARequest_isClosed() throws Exception {
        try (RunningService service = start(HASTY)) {
            HttpClientAgent client = client(HttpVersion.HTTP_2);
            CountDownLatch closed = new CountDownLatch(1);
            await(client.connect(
                            new HttpConnectOptions().setPort(service.port()).setHost("localhost"))
                    .map(connection -> connection.closeHandler(gone -> closed.countDown())));

            assertThat(closed.await(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void bodyOverHttp2_withOrWithoutItsLength_isTakenOr413(boolean isChunked) {
        try (RunningService service = start("http.max-body=64KiB")) {
            HttpClientAgent client = client(HttpVersion.HTTP_2);
            assertThat(post(service, client, isChunked, WRITE).status()).isEqualTo(202);

            assertThat(post(service, client, isChunked, " ".repeat(65 * 1024) + WRITE)
                            .status())
                    .isEqualTo(413);

            assertThat(post(service, client, isChunked, WRITE).status()).isEqualTo(202);
        }
    }

    private Answer post(RunningService service, HttpClient client, boolean isChunked, String body) {
        return await(client.request(post(service)).compose(request -> {
            request.putHeader("content-type", "application/json");
            if (isChunked) {
                request.setChunked(true);
            } else {
                request.putHeader("content-length", String.valueOf(body.length()));
            }
            Future<Answer> answered = answer(request);
            int half = body.length() / 2;
            request.write(body.substring(0, half));
            request.end(body.substring(half));
            return answered;
        }));
    }

    private static RequestOptions post(RunningService service) {
        return new RequestOptions()
                .setPort(service.port())
                .setMethod(HttpMethod.POST)
                .setURI(WRITES);
    }

    @ParameterizedTest
    @CsvSource({
        "authorization, two authorization",
        "content-type, two content-type",
        "content_length, is not taken in this spelling",
    })
    void fieldsOverHttp2_thatCouldBeReadInTwoWays_areRefused(String name, String reason) {
        try (RunningService service = start()) {
            Answer refused =
                    await(client(HttpVersion.HTTP_2).request(post(service)).compose(request -> {
                        request.headers().add(name, "application/json").add(name, "other");
                        Future<Answer> answered = answer(request);
                        request.end(WRITE);
                        return answered;
                    }));

            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.body()).contains(reason);
        }
    }

    @Test
    void streamsOfAConnection_andTheirHeaders_areBounded() {
        try (RunningService service = start()) {
            HttpClientConnection connection = await(client(HttpVersion.HTTP_2)
                    .connect(new HttpConnectOptions().setPort(service.port()).setHost("localhost")));
            await().until(() -> connection.remoteSettings().getMaxConcurrentStreams() == 100);
            assertThat(connection.remoteSettings().getMaxHeaderListSize()).isEqualTo(16 * 1024);
        }
    }

    private SSLSocket connect(int port, String... protocols) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {authority.trust()}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private X509Certificate shown(int port) throws Exception {
        try (SSLSocket socket = connect(port)) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }
}
