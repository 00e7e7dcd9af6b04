package dev.writebehind.cli;

import dev.writebehind.testing.EmbeddedMariaDb;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs the service for a first look: where no database is configured, with a MariaDB server of its own whose data are
 * kept under {@code data/}. Started through Maven, never part of the packaged jar.
 */
public final class DevelopmentMain {
    private static final String DATABASE_URI = "WRITEBEHIND_DATABASE_URI";

    private DevelopmentMain() {}

    /** Takes the arguments of {@link Main}. */
    public static void main(String[] args) throws InterruptedException {
        Map<String, String> environment = new HashMap<>(System.getenv());
        Runnable afterStop = () -> {};
        if (environment.getOrDefault(DATABASE_URI, "").isBlank()) {
            Path data = Path.of("data");
            EmbeddedMariaDb database = EmbeddedMariaDb.start(data.resolve("server"), data.resolve("mariadb"), 0);
            environment.put(DATABASE_URI, database.uri());
            afterStop = database::close;
        }
        int status =
                Main.commands(environment, System.out, System.err, afterStop).execute(args);
        if (status != ServeCommand.SERVES) {
            System.exit(status);
        }
        Thread.currentThread().join();
    }
}
