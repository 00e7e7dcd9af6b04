package dev.writebehind.testing;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * HAProxy with the file of {@code src/packaging/docker}, in front of two instances on addresses of this machine. Safe
 * for any thread.
 */
public final class Haproxy implements AutoCloseable {
    /** The addresses of the two instances. */
    public static final List<String> HOSTS = List.of("127.0.0.2", "127.0.0.3");

    private static final Pattern NEVER = Pattern.compile("(?!)");

    private final int port;
    private final ChildProcess process;

    private Haproxy(int port, ChildProcess process) {
        this.port = port;
        this.process = process;
    }

    /**
     * Starts it; skips the test where it is not installed.
     *
     * @param api the instances' port
     * @param management their port of management
     */
    public static Haproxy start(int api, int management) {
        assumeThat(Command.run("haproxy", "-v")).as("haproxy is installed").isTrue();
        int port = KafkaCluster.freePort();
        Path file = TemporaryDirectory.create("haproxy").resolve("haproxy.cfg");
        try {
            String text = Packaging.read("docker/haproxy.cfg");
            for (int i = 0; i < HOSTS.size(); i++) {
                text = text.replace("writebehind-" + (i + 1) + ":8080", HOSTS.get(i) + ":" + api);
            }
            Files.writeString(
                    file,
                    text.replace("check port 8081", "check port " + management)
                            .replace("bind :8080", "bind 127.0.0.1:" + port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ProcessBuilder program = new ProcessBuilder("haproxy", "-db", "-f", file.toString());
        Haproxy started = new Haproxy(port, ChildProcess.start("haproxy", program, NEVER));
        Awaitility.await("haproxy").until(started::listens);
        return started;
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false; // not yet
        }
    }

    /** Returns a path's address. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    @Override
    public void close() {
        process.close();
    }
}
