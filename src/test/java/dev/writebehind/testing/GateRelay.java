package dev.writebehind.testing;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The end of {@link GateMain}'s connections outside of its network namespace: each first tells the port of 127.0.0.1 to
 * which it leads. Safe for any thread.
 */
final class GateRelay implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final ServerSocketChannel listening;
    private final Set<SocketChannel> gates = ConcurrentHashMap.newKeySet();

    GateRelay(Path socket) {
        try {
            listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ProxyThreads.run("gate relay", () -> {
            while (true) {
                SocketChannel gate = listening.accept();
                ProxyThreads.run("gate relay", () -> serve(gate));
            }
        });
    }

    private void serve(SocketChannel gate) throws IOException {
        gates.add(gate);
        try (gate) {
            ByteBuffer port = ByteBuffer.allocate(Integer.BYTES);
            while (port.hasRemaining()) {
                if (gate.read(port) < 0) {
                    throw new EOFException("a gate did not tell its port");
                }
            }
            InetSocketAddress target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port.getInt(0));
            try (SocketChannel server = SocketChannel.open(target)) {
                carry(server, gate);
            }
        } finally {
            gates.remove(gate);
        }
    }

    /** Carries bytes both ways, until one of the two ends or is closed; closes both. */
    static void carry(SocketChannel network, SocketChannel file) throws IOException {
        network.setOption(StandardSocketOptions.TCP_NODELAY, true);
        ProxyThreads.run("gate", () -> copy(file, network));
        copy(network, file);
    }

    private static void copy(SocketChannel from, SocketChannel to) throws IOException {
        try (from;
                to) {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        }
    }

    @Override
    public void close() {
        ProxyThreads.close(listening);
        gates.forEach(ProxyThreads::close);
    }
}
