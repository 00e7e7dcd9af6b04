package dev.writebehind.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.writebehind.testing.Command;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A management port that speaks HTTPS with a certificate of its own making. */
class TrustTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    Path directory;

    @Test
    void certificateThatNobodyKnows_isRefused_untilItIsGiven() throws Exception {
        HttpsServer server = serving("port", "ip:127.0.0.1");
        try {
            String address = "https://127.0.0.1:" + server.getAddress().getPort();
            CommandRun unknown = CommandRun.of(Map.of(), "resume", "--management", address);
            assertThat(unknown.status()).isEqualTo(4);
            assertThat(unknown.err()).contains("No TLS with", "--ca-file");

            String file = pem("port").toString();
            CommandRun known = CommandRun.of(Map.of(), "resume", "--management", address, "--ca-file", file);
            assertThat(known.status()).as(known.output()).isZero();

            CommandRun missing = CommandRun.of(Map.of(), "resume", "--management", address, "--ca-file", file + "x");
            assertThat(missing.status()).isEqualTo(2);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void portsOwnCertificate_isBelievedUnderAnyName_andNoOtherInItsPlace() throws Exception {
        HttpsServer server = serving("port", "dns:writebehind.example.org");
        try {
            URI address = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
            assertThat(new ManagementClient(address, null, Trust.in(pem("port")))
                            .get("/")
                            .isOk())
                    .isTrue();

            create("other", "ip:127.0.0.1");
            ManagementClient other = new ManagementClient(address, null, Trust.in(pem("other")));
            assertThatThrownBy(() -> other.get("/"))
                    .isInstanceOf(RemoteFailure.class)
                    .hasMessageContaining("No TLS with");
        } finally {
            server.stop(0);
        }
    }

    private HttpsServer serving(String name, String alternative) throws Exception {
        create(name, alternative);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store(name))) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private void create(String name, String alternative) {
        keytool(
                name,
                "-genkeypair -alias own -keyalg EC -dname CN=writebehind -validity 2 -storetype PKCS12 -ext SAN="
                        + alternative);
    }

    private Path pem(String name) throws IOException {
        Path file = directory.resolve(name + ".pem");
        if (!Files.exists(file)) {
            keytool(name, "-exportcert -rfc -alias own -file " + file);
        }
        return file;
    }

    private Path store(String name) {
        return directory.resolve(name + ".p12");
    }

    private void keytool(String name, String arguments) {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String line = keytool + " " + arguments + " -keystore " + store(name) + " -storepass " + PASSWORD;
        assertThat(Command.run(line.split(" ", -1))).as(line).isTrue();
    }
}
