package dev.writebehind.cli;

import dev.writebehind.cli.ManagementClient.Answer;
import dev.writebehind.config.ConfigFile;
import dev.writebehind.config.InvalidSettingException;
import dev.writebehind.config.LiveSettings;
import dev.writebehind.config.LoadedSettings;
import dev.writebehind.config.Setting;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that shows the settings in force, or tells whether a file could be. Blocks the calling thread. */
@Command(
        name = "config",
        description = "Show every setting of the running service, and where it comes from; or tell whether a file is"
                + " valid: exit code 0 if so, 2 if not.")
final class ConfigCommand extends RemoteCommand {
    private static final Logger log = LoggerFactory.getLogger(ConfigCommand.class);

    @Option(
            names = "--validate",
            paramLabel = "FILE",
            description = "Look at this file, under the variables that are set here, and change nothing. If a service"
                    + " runs, tell what the file would change, and whether that needs a restart.")
    private @Nullable Path file;

    @Option(names = "--json", description = "Print the service's own answer.")
    private boolean json;

    ConfigCommand(SettingsSource source, PrintStream out, PrintStream err) {
        super(source, out, err);
    }

    @Override
    public Integer call() {
        return file == null ? super.call() : validate(file);
    }

    @Override
    int run(ManagementClient service) {
        Answer answer = settings(service);
        if (json) {
            say(answer.body().encode());
            return ExitStatus.DONE;
        }
        JsonArray settings = answer.body().getJsonArray("settings", new JsonArray());
        Table table = new Table();
        for (int i = 0; i < settings.size(); i++) {
            JsonObject setting = settings.getJsonObject(i);
            String awaiting = setting.getString("awaiting_restart");
            table.row(
                    setting.getString("key"),
                    Objects.requireNonNullElse(setting.getString("value"), ""),
                    setting.getString("origin", "") + (awaiting == null ? "" : "  WAITS FOR A RESTART: " + awaiting));
        }
        say(table.lines());
        return ExitStatus.DONE;
    }

    private static Answer settings(ManagementClient service) {
        Answer answer = service.get("/admin/config");
        if (!answer.isOk()) {
            throw new RemoteFailure(ExitStatus.NOT_DONE, "The settings can't be shown: " + answer.reason());
        }
        return answer;
    }

    private int validate(Path candidate) {
        LoadedSettings loaded;
        try {
            loaded = new ConfigFile(candidate, source.environment()).load();
        } catch (InvalidSettingException e) {
            log.debug("The file is not valid", e);
            complain(candidate + " is not valid: " + e.getMessage());
            return ExitStatus.USAGE;
        }
        say(candidate + " is valid");
        if (loaded.settings().database().uri() == null) {
            say("note: database.uri is neither in it nor in a variable here; a start needs it");
        }
        loaded.unknownVariables().forEach(each -> say("note: " + each + " names no setting, and is ignored"));
        try {
            compare(LiveSettings.of(loaded.settings()), settings(connect()));
        } catch (RemoteFailure | InvalidSettingException e) {
            log.debug("There is nothing to compare with", e);
            say("note: not compared with a running service, for none can be asked here");
        }
        return ExitStatus.DONE;
    }

    private void compare(LiveSettings candidate, Answer running) {
        Map<String, @Nullable String> values = new HashMap<>();
        JsonArray settings = running.body().getJsonArray("settings", new JsonArray());
        for (int i = 0; i < settings.size(); i++) {
            JsonObject setting = settings.getJsonObject(i);
            values.put(setting.getString("key"), setting.getString("value"));
        }
        boolean same = true;
        for (Setting setting : candidate.all()) {
            if (values.containsKey(setting.key()) && !Objects.equals(values.get(setting.key()), setting.value())) {
                same = false;
                say(Terminal.plain(setting.key() + ": " + values.get(setting.key()) + " → " + setting.value() + ", "
                        + (setting.reloads() ? "without a restart" : "NEEDS A RESTART")));
            }
        }
        if (same) {
            say("The running service has these settings already, as far as they are no secrets");
        }
    }
}
