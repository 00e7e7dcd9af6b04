package dev.writebehind.cli;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands for the topic that several instances share. Used by the main thread. */
@Command(name = "topic", description = "See to the Kafka topic of journal.kafka.")
final class TopicCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private TopicCommand() {}

    static CommandLine of(SettingsSource source, PrintStream out, PrintStream err) {
        return new CommandLine(new TopicCommand()).addSubcommand(new TopicCreateCommand(source, out, err));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Missing command: create");
    }
}
