package dev.writebehind.cli;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command that prints what makes a shell complete all others. Used by the main thread. */
@Command(
        name = "completion",
        description =
                "Print a script that makes bash and zsh complete these commands: source <(writebehind" + " completion)")
final class CompletionCommand implements Callable<Integer> {
    private final PrintStream out;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    CompletionCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        out.print(AutoComplete.bash("writebehind", spec.root().commandLine()));
        return ExitStatus.DONE;
    }
}
