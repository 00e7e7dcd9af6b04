package dev.writebehind.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A port on loopback that leads to a database and can be made to fail in several ways. Safe for any thread. */
public final class FaultyProxy implements AutoCloseable {
    private final ServerSocket server;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger commitsToCut = new AtomicInteger();
    private volatile Mode mode = Mode.PASS;

    /** What happens to connections. */
    public enum Mode {
        /** They are passed through. */
        PASS,
        /** They are accepted and closed. */
        REFUSE,
        /** They are accepted, and nothing ever comes back. */
        SWALLOW,
        /** Each answer comes two seconds late. */
        DELAY
    }

    /** Opens a free port that leads to that one. */
    public FaultyProxy(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run(this::accept);
    }

    /** Returns the port. */
    public int port() {
        return server.getLocalPort();
    }

    /** Changes what happens from now on; connections that are open are cut when they would be refused. */
    public void set(Mode next) {
        mode = next;
        if (next == Mode.REFUSE) {
            cutAll();
        }
    }

    /** Lets the next COMMITs through to the database, but cuts the connection instead of passing its answer on. */
    public void cutAfterCommits(int count) {
        commitsToCut.set(count);
    }

    /** Returns how many of these are still to come. */
    public int commitsStillToCut() {
        return commitsToCut.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
        cutAll();
    }

    private void cutAll() {
        for (Socket socket : sockets) {
            close(socket);
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = server.accept();
            if (mode == Mode.REFUSE) {
                client.close();
                continue;
            }
            sockets.add(client);
            Socket database = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(database);
            Link link = new Link(client, database);
            run(link::requests);
            run(link::answers);
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket database;
        private volatile boolean cutAtAnswer;

        Link(Socket client, Socket database) {
            this.client = client;
            this.database = database;
        }

        void requests() throws IOException {
            byte[] buffer = new byte[64 * 1024];
            try (InputStream in = client.getInputStream();
                    OutputStream out = database.getOutputStream()) {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    boolean commit = count == 11
                            && new String(buffer, 5, 6, StandardCharsets.ISO_8859_1).equalsIgnoreCase("COMMIT");
                    if (commit && commitsToCut.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        cutAtAnswer = true;
                    }
                    if (mode != Mode.SWALLOW) {
                        out.write(buffer, 0, count);
                        out.flush();
                    }
                }
            } finally {
                end();
            }
        }

        void answers() throws IOException {
            byte[] buffer = new byte[64 * 1024];
            try (InputStream in = database.getInputStream();
                    OutputStream out = client.getOutputStream()) {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    if (cutAtAnswer) {
                        return;
                    }
                    if (mode == Mode.DELAY) {
                        Thread.sleep(2_000);
                    }
                    if (mode != Mode.SWALLOW) {
                        out.write(buffer, 0, count);
                        out.flush();
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                end();
            }
        }

        private void end() {
            close(client);
            close(database);
            sockets.remove(client);
            sockets.remove(database);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone in any case
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
                        // one side hung up, or the proxy was closed
                    }
                },
                "proxy");
        thread.setDaemon(true);
        thread.start();
    }
}
