package dev.writebehind.testing;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A port on loopback behind which nothing is until it is opened; then it leads to another one. Safe for any thread. */
public final class Relay implements AutoCloseable {
    private final int port;
    private final int target;
    private final Queue<Closeable> opened = new ConcurrentLinkedQueue<>();

    /** Picks a free port that will lead to that one. */
    public Relay(int target) {
        this.target = target;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the port. */
    public int port() {
        return port;
    }

    /** From now on connections are passed through. */
    public void open() {
        try {
            ServerSocket server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            opened.add(server);
            run(() -> {
                while (true) {
                    Socket client = server.accept();
                    opened.add(client);
                    Socket database = new Socket(InetAddress.getLoopbackAddress(), target);
                    opened.add(database);
                    run(() -> pass(client, database));
                    run(() -> pass(database, client));
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        for (Closeable each : opened) {
            each.close();
        }
    }

    private static void pass(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void run(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // One side hung up, or this was closed.
                    }
                },
                "relay");
        thread.setDaemon(true);
        thread.start();
    }
}
