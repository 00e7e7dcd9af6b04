package dev.writebehind;

import dev.writebehind.config.InvalidSettingException;
import dev.writebehind.config.Settings;
import dev.writebehind.config.SettingsLoader;
import dev.writebehind.journal.DamagedJournalException;
import dev.writebehind.store.Finding;
import dev.writebehind.store.Schema;
import dev.writebehind.store.UnfitSchemaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command line: {@code serve} (default), {@code migrate} and {@code check}. */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);
    private static final Path USUAL_FILE = Path.of("conf", "writebehind.yaml");
    private static final String USAGE = """
            Usage: writebehind [serve|migrate|check] [--config FILE]

              serve     take completions over HTTP and write them to the database (default)
              migrate   bring the database's table into shape, then end
              check     tell whether the database is fit, then end: exit code 0 if so, 1 if not

            Settings come from FILE (conf/writebehind.yaml if that is there) and from WRITEBEHIND_… variables.
            """;

    private static Runnable beforeExit = () -> {};

    private Main() {}

    /** Runs the action at the end of {@code serve}, when the service has stopped; for the development database. */
    static void beforeExit(Runnable action) {
        beforeExit = action;
    }

    /** Runs a command and, unless it is {@code serve}, ends the process with its exit code. */
    public static void main(String[] args) {
        int status = run(args, System.getenv());
        if (status != Exit.KEEP_RUNNING) {
            System.exit(status);
        }
    }

    static int run(String[] args, Map<String, String> environment) {
        CommandLine line;
        try {
            line = CommandLine.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(USAGE);
            return Exit.USAGE;
        }
        if (line.command() == CommandLine.Command.HELP) {
            System.out.print(USAGE);
            return Exit.OK;
        }
        try {
            Settings settings = load(line.config(), environment);
            return switch (line.command()) {
                case MIGRATE -> migrate(settings);
                case CHECK -> check(settings);
                default -> serve(settings);
            };
        } catch (InvalidSettingException e) {
            System.err.println("The settings are wrong: " + e.getMessage());
            return Exit.USAGE;
        }
    }

    private static Settings load(@Nullable Path named, Map<String, String> environment) {
        String variable = environment.getOrDefault(SettingsLoader.CONFIG_VARIABLE, "");
        Path usual = variable.isBlank() ? USUAL_FILE : Path.of(variable);
        boolean read = named != null || !variable.isBlank() || Files.exists(USUAL_FILE);
        Path file = named != null ? named : read ? usual : null;
        SettingsLoader.Loaded loaded = SettingsLoader.load(file, environment);
        if (!loaded.unknownVariables().isEmpty()) {
            log.warn("These environment variables name no setting and are ignored: {}", loaded.unknownVariables());
        }
        loaded.settings().database().requiredUri();
        return loaded.settings();
    }

    private static int migrate(Settings settings) {
        try {
            int applied = Schema.of(settings.database()).migrate();
            System.out.println(applied + " migrations applied");
            return check(settings);
        } catch (RuntimeException e) {
            System.err.println("The migration failed: " + e.getMessage());
            return Exit.FAILED;
        }
    }

    private static int check(Settings settings) {
        try {
            List<Finding> findings = Schema.of(settings.database()).check();
            findings.forEach(finding -> System.out.println((finding.fit() ? "ok     " : "UNFIT  ") + finding.text()));
            return findings.stream().allMatch(Finding::fit) ? Exit.OK : Exit.FAILED;
        } catch (SQLException e) {
            System.err.println("The database can't be checked: " + e.getMessage());
            return Exit.FAILED;
        }
    }

    private static int serve(Settings settings) {
        Service service = Service.create(settings);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service), "shutdown"));
        try {
            service.startAndWait();
            return Exit.KEEP_RUNNING;
        } catch (UnfitSchemaException | DamagedJournalException e) {
            log.error("The service does not start: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            log.error("The service does not start", e);
        }
        Exit.halt(Exit.FAILED);
        return Exit.FAILED;
    }

    private static void stop(Service service) {
        int status = service.stopAndWait();
        beforeExit.run();
        Exit.halt(status);
    }
}
