package dev.writebehind.cli;

import dev.writebehind.config.ConfigFile;
import dev.writebehind.config.LiveSettings;
import dev.writebehind.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The file and the variables that settings come from, the same for all commands. Not for concurrent use. */
final class SettingsSource {
    private static final Path USUAL_FILE = Path.of("conf", "writebehind.yaml");

    private final Map<String, String> environment;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Read the settings from this file.")
    private @Nullable Path named;

    SettingsSource(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Returns the settings, which name a database. */
    Settings load() {
        return open().get();
    }

    /** Returns them as they are from now on. */
    LiveSettings open() {
        return LiveSettings.open(new ConfigFile(file(), environment));
    }

    /** Returns the option's file, else the variable's, else the usual one if it is there. */
    private @Nullable Path file() {
        if (named != null) {
            return named;
        }
        String variable = environment.getOrDefault(ConfigFile.VARIABLE, "");
        if (!variable.isBlank()) {
            return Path.of(variable);
        }
        return Files.exists(USUAL_FILE) ? USUAL_FILE : null;
    }
}
