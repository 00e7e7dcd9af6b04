package dev.writebehind;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for; immutable.
 *
 * @param config the settings' file; null: the usual one, if it is there
 */
record CommandLine(Command command, @Nullable Path config) {
    enum Command {
        SERVE,
        MIGRATE,
        CHECK,
        HELP
    }

    /** Reads the arguments, or throws {@link IllegalArgumentException} with what is wrong. */
    static CommandLine parse(String[] args) {
        Command command = null;
        Path config = null;
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            if (arg.equals("--help") || arg.equals("-h")) {
                return new CommandLine(Command.HELP, null);
            } else if (arg.startsWith("--config=")) {
                config = Path.of(arg.substring("--config=".length()));
            } else if (arg.equals("--config") && i + 1 < args.length) {
                i++;
                config = Path.of(args[i]);
            } else if (command == null && !arg.startsWith("-")) {
                command = command(arg);
            } else {
                throw new IllegalArgumentException("Unexpected argument: " + arg);
            }
        }
        return new CommandLine(command == null ? Command.SERVE : command, config);
    }

    private static Command command(String name) {
        for (Command command : Command.values()) {
            if (command.name().toLowerCase(Locale.ROOT).equals(name)) {
                return command;
            }
        }
        throw new IllegalArgumentException("Unknown command: " + name);
    }
}
