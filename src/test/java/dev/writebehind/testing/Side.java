package dev.writebehind.testing;

import dev.writebehind.testing.CuttableProxy.Network;

/**
 * What a client's connections to servers on this machine go over: a network of its own, which can be cut. Safe for any
 * thread but for opening and closing.
 */
public interface Side extends AutoCloseable {
    /** Returns the address, with its port, that leads over it to that port of 127.0.0.1, whatever is there. */
    String addressOf(int target);

    /** Changes the network from now on. */
    void set(Network network);

    @Override
    void close();
}
