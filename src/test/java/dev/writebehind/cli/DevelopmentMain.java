package dev.writebehind.cli;

import dev.writebehind.config.Settings;
import dev.writebehind.config.TlsSettings;
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
            System.out.println("Starting a MariaDB server of its own, whose data are kept under data/ ...");
            EmbeddedMariaDb database = EmbeddedMariaDb.start(data.resolve("server"), data.resolve("mariadb"), 0);
            environment.put(DATABASE_URI, database.uri());
            afterStop = database::close;
        }
        int status =
                Main.commands(environment, System.out, System.err, afterStop).execute(args);
        if (status != ServeCommand.SERVES) {
            System.exit(status);
        }
        say(new SettingsSource(environment).loaded().settings());
        Thread.currentThread().join();
    }

    /** Says what to try next; the ports of settings by which any free one is taken stand in the log. */
    private static void say(Settings settings) {
        String api = scheme(settings.http().tls()) + settings.http().host() + ":"
                + settings.http().port();
        String page = scheme(settings.management().tls())
                + settings.management().host() + ":" + settings.management().port() + "/";
        System.out.println("""

                It runs. What goes on in it: %2$s
                Send it a write, and read it back, in another terminal:

                  curl '%1$s/v1/completions?ack=database' -H 'content-type: application/json' \\
                    -d '{"user_id": 42, "completion": 0.5, "course_key": "course-v1:O+C+R",
                         "block_key": "block-v1:O+C+R+type@video+block@b"}'
                  curl '%1$s/v1/users/42/completions?course_key=course-v1:O+C+R'

                Ctrl-C stops it; what was written is there again after the next start.
                """.formatted(api, page));
    }

    private static String scheme(TlsSettings tls) {
        return tls.isOn() ? "https://" : "http://";
    }
}
