package dev.writebehind;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for; immutable.
 *
 * @param config the settings' file; null: the usual one, if it is there
 */
record CommandLine(Command command, @Nullable Path config, Set<Option> options) {
    enum Command {
        SERVE,
        MIGRATE,
        CHECK,
        UNDO,
        PURGE_ORPHANS,
        HELP
    }

    /** What changes a command. */
    enum Option {
        DRY_RUN,
        KEEP_ORPHANS
    }

    CommandLine {
        options = Set.copyOf(options);
    }

    /** Reads the arguments, or throws {@link IllegalArgumentException} with what is wrong. */
    static CommandLine parse(String[] args) {
        Command command = null;
        Path config = null;
        Set<Option> options = EnumSet.noneOf(Option.class);
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            if (arg.equals("--help") || arg.equals("-h")) {
                return new CommandLine(Command.HELP, null, Set.of());
            } else if (arg.startsWith("--config=")) {
                config = Path.of(arg.substring("--config=".length()));
            } else if (arg.equals("--config") && i + 1 < args.length) {
                i++;
                config = Path.of(args[i]);
            } else if (arg.startsWith("-")) {
                options.add(option(arg));
            } else if (command == null) {
                command = named(Command.values(), arg, "Unknown command: " + arg);
            } else {
                throw new IllegalArgumentException("Unexpected argument: " + arg);
            }
        }
        Command asked = command == null ? Command.SERVE : command;
        for (Option option : options) {
            if (!isFor(option, asked)) {
                throw new IllegalArgumentException("The command " + word(asked) + " takes no --" + word(option));
            }
        }
        return new CommandLine(asked, config, options);
    }

    private static boolean isFor(Option option, Command command) {
        return switch (command) {
            case UNDO -> true;
            case MIGRATE, PURGE_ORPHANS -> option == Option.DRY_RUN;
            case SERVE, CHECK, HELP -> false;
        };
    }

    boolean has(Option option) {
        return options.contains(option);
    }

    private static Option option(String arg) {
        String unexpected = "Unexpected argument: " + arg;
        if (!arg.startsWith("--")) {
            throw new IllegalArgumentException(unexpected);
        }
        return named(Option.values(), arg.substring(2), unexpected);
    }

    private static <E extends Enum<E>> E named(E[] all, String word, String otherwise) {
        for (E each : all) {
            if (word(each).equals(word)) {
                return each;
            }
        }
        throw new IllegalArgumentException(otherwise);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
