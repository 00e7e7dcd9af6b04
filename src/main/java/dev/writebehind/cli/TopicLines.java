package dev.writebehind.cli;

import dev.writebehind.config.Settings;
import dev.writebehind.journal.UnusableJournalException;
import dev.writebehind.journal.kafka.Finding;
import dev.writebehind.journal.kafka.LogTopic;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The check of the topic that several instances share, in lines as those of the database's. Blocks. */
final class TopicLines {
    private static final Logger log = LoggerFactory.getLogger(TopicLines.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private TopicLines() {}

    static LogTopic topic(Settings settings) {
        return new LogTopic(settings.journal().kafka(), settings.http().maxBody(), PATIENCE);
    }

    /** Says what is found, and returns whether writes are safe there. */
    static boolean print(Settings settings, Consumer<String> say) {
        try {
            List<Finding> findings = topic(settings).findings();
            findings.forEach(finding -> say.accept(label(finding.kind()) + finding.text()));
            return findings.stream().allMatch(Finding::fit);
        } catch (UnusableJournalException e) {
            log.debug("The topic can't be checked", e);
            say.accept(label(Finding.Kind.UNFIT) + e.getMessage());
            return false;
        }
    }

    private static String label(Finding.Kind kind) {
        return switch (kind) {
            case OK -> "ok     ";
            case NOTE -> "note   ";
            case UNKNOWN, UNFIT -> "UNFIT  ";
        };
    }
}
