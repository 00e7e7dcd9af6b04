package dev.writebehind.testing;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A port on loopback that leads to a database, from the start or once it is opened, and can be made to fail in several
 * ways. Safe for any thread.
 */
public final class FaultyProxy implements AutoCloseable {
    private static final char QUERY = 0x03;
    private static final char EXECUTE = 0x17;

    private final int port;
    private final int target;
    private final Set<Closeable> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger commitsToCut = new AtomicInteger();
    private final AtomicInteger randomFailures = new AtomicInteger();
    private final AtomicInteger refusedPackets = new AtomicInteger();
    private volatile int maxPacket = Integer.MAX_VALUE;
    private volatile Mode mode = Mode.PASS;
    private volatile Duration lateness = Duration.ofSeconds(2);
    private volatile Chance chance = new Chance(0, new Random(0));

    /** What happens to connections. */
    public enum Mode {
        /** They are passed through. */
        PASS,
        /** They are accepted and closed. */
        REFUSE,
        /** They are accepted, and nothing ever comes back. */
        SWALLOW,
        /** Each answer comes two seconds late, or as {@link #delay} says. */
        DELAY
    }

    private record Chance(double probability, Random random) {
        boolean strikes() {
            return probability > 0 && random.nextDouble() < probability;
        }
    }

    /** Opens a free port that leads to that one. */
    public FaultyProxy(int target) {
        this(freePort(), target);
        open();
    }

    private FaultyProxy(int port, int target) {
        this.port = port;
        this.target = target;
    }

    /** Picks a free port behind which nothing is until {@link #open}. */
    public static FaultyProxy closed(int target) {
        return new FaultyProxy(freePort(), target);
    }

    /** Listens from now on. */
    public void open() {
        try {
            ServerSocket server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            sockets.add(server);
            ProxyThreads.run("proxy", () -> accept(server));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the port. */
    public int port() {
        return port;
    }

    /** Changes what happens from now on; connections that are open are cut when they would be refused. */
    public void set(Mode next) {
        mode = next;
        if (next == Mode.REFUSE) {
            sockets.stream().filter(Socket.class::isInstance).forEach(ProxyThreads::close);
        }
    }

    /** Each answer comes that late from now on. */
    public void delay(Duration each) {
        lateness = each;
        set(Mode.DELAY);
    }

    /**
     * From now on cuts the connection at that part of the statements, by chance: half of these before the database sees
     * the statement, half instead of passing its answer on.
     */
    public void failAtRandom(double probability, long seed) {
        chance = new Chance(probability, new Random(seed));
    }

    /** Returns how many statements were failed so. */
    public int randomFailures() {
        return randomFailures.get();
    }

    /** From now on refuses longer statements as a server does: by an error (1153), and the connection is closed. */
    public void refusePacketsBeyond(int bytes) {
        maxPacket = bytes;
    }

    /** Returns how many statements were refused so. */
    public int refusedPackets() {
        return refusedPackets.get();
    }

    /** Lets the next ends of transactions through to the database, but cuts the connection instead of answering. */
    public void cutAfterCommits(int count) {
        commitsToCut.set(count);
    }

    /** Returns how many of these are still to come. */
    public int commitsStillToCut() {
        return commitsToCut.get();
    }

    @Override
    public void close() {
        sockets.forEach(ProxyThreads::close);
    }

    private static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(ServerSocket server) throws IOException {
        while (true) {
            Socket client = server.accept();
            if (mode == Mode.REFUSE) {
                client.close();
                continue;
            }
            try {
                Socket database = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(database);
                Link link = new Link(client, database);
                ProxyThreads.run("proxy", link::requests);
                ProxyThreads.run("proxy", link::answers);
            } catch (ConnectException e) {
                client.close();
            }
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket database;
        private boolean isInTransaction;
        private volatile boolean cutAtAnswer;
        private volatile boolean answered = true;

        Link(Socket client, Socket database) {
            this.client = client;
            this.database = database;
        }

        void requests() throws IOException {
            byte[] buffer = new byte[64 * 1024];
            try (InputStream in = client.getInputStream();
                    OutputStream out = database.getOutputStream()) {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    boolean statement = answered; // the rest of a long one comes in further pieces
                    answered = false;
                    if (statement
                            && commits(buffer, count)
                            && commitsToCut.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        cutAtAnswer = true;
                    }
                    if (statement && length(buffer) > maxPacket) {
                        refusedPackets.incrementAndGet();
                        client.getOutputStream().write(packetTooLarge(buffer[3] + 1));
                        client.shutdownOutput();
                        in.skip(Long.MAX_VALUE); // closed with bytes unread, a socket resets, and the error gets lost
                        return;
                    }
                    if (statement && chance.strikes()) {
                        if (randomFailures.incrementAndGet() % 2 == 0) {
                            return;
                        }
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

        /** Whether the statement ends a transaction with changes: a COMMIT, or a batch that is one by itself. */
        private boolean commits(byte[] packet, int count) {
            if (count < 6) {
                return false;
            }
            String text = new String(packet, 4, count - 4, StandardCharsets.ISO_8859_1);
            boolean isBatch = text.charAt(0) == EXECUTE && text.contains("[[");
            boolean commits = text.substring(1).equalsIgnoreCase("COMMIT") || (isBatch && !isInTransaction);
            if (text.charAt(0) == QUERY) {
                isInTransaction = text.substring(1).matches("(?i)(BEGIN|START TRANSACTION).*");
            }
            return commits;
        }

        private int length(byte[] packet) {
            return (packet[0] & 0xff) | (packet[1] & 0xff) << 8 | (packet[2] & 0xff) << 16;
        }

        private byte[] packetTooLarge(int sequence) {
            byte[] text =
                    "#08S01Got a packet bigger than 'max_allowed_packet' bytes".getBytes(StandardCharsets.US_ASCII);
            byte[] packet = new byte[7 + text.length];
            packet[0] = (byte) (3 + text.length);
            packet[3] = (byte) sequence;
            packet[4] = (byte) 0xff;
            packet[5] = (byte) (1153 & 0xff);
            packet[6] = (byte) (1153 >> 8);
            System.arraycopy(text, 0, packet, 7, text.length);
            return packet;
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
                        Thread.sleep(lateness.toMillis());
                    }
                    answered = true;
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
            ProxyThreads.close(client);
            ProxyThreads.close(database);
            sockets.remove(client);
            sockets.remove(database);
        }
    }
}
