package dev.writebehind.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * A network namespace without a name, with links to this one's, over which clients reach servers on loopback: a process
 * in it carries each connection on, over a socket in the file system. It lives as long as that process, which ends with
 * this one however this one ends, and its links with it: nothing remains. Safe for any thread but for closing.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final int ATTEMPTS = 20;

    private final GateRelay relay;
    private final ChildProcess gate;

    private NetworkNamespace() {
        Path socket = TemporaryDirectory.create("gate").resolve("relay");
        Path here = Path.of("").toAbsolutePath();
        relay = new GateRelay(here.relativize(socket)); // an address in the file system is 107 characters at most
        gate = JavaCommand.of(
                        GateMain.class,
                        List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                        here.relativize(socket).toString())
                .by("unshare", "--net")
                .readyAt(Pattern.compile(GateMain.READY))
                .start();
        try {
            gate.awaitReady(Patience.LONG);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Makes one; empty where this process may not, or the programs for it are missing. */
    public static Optional<NetworkNamespace> create() {
        boolean isPossible = Command.run("nsenter", "--version")
                && Command.run("unshare", "--net", "ip", "link", "add", "one", "type", "veth", "peer", "name", "other");
        return isPossible ? Optional.of(new NetworkNamespace()) : Optional.empty();
    }

    /** Returns a new link. */
    public Side side() {
        for (int i = 0; i < ATTEMPTS; i++) {
            int number = ThreadLocalRandom.current().nextInt(LinkSide.LINKS);
            Optional<LinkSide> side = LinkSide.open(this, number);
            if (side.isPresent()) {
                return side.get();
            }
        }
        throw new IllegalStateException("no link into the network namespace of process " + gate.pid()
                + " can be made: see `ip link` and `ip route`");
    }

    /** Has connections to that address, which is in the namespace, carried on to that port of 127.0.0.1. */
    void listen(String address, int port) {
        try {
            gate.tell(address + " " + port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await("a gate at " + address + ":" + port)
                .atMost(Patience.LONG)
                .until(() -> gate.output().contains(GateMain.listening(address, port)));
    }

    /** Runs a program there. */
    void require(String... command) {
        List<String> there = new ArrayList<>(List.of("nsenter", "--net", "--target", String.valueOf(gate.pid()), "--"));
        there.addAll(Arrays.asList(command));
        requireRun(there.toArray(String[]::new));
    }

    /** Returns the command that makes a link, with its other end there. */
    String[] asOtherEnd(String... command) {
        List<String> whole = new ArrayList<>(Arrays.asList(command));
        whole.addAll(List.of("netns", String.valueOf(gate.pid())));
        return whole.toArray(String[]::new);
    }

    /** Runs a program to its good end. */
    static void requireRun(String... command) {
        if (!Command.run(command)) {
            throw new IllegalStateException("failed: " + String.join(" ", command));
        }
    }

    /** Returns the number of the process that it lives with. */
    long pid() {
        return gate.pid();
    }

    @Override
    public void close() {
        gate.close();
        relay.close();
    }
}
