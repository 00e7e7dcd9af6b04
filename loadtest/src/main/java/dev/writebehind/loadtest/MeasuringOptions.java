package dev.writebehind.loadtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every command that measures. Confined to the thread that runs the command. */
final class MeasuringOptions {
    @Option(
            names = "--database",
            paramLabel = "URI",
            description = "mysql://user:password@host:port/any of a server; without it, a MariaDB is started")
    private String database = "";

    @Option(names = "--out", paramLabel = "DIR", description = "for what is found (loadtest/results/${COMMAND-NAME})")
    private String out = "";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    /** Returns the URI of the server; empty: none is given. */
    String database() {
        return database;
    }

    /** Returns the directory for what is found, which is there then. */
    Path directory() throws IOException {
        return Files.createDirectories(Main.output(out, Path.of("results", command.name())));
    }

    /** Returns the command as it was given, without passwords. */
    String asGiven() {
        return Main.withoutPasswords(
                command.commandLine().getParseResult().originalArgs().toArray(String[]::new));
    }
}
