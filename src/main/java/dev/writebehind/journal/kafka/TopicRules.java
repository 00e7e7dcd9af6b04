package dev.writebehind.journal.kafka;

import dev.writebehind.config.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a topic's description and settings, by Kafka's names, say about it as the log; immutable. */
record TopicRules(String topic, int minReplicas, ByteSize largest) {
    private static final String NEVER = String.valueOf(Long.MAX_VALUE);

    List<Finding> findings(int partitions, int replicas, Map<String, String> settings) {
        List<Finding> findings = new ArrayList<>();
        shape(partitions, replicas, findings);
        inSync(replicas, settings, findings);
        must(
                settings,
                "unclean.leader.election.enable",
                Set.of("false"),
                "a broker that lacks acknowledged writes may become the one that leads",
                findings);
        must(
                settings,
                "cleanup.policy",
                Set.of("delete"),
                "records are removed that are needed, or kept that are not",
                findings);
        must(settings, "retention.ms", Set.of("-1"), "writes are deleted by their age, flushed or not", findings);
        must(settings, "retention.bytes", Set.of("-1"), "writes are deleted for room, flushed or not", findings);
        must(
                settings,
                "message.timestamp.type",
                Set.of("LogAppendTime"),
                "receipt times come from instances' clocks, and rows get older values over newer ones",
                findings);
        must(
                settings,
                "compression.type",
                Set.of("producer", "uncompressed"),
                "the brokers pack records as this service does not read them",
                findings);
        messages(settings, findings);
        if (findings.isEmpty()) {
            findings.add(Finding.ok("the topic " + topic + " keeps what it acknowledges, in order: one partition, "
                    + replicas + " replicas, min.insync.replicas " + settings.get("min.insync.replicas")));
        }
        flushed(settings, findings);
        return findings;
    }

    private void shape(int partitions, int replicas, List<Finding> findings) {
        if (partitions != 1) {
            findings.add(Finding.unfit("the topic " + topic + " has " + partitions
                    + " partitions, among which there is no order: it must have 1. Create another one and name it in"
                    + " journal.kafka.topic: " + new TopicCreation("…", minReplicas, largest).command()));
        }
        if (replicas < minReplicas) {
            findings.add(Finding.unfit("the topic " + topic + " is on " + replicas + " of the brokers: it must be on "
                    + minReplicas + " or more, so that one may die with its disk: kafka-reassign-partitions.sh adds"
                    + " replicas"));
        }
    }

    private void inSync(int replicas, Map<String, String> settings, List<Finding> findings) {
        String name = "min.insync.replicas";
        int wanted = TopicCreation.minInSync(minReplicas);
        long minimum = number(settings, name, 1);
        if (minimum < wanted) {
            findings.add(unfit(
                    name,
                    settings.get(name),
                    "a write is acknowledged that fewer than " + wanted + " brokers have",
                    String.valueOf(wanted)));
        } else if (minimum >= replicas && replicas > 1) {
            findings.add(unfit(
                    name,
                    settings.get(name),
                    "with " + replicas + " replicas, nothing is taken while a single broker is away",
                    String.valueOf(TopicCreation.minInSync(replicas))));
        }
    }

    private void must(
            Map<String, String> settings, String name, Set<String> right, String why, List<Finding> findings) {
        String value = settings.get(name);
        if (value == null || !right.contains(value)) {
            findings.add(unfit(
                    name,
                    value,
                    why,
                    new TopicCreation(topic, minReplicas, largest).settings().getOrDefault(name, "…")));
        }
    }

    private void messages(Map<String, String> settings, List<Finding> findings) {
        String name = "max.message.bytes";
        long needed = RecordSize.bound(largest);
        if (number(settings, name, 0) < needed) {
            findings.add(unfit(
                    name,
                    settings.get(name),
                    "a request is one record, of up to twice its size, and http.max-body is " + largest
                            + " (it may be lowered instead)",
                    String.valueOf(needed)));
        }
    }

    private void flushed(Map<String, String> settings, List<Finding> findings) {
        if (number(settings, "flush.messages", Long.MAX_VALUE) != 1) {
            findings.add(Finding.note("flush.messages of the topic " + topic + " is "
                    + settings.getOrDefault("flush.messages", NEVER).replace(NEVER, "not set")
                    + ": an acknowledged write is in the memory of " + settings.get("min.insync.replicas")
                    + " brokers or more, and on their disks some time later. One may die with its disk; if all lose"
                    + " their power at once, the newest writes are lost. With 1 they are on disk first, and appends"
                    + " slower: " + command("flush.messages", "1")));
        }
    }

    private Finding unfit(String name, @Nullable String value, String why, String right) {
        return Finding.unfit(name + " of the topic " + topic + " is " + (value == null ? "not told" : value) + ": "
                + why + ": " + command(name, right));
    }

    private String command(String name, String right) {
        return "kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name " + topic
                + " --add-config " + name + "=" + right;
    }

    static long number(Map<String, String> settings, String name, long unlessTold) {
        String value = settings.get(name);
        return value == null ? unlessTold : Long.parseLong(value);
    }
}
