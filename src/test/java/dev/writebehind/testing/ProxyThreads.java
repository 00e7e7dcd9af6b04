package dev.writebehind.testing;

import java.io.Closeable;
import java.io.IOException;

/** The threads of the tests' proxies, which end when a side hangs up or the proxy is closed; stateless. */
final class ProxyThreads {
    private ProxyThreads() {}

    /** A thread's work, which a closed socket ends. */
    interface Work {
        void run() throws IOException;
    }

    static void run(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // one side hung up, or the proxy was closed
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone in any case
        }
    }
}
