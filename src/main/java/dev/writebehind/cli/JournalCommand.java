package dev.writebehind.cli;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands for the journal's directory. Used by the main thread. */
@Command(name = "journal", description = "Look at a journal's directory.")
final class JournalCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private JournalCommand() {}

    static CommandLine of(SettingsSource source, PrintStream out, PrintStream err) {
        return new CommandLine(new JournalCommand()).addSubcommand(new JournalInspectCommand(source, out, err));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Missing command: inspect");
    }
}
