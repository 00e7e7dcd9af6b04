package dev.writebehind.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.writebehind.testing.CuttableProxy.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A network that loses what is sent over it, without a word to anybody, and of which nothing remains. */
class NetworkNamespaceTest {
    /** Long enough for an attempt to connect to be repeated. */
    private static final int SILENCE_MILLIS = 1_500;

    private static final String LINK = "dev wb-side-";

    private static Optional<NetworkNamespace> namespace = Optional.empty();
    private static ServerSocket echo;

    /** A process with a link, of which it prints where it leads. */
    static final class Parent {
        public static void main(String[] args) throws InterruptedException {
            NetworkNamespace own = NetworkNamespace.create().orElseThrow();
            System.out.println("gate " + own.pid() + " at " + own.side().addressOf(1));
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @BeforeAll
    static void create() throws IOException {
        namespace = NetworkNamespace.create();
        assumeTrue(namespace.isPresent(), "needs the right to make network namespaces, and the programs for it");
        echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ProxyThreads.run("echo", () -> {
            while (true) {
                Socket client = echo.accept();
                ProxyThreads.run("echo", () -> client.getInputStream().transferTo(client.getOutputStream()));
            }
        });
    }

    @AfterAll
    static void close() throws IOException {
        if (namespace.isPresent()) {
            namespace.get().close();
            echo.close();
        }
    }

    @Test
    void cut_losesWhatIsSentAndAttemptsToConnect_untilItIsMended() throws IOException {
        try (Side side = namespace.orElseThrow().side()) {
            String address = side.addressOf(echo.getLocalPort());
            try (Socket before = connect(address)) {
                assertThat(echo(before, 1)).isEqualTo(1);

                side.set(Network.CUT);
                assertThatThrownBy(() -> echo(before, 2)).isInstanceOf(SocketTimeoutException.class);
                assertThatThrownBy(() -> connect(address)).isInstanceOf(SocketTimeoutException.class);
                assertThat(route(address)).contains(LINK);

                side.set(Network.WHOLE);
                before.setSoTimeout(Math.toIntExact(Patience.LONG.toMillis()));
                assertThat(before.getInputStream().read()).isEqualTo(2);
                try (Socket after = connect(address)) {
                    assertThat(echo(after, 3)).isEqualTo(3);
                }
            }
        }
    }

    @Test
    void cut_everySecondTime_losesTheNeighbourToo() throws IOException {
        try (Side side = namespace.orElseThrow().side()) {
            String address = side.addressOf(echo.getLocalPort());
            side.set(Network.CUT);
            side.set(Network.WHOLE);
            side.set(Network.CUT);
            assertThatThrownBy(() -> connect(address, Math.toIntExact(Patience.LONG.toMillis())))
                    .isInstanceOf(NoRouteToHostException.class);
            assertThat(route(address)).contains(LINK);

            side.set(Network.WHOLE);
            try (Socket after = connect(address)) {
                assertThat(echo(after, 1)).isEqualTo(1);
            }
        }
    }

    @Test
    void cut_leavesOtherSidesWhole_andEndsWithTheSide() throws IOException {
        Side other = namespace.orElseThrow().side();
        try (other;
                Side cut = namespace.orElseThrow().side()) {
            String address = other.addressOf(echo.getLocalPort());
            cut.addressOf(echo.getLocalPort());
            cut.set(Network.CUT);
            try (Socket whole = connect(address)) {
                assertThat(echo(whole, 1)).isEqualTo(1);
            }
            other.close();
            assertThat(route(address)).doesNotContain(LINK);
        }
    }

    @Test
    void link_ofAProcessThatIsKilled_isGone() throws Exception {
        JavaCommand command =
                JavaCommand.of(Parent.class, List.of()).readyAt(Pattern.compile("gate (\\d+) at ([\\d.]+:\\d+)"));
        try (ChildProcess parent = command.start()) {
            Matcher told = parent.awaitReady(Patience.LONG);
            ProcessHandle gate = ProcessHandle.of(Long.parseLong(told.group(1))).orElseThrow();
            assertThat(route(told.group(2))).contains(LINK);

            parent.kill();
            Awaitility.await()
                    .atMost(Patience.LONG)
                    .until(() -> !gate.isAlive() && !route(told.group(2)).contains(LINK));
        }
    }

    private static Socket connect(String address) throws IOException {
        return connect(address, SILENCE_MILLIS);
    }

    private static Socket connect(String address, int millis) throws IOException {
        String[] parts = address.split(":", 2);
        Socket socket = new Socket();
        try {
            socket.setSoTimeout(millis);
            socket.connect(new InetSocketAddress(parts[0], Integer.parseInt(parts[1])), millis);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return socket;
    }

    private static int echo(Socket socket, int value) throws IOException {
        socket.getOutputStream().write(value);
        return socket.getInputStream().read();
    }

    /** Returns the way that a packet to that address would go. */
    private static String route(String address) {
        return Command.output("ip", "route", "get", address.split(":", 2)[0]).orElse("none");
    }
}
