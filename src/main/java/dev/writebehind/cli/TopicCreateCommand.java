package dev.writebehind.cli;

import dev.writebehind.config.Settings;
import dev.writebehind.journal.UnusableJournalException;
import dev.writebehind.journal.kafka.LogTopic;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that creates the topic as it must be, and checks it then. Blocks the calling thread. */
@Command(
        name = "create",
        description = "Create the topic that journal.kafka.topic names, with every setting that matters, and check it.")
final class TopicCreateCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(TopicCreateCommand.class);

    private final SettingsSource source;
    private final PrintStream out;
    private final PrintStream err;

    @Option(names = "--dry-run", description = "Print the command of Kafka's own tools instead.")
    private boolean dryRun;

    @Option(names = "--if-missing", description = "Only check it where it is there already.")
    private boolean ifMissing;

    TopicCreateCommand(SettingsSource source, PrintStream out, PrintStream err) {
        this.source = source;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        Settings settings = source.loaded().settings();
        LogTopic topic = TopicLines.topic(settings);
        if (dryRun) {
            out.println(topic.creationCommand());
            return ExitStatus.DONE;
        }
        boolean isCreated = true;
        try {
            if (ifMissing) {
                isCreated = topic.createIfMissing();
            } else {
                topic.create();
            }
        } catch (IllegalStateException | UnusableJournalException e) {
            log.debug("The topic can't be created", e);
            err.println(e.getMessage());
            return ExitStatus.NOT_DONE;
        }
        out.println(
                "The topic " + settings.journal().kafka().topic() + (isCreated ? " was created" : " is there already"));
        return TopicLines.print(settings, out::println) ? ExitStatus.DONE : ExitStatus.NOT_DONE;
    }
}
