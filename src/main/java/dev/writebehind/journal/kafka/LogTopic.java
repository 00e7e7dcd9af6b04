package dev.writebehind.journal.kafka;

import dev.writebehind.config.ByteSize;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.UnusableJournalException;
import java.time.Duration;
import java.util.List;

/**
 * The topic that the settings name, for those who see to it that it is as it must be. Safe for any thread; blocks for
 * as long as the patience at most.
 */
public final class LogTopic {
    private final KafkaSettings settings;
    private final TopicCreation right;
    private final Duration patience;

    /**
     * Creates it; asks no broker yet.
     *
     * @param largest body of a request, whose record the topic must take
     * @param patience longest wait for the brokers
     */
    public LogTopic(KafkaSettings settings, ByteSize largest, Duration patience) {
        this.settings = settings;
        this.right = new TopicCreation(settings.topic(), TopicCreation.REPLICAS, largest);
        this.patience = patience;
    }

    /**
     * Returns what is found of it and its brokers, that they don't answer too.
     *
     * @throws UnusableJournalException if the clients can't be made as the settings are
     */
    public List<Finding> findings() {
        try (Clients clients = Clients.of(settings)) {
            return new TopicCheck(
                            clients.admin(),
                            right.topic(),
                            right.replicas(),
                            right.largest(),
                            settings.sessionTimeout(),
                            patience)
                    .findings();
        }
    }

    /**
     * Creates it.
     *
     * @throws IllegalStateException if the brokers don't, with their reason
     * @throws UnusableJournalException if the clients can't be made as the settings are
     */
    public void create() {
        try (Clients clients = Clients.of(settings)) {
            right.create(clients.admin(), patience);
        }
    }

    /**
     * Creates it where there is none of its name, and returns whether there was none.
     *
     * @throws IllegalStateException if the brokers don't, with their reason
     * @throws UnusableJournalException if the clients can't be made as the settings are
     */
    public boolean createIfMissing() {
        try (Clients clients = Clients.of(settings)) {
            return right.createIfMissing(clients.admin(), patience);
        }
    }

    /** Returns the command of Kafka's own tools that creates it. */
    public String creationCommand() {
        return right.command(settings.requiredServers());
    }

    /**
     * Does nothing if writes are safe in it, as far as that is known.
     *
     * @throws UnfitTopicException if they are not
     */
    public void requireFit() {
        List<String> unfit = findings().stream()
                .filter(finding -> finding.kind() == Finding.Kind.UNFIT)
                .map(Finding::text)
                .toList();
        if (!unfit.isEmpty()) {
            throw new UnfitTopicException(unfit);
        }
    }
}
