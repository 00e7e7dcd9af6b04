package dev.writebehind.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The process in a {@link NetworkNamespace}: it listens where it is told on its standard input, and carries each
 * connection to the {@link GateRelay}, with the port it came to. It ends with its standard input.
 */
final class GateMain {
    static final String READY = "The gate takes addresses";

    private static final int BACKLOG = 200;

    private GateMain() {}

    /** Begins; the argument is the relay's socket. */
    public static void main(String[] args) {
        try {
            Path relay = Path.of(args[0]);
            BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            System.out.println(READY);
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                String[] parts = order.split(" ", 2);
                listen(parts[0], Integer.parseInt(parts[1]), relay);
            }
        } catch (IOException e) {
            System.out.println("The gate closes: " + e);
        }
        Runtime.getRuntime().halt(0);
    }

    /** Returns what it prints when it listens there. */
    static String listening(String address, int port) {
        return "listens on " + address + ":" + port;
    }

    private static void listen(String address, int port, Path relay) throws IOException {
        ServerSocketChannel listening = ServerSocketChannel.open().bind(new InetSocketAddress(address, port), BACKLOG);
        ProxyThreads.run("gate", () -> {
            while (true) {
                SocketChannel client = listening.accept();
                ProxyThreads.run("gate", () -> carry(client, port, relay));
            }
        });
        System.out.println(listening(address, port));
    }

    private static void carry(SocketChannel client, int port, Path relay) throws IOException {
        try (client;
                SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(relay))) {
            server.write(ByteBuffer.allocate(Integer.BYTES).putInt(port).flip());
            GateRelay.carry(client, server);
        }
    }
}
