package dev.writebehind.testing;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A port on loopback that leads to a database as a proxy does that greets in its own name, and that may refuse logins
 * as a server does. Safe for any thread.
 */
public final class GreetingProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile @Nullable String version;
    private volatile @Nullable Refusal refusal;

    /**
     * How logins are refused.
     *
     * @param early instead of a greeting; else as the answer to the login
     */
    public record Refusal(int code, String state, String message, boolean early) {
        private byte[] packet(int sequence) {
            byte[] text = (early ? message : "#" + state + message).getBytes(StandardCharsets.UTF_8);
            byte[] packet = new byte[4 + 3 + text.length];
            packet[0] = (byte) (3 + text.length);
            packet[3] = (byte) sequence;
            packet[4] = (byte) 0xff;
            packet[5] = (byte) code;
            packet[6] = (byte) (code >> 8);
            System.arraycopy(text, 0, packet, 7, text.length);
            return packet;
        }
    }

    /** Opens a free port that leads to that one. */
    public GreetingProxy(int target) {
        this.target = target;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ProxyThreads.run("greeting proxy", this::accept);
    }

    /** Returns the port. */
    public int port() {
        return listening.getLocalPort();
    }

    /** Greets with that version from now on. */
    public void greetAs(String otherVersion) {
        version = otherVersion;
    }

    /** Refuses logins from now on; null: no longer. */
    public void refuse(@Nullable Refusal how) {
        refusal = how;
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            sockets.add(client);
            ProxyThreads.run("greeting proxy", () -> serve(client));
        }
    }

    private void serve(Socket client) throws IOException {
        Refusal how = refusal;
        if (how != null && how.early()) {
            try (client) {
                client.getOutputStream().write(how.packet(0));
                client.shutdownOutput();
                client.getInputStream().readAllBytes();
            }
            return;
        }
        try (client;
                Socket database = new Socket(InetAddress.getLoopbackAddress(), target)) {
            sockets.add(database);
            OutputStream toClient = client.getOutputStream();
            toClient.write(greeting(packet(new DataInputStream(database.getInputStream()))));
            toClient.flush();
            if (how != null) {
                packet(new DataInputStream(client.getInputStream()));
                toClient.write(how.packet(2));
                client.shutdownOutput();
                client.getInputStream().readAllBytes();
                return;
            }
            ProxyThreads.run("greeting proxy", () -> {
                client.getInputStream().transferTo(database.getOutputStream());
                database.shutdownOutput();
            });
            database.getInputStream().transferTo(toClient);
        }
    }

    /** Returns a packet with its header. */
    private static byte[] packet(DataInputStream in) throws IOException {
        byte[] header = in.readNBytes(4);
        if (header.length < 4) {
            throw new EOFException();
        }
        int length = (header[0] & 0xff) | (header[1] & 0xff) << 8 | (header[2] & 0xff) << 16;
        byte[] packet = new byte[4 + length];
        System.arraycopy(header, 0, packet, 0, 4);
        in.readFully(packet, 4, length);
        return packet;
    }

    private byte[] greeting(byte[] packet) {
        String other = version;
        if (other == null) {
            return packet;
        }
        int end = 5;
        while (packet[end] != 0) {
            end++;
        }
        byte[] text = other.getBytes(StandardCharsets.US_ASCII);
        byte[] greeting = new byte[packet.length - (end - 5) + text.length];
        System.arraycopy(packet, 0, greeting, 0, 5);
        System.arraycopy(text, 0, greeting, 5, text.length);
        System.arraycopy(packet, end, greeting, 5 + text.length, packet.length - end);
        greeting[0] = (byte) (greeting.length - 4);
        return greeting;
    }
}
