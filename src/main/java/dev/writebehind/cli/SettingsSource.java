package dev.writebehind.cli;

import dev.writebehind.LogOutput;
import dev.writebehind.config.ConfigFile;
import dev.writebehind.config.LiveSettings;
import dev.writebehind.config.LoadedSettings;
import dev.writebehind.config.ManagementSettings;
import dev.writebehind.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The file and the variables that settings come from, the same for all commands. Not for concurrent use. */
final class SettingsSource {
    private static final Logger log = LoggerFactory.getLogger(SettingsSource.class);
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

    /** Returns them as they are from now on; the log is as they say. */
    LiveSettings open() {
        LiveSettings settings = LiveSettings.open(new ConfigFile(file(), environment));
        LogOutput.follow(settings);
        if (!settings.unknownVariables().isEmpty()) {
            log.warn("These environment variables name no setting and are ignored: {}", settings.unknownVariables());
        }
        return settings;
    }

    /** Returns them as their sources say now, with or without a database. */
    LoadedSettings loaded() {
        return new ConfigFile(file(), environment).load();
    }

    /** Returns where the management port is, and who may come in, with or without a database. */
    ManagementSettings management() {
        return loaded().settings().management();
    }

    /** Returns the variables that settings may come from. */
    Map<String, String> environment() {
        return environment;
    }

    /** Returns that variable; empty: it is not set. */
    String variable(String name) {
        return environment.getOrDefault(name, "");
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
