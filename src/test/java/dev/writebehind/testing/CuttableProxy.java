package dev.writebehind.testing;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A port on loopback that leads to another one over a network that can be cut: bytes on their way wait, as they do for
 * lost packets, and arrive once it is mended. A new connection is made even then, but nothing comes over it. Safe for
 * any thread.
 */
public final class CuttableProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final int target;
    private final Set<Closeable> sockets = ConcurrentHashMap.newKeySet();
    private Network network = Network.WHOLE;

    /** What the network does with bytes. */
    public enum Network {
        /** It carries them. */
        WHOLE,
        /** It carries none in either direction. */
        CUT,
        /** It carries what the client sends, and nothing that comes back. */
        ANSWERS_CUT,
        /** Connections are reset, the open ones and any new one. */
        RESETTING
    }

    /** Opens that port, 0 for a free one; it leads to the target, whether or not there is something yet. */
    public CuttableProxy(int port, int target) {
        this.target = target;
        try {
            listening = new ServerSocket(port, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ProxyThreads.run("cuttable proxy", this::accept);
    }

    /** Returns the port. */
    public int port() {
        return listening.getLocalPort();
    }

    /** Changes the network from now on. */
    public void set(Network next) {
        synchronized (this) {
            network = next;
            notifyAll();
        }
        if (next == Network.RESETTING) {
            sockets.forEach(CuttableProxy::reset);
        }
    }

    @Override
    public void close() {
        ProxyThreads.close(listening);
        sockets.forEach(ProxyThreads::close);
        set(Network.WHOLE); // whoever waits finds its socket closed
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            ProxyThreads.run("cuttable proxy", () -> serve(client));
        }
    }

    private void serve(Socket client) throws IOException {
        sockets.add(client);
        Socket server = new Socket();
        try (client;
                server) {
            if (network() == Network.RESETTING) {
                reset(client);
                return;
            }
            awaitCarried(Network.ANSWERS_CUT);
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
            sockets.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            ProxyThreads.run("cuttable proxy", () -> {
                try (client;
                        server) {
                    carry(server, client, Network.WHOLE);
                }
            });
            carry(client, server, Network.ANSWERS_CUT);
        } finally {
            sockets.remove(client);
            sockets.remove(server);
        }
    }

    /** Carries bytes while the network is whole or as good as that. */
    private void carry(Socket from, Socket to, Network asGood) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            awaitCarried(asGood);
            out.write(buffer, 0, count);
        }
        awaitCarried(asGood);
    }

    private synchronized Network network() {
        return network;
    }

    private synchronized void awaitCarried(Network asGood) throws IOException {
        try {
            while (network == Network.CUT || (network == Network.ANSWERS_CUT && asGood != Network.ANSWERS_CUT)) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static void reset(Closeable socket) {
        try {
            if (socket instanceof Socket connection) {
                connection.setSoLinger(true, 0);
            }
            socket.close();
        } catch (IOException e) {
            // it is gone in any case
        }
    }
}
