package dev.writebehind;

import dev.writebehind.config.InvalidSettingException;
import dev.writebehind.config.Settings;
import dev.writebehind.config.SettingsLoader;
import dev.writebehind.journal.DamagedJournalException;
import dev.writebehind.journal.UnusableJournalException;
import dev.writebehind.store.UnfitSchemaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command line: {@code serve} here, the commands that end by themselves in {@link SchemaCommands}. */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);
    private static final Path USUAL_FILE = Path.of("conf", "writebehind.yaml");
    private static final String USAGE = """
            Usage: writebehind [COMMAND] [--config FILE]

              serve           take completions over HTTP and write them to the database (default)
              check           tell whether the database is fit: exit code 0 if so, 1 if not
              migrate         create the table, or drop the foreign key to the user table from the one that is there
                --dry-run       print the SQL instead
              undo            add the foreign key again that migrate dropped
                --dry-run       print the SQL instead
                --keep-orphans  also while there are rows whose user no longer exists
              purge-orphans   delete the rows whose user no longer exists
                --dry-run       count them instead: exit code 0 if there are none, 1 if there are

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
        OutOfMemory.endsTheProcess();
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
            return line.command() == CommandLine.Command.SERVE
                    ? serve(settings)
                    : new SchemaCommands(settings.database(), System.out, System.err).run(line);
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

    private static int serve(Settings settings) {
        Service service;
        try {
            service = Service.create(settings);
        } catch (UnusableJournalException e) {
            log.error("The service does not start: {}", e.getMessage());
            return Exit.FAILED;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service), "shutdown"));
        try {
            service.startAndWait();
            return Exit.KEEP_RUNNING;
        } catch (UnfitSchemaException | DamagedJournalException | UnusableJournalException e) {
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
