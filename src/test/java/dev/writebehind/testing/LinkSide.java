package dev.writebehind.testing;

import dev.writebehind.testing.CuttableProxy.Network;
import java.util.Optional;

/**
 * A side that is a link between two network namespaces, which loses packets when it is cut: connections hang, and so do
 * attempts to make one. That is a network lost somewhere behind a router. Every second time the neighbour is lost too,
 * as where both are on one network: attempts to connect then fail after seconds. Safe for any thread but for opening
 * and closing.
 */
final class LinkSide implements Side {
    /** The addresses that are for trying out networks, and lead nowhere in any other: 198.18.0.0/15. */
    private static final int FIRST_ADDRESS = (198 << 24) + (18 << 16);

    private static final int ADDRESSES_OF_A_LINK = 4;
    /** So many links there may be. */
    static final int LINKS = (1 << 17) / ADDRESSES_OF_A_LINK;

    private static final int PREFIX = 30;
    private static final String FAR_HARDWARE = "02:00:00:00:00:02";

    private final NetworkNamespace namespace;
    private final String name;
    private final String farAddress;
    private int cuts;

    private LinkSide(NetworkNamespace namespace, int number) {
        this.namespace = namespace;
        this.name = name(number);
        this.farAddress = address(number, 2);
        require("ip", "address", "add", address(number, 1) + "/" + PREFIX, "dev", name);
        namespace.require("ip", "address", "add", farAddress + "/" + PREFIX, "dev", name);
        require("ip", "link", "set", name, "up");
        namespace.require("ip", "link", "set", name, "up");
        knowNeighbour();
    }

    /** Makes the link of that number; empty if its name or its addresses are taken. */
    static Optional<LinkSide> open(NetworkNamespace namespace, int number) {
        boolean isFree = Command.output("ip", "-4", "route", "show", "match", address(number, 1))
                .filter(routes -> routes.lines().allMatch(route -> route.startsWith("default")))
                .isPresent();
        String name = name(number);
        String[] add = {"ip", "link", "add", name, "type", "veth", "peer", "name", name, "address", FAR_HARDWARE};
        return isFree && Command.run(namespace.asOtherEnd(add))
                ? Optional.of(new LinkSide(namespace, number))
                : Optional.empty();
    }

    @Override
    public String addressOf(int target) {
        namespace.listen(farAddress, target);
        return farAddress + ":" + target;
    }

    /** Takes the far end down: that of this machine keeps its route, so that nothing goes another way. */
    @Override
    public synchronized void set(Network network) {
        switch (network) {
            case CUT -> {
                namespace.require("ip", "link", "set", name, "down");
                if (++cuts % 2 == 0) {
                    require("ip", "neighbour", "delete", farAddress, "dev", name);
                }
            }
            case WHOLE -> {
                knowNeighbour();
                namespace.require("ip", "link", "set", name, "up");
            }
            default -> throw new UnsupportedOperationException("a link can only be cut: take a ProxySide");
        }
    }

    @Override
    public void close() {
        Command.run("ip", "link", "delete", name);
    }

    private void knowNeighbour() {
        require("ip", "neighbour", "replace", farAddress, "lladdr", FAR_HARDWARE, "dev", name, "nud", "permanent");
    }

    private static void require(String... command) {
        NetworkNamespace.requireRun(command);
    }

    private static String name(int number) {
        return "wb-side-" + Integer.toHexString(number);
    }

    private static String address(int number, int host) {
        int address = FIRST_ADDRESS + number * ADDRESSES_OF_A_LINK + host;
        return (address >>> 24) + "." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + "." + (address & 255);
    }
}
