package dev.writebehind.loadtest;

import dev.writebehind.testing.EmbeddedMariaDb;
import dev.writebehind.testing.TestDatabase;
import java.nio.file.Path;

/**
 * Makes schemas for tests, on the server that {@code WRITEBEHIND_TEST_DATABASE_URI} names, else on an embedded MariaDB
 * that all tests of the process share. Safe for any thread.
 */
public final class LoadTestDatabase {
    private LoadTestDatabase() {}

    /** Creates an empty schema, to be closed by the caller. */
    public static TestDatabase create() {
        return TestDatabase.createOn(Server.URI);
    }

    /** Returns the server's address, for who makes schemas by himself. */
    public static String serverUri() {
        return Server.URI;
    }

    private static final class Server {
        static final String URI = start();

        private static String start() {
            String given = System.getenv("WRITEBEHIND_TEST_DATABASE_URI");
            if (given != null && !given.isBlank()) {
                return given;
            }
            Path home = Path.of("target", "mariadb");
            EmbeddedMariaDb server = EmbeddedMariaDb.start(
                    home.resolve("server"),
                    home.resolve("home-" + ProcessHandle.current().pid()),
                    0);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop MariaDB"));
            return server.uri();
        }
    }
}
