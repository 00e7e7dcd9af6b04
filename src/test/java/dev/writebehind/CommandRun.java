package dev.writebehind;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What a command printed and its exit code; immutable. */
record CommandRun(int status, String output) {
    /** Runs a command in this process with those variables and no others. */
    static CommandRun of(Map<String, String> environment, String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (PrintStream capture = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(capture);
            System.setErr(capture);
            int status = Main.run(arguments, environment);
            return new CommandRun(status, printed.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    /** Runs a command on that database. */
    static CommandRun on(String databaseUri, String... arguments) {
        return of(Map.of("WRITEBEHIND_DATABASE_URI", databaseUri), arguments);
    }
}
