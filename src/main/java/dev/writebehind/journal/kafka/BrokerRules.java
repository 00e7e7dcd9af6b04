package dev.writebehind.journal.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;

/**
 * What the brokers' own settings, by Kafka's names, say about fail-over times; immutable.
 *
 * @param sessionTimeout of the instances in their group
 */
record BrokerRules(Duration sessionTimeout) {
    /** Writes then wait for less than five seconds when the broker dies that leads, if it led no controllers. */
    private static final long GOOD_SESSION_MILLIS = 3_000;

    private static final long GOOD_BACKOFF_MILLIS = 200;

    private static final long GOOD_LAG_MILLIS = 10_000;

    /** Returns what is to be said, of each broker's settings; nothing where all is well. */
    List<Finding> findings(List<Map<String, String>> brokers) {
        List<Finding> findings = new ArrayList<>();
        long session = all(brokers, "broker.session.timeout.ms").getMax();
        if (session > GOOD_SESSION_MILLIS) {
            findings.add(Finding.note("broker.session.timeout.ms of the brokers is " + session
                    + ": for that long, and a second or two, writes wait when a broker dies, and are refused after"
                    + " ingest.ack-timeout. 2000 to 3000 is good, with broker.heartbeat.interval.ms=500 and"
                    + " controller.quorum.fetch.timeout.ms=1000, at brokers and controllers"));
        }
        long backoff = all(brokers, "replica.fetch.backoff.ms").getMax();
        if (backoff > GOOD_BACKOFF_MILLIS) {
            findings.add(Finding.note("replica.fetch.backoff.ms of the brokers is " + backoff
                    + ": for that long, or twice, writes wait when a broker dies and another one asks its successor"
                    + " before that knows that it leads. 100 is good"));
        }
        long lag = all(brokers, "replica.lag.time.max.ms").getMax();
        if (lag > GOOD_LAG_MILLIS) {
            findings.add(Finding.note("replica.lag.time.max.ms of the brokers is " + lag
                    + ": for that long writes wait for a broker that is there and does not keep up (a slow disk, say)."
                    + " 5000 to 10000 is good"));
        }
        long wanted = sessionTimeout.toMillis();
        long least = all(brokers, "group.min.session.timeout.ms").getMax();
        LongSummaryStatistics most = all(brokers, "group.max.session.timeout.ms");
        if (least > wanted || (most.getCount() > 0 && most.getMin() < wanted)) {
            findings.add(Finding.unfit("the brokers take members of groups whose session time-out is from " + least
                    + " to " + most.getMin() + " ms (group.min.session.timeout.ms, group.max.session.timeout.ms), and"
                    + " journal.kafka.session-timeout is " + wanted + ": change it, or theirs"));
        }
        return findings;
    }

    private static LongSummaryStatistics all(List<Map<String, String>> brokers, String name) {
        return brokers.stream()
                .filter(settings -> settings.containsKey(name))
                .mapToLong(settings -> TopicRules.number(settings, name, 0))
                .summaryStatistics();
    }
}
