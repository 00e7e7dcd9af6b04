package dev.writebehind.cli;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands for what the database has refused. Used by the main thread. */
@Command(
        name = "dead-letters",
        description = "Look after the changes that the database refused for what they hold, as the running service"
                + " keeps them.")
final class DeadLettersCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private DeadLettersCommand() {}

    static CommandLine of(SettingsSource source, PrintStream out, PrintStream err) {
        return new CommandLine(new DeadLettersCommand())
                .addSubcommand(new DeadLetterListCommand(source, out, err))
                .addSubcommand(new DeadLetterShowCommand(source, out, err))
                .addSubcommand(new DeadLetterRetryCommand(source, out, err))
                .addSubcommand(new DeadLetterDropCommand(source, out, err));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Missing command: list, show, retry or drop");
    }
}
