package dev.writebehind.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * A database server that a test may kill and start again on what is left: one of its own (the embedded MariaDB) or,
 * where {@code WRITEBEHIND_TEST_DATABASE_KILL} and {@code WRITEBEHIND_TEST_DATABASE_REVIVE} hold shell commands for the
 * server that {@code WRITEBEHIND_TEST_DATABASE_URI} names, that one. For one thread.
 */
public interface KillableServer extends AutoCloseable {
    /** Returns the address, with user and password; the same before and after. */
    String uri();

    /** Kills the server without a word, as a crash of its machine would. */
    void kill();

    /** Starts it again; returns when it takes connections. */
    void revive();

    @Override
    void close();

    /** Starts a server, or takes the one that is named. */
    static KillableServer start() {
        String kill = System.getenv("WRITEBEHIND_TEST_DATABASE_KILL");
        String revive = System.getenv("WRITEBEHIND_TEST_DATABASE_REVIVE");
        String uri = System.getenv("WRITEBEHIND_TEST_DATABASE_URI");
        return kill == null || revive == null || uri == null ? new Embedded() : new Named(uri, kill, revive);
    }

    /** The embedded server, on a directory and a port of its own. */
    final class Embedded implements KillableServer {
        private final Path program = Path.of("target", "mariadb", "server");
        private final Path home = TemporaryDirectory.create("mariadb-to-kill");
        private EmbeddedMariaDb server = EmbeddedMariaDb.start(program, home, 0);

        @Override
        public String uri() {
            return server.uri();
        }

        @Override
        public void kill() {
            server.kill();
        }

        @Override
        public void revive() {
            server = EmbeddedMariaDb.start(program, home, server.port());
        }

        @Override
        public void close() {
            server.close();
        }
    }

    /** A server that commands kill and start. */
    record Named(String uri, String killCommand, String reviveCommand) implements KillableServer {
        @Override
        public void kill() {
            run(killCommand);
        }

        @Override
        public void revive() {
            run(reviveCommand);
        }

        /** Leaves the server running, for whoever named it. */
        @Override
        public void close() {}

        private static void run(String command) {
            try {
                int status = new ProcessBuilder("sh", "-c", command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
                if (status != 0) {
                    throw new IllegalStateException(command + " ended with " + status);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
