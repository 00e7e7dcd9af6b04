package dev.writebehind.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The exit code of a command, and what it printed; immutable. */
public record CommandRun(int status, String out, String err) {
    /** Runs a command in this process with those variables and no others. */
    static CommandRun of(Map<String, String> environment, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status =
                Main.commands(environment, stream(out), stream(err), () -> {}).execute(arguments);
        return new CommandRun(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Runs a command in this process with those variables and no others, for tests of other packages. */
    public static CommandRun with(Map<String, String> environment, String... arguments) {
        return of(environment, arguments);
    }

    /** Runs a command on that database. */
    public static CommandRun on(String databaseUri, String... arguments) {
        return of(Map.of("WRITEBEHIND_DATABASE_URI", databaseUri), arguments);
    }

    /** Returns all that it printed. */
    public String output() {
        return out + err;
    }

    private static PrintStream stream(ByteArrayOutputStream printed) {
        return new PrintStream(printed, true, StandardCharsets.UTF_8);
    }
}
