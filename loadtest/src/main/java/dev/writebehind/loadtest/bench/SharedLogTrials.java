package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.bench.Sink.Setup;
import dev.writebehind.loadtest.comparison.Child;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.comparison.RunFailedException;
import dev.writebehind.loadtest.result.LogTrial;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What the service, and what a bridge with Debezium's sink, make of what goes wrong: a row that the database refuses,
 * writes of a key in several partitions, a reset while writes are on their way. Not for concurrent use.
 */
final class SharedLogTrials {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int KEYS = 500;
    private static final int VALUES = 20;
    private static final double LAST = 0.9;
    private static final int POISON = 83;
    private static final double REFUSED = 0.6666;
    private static final String SINK = "bridge and sink";

    private static final String COURSE = TrialRows.COURSE.replace("+", "%2B");
    private static final int TASKS = 3;

    private static final String A_ROW = "a row that the database refuses";
    private static final String WIDER = "partitions are added while the sink is behind";
    private static final String KEYLESS = "records without keys, three partitions";
    private static final String RESET = "a reset while writes are on their way";

    private final LogSite brokers;
    private final Progress progress;
    private final List<LogTrial> trials = new ArrayList<>();

    SharedLogTrials(LogSite brokers, Progress progress) {
        this.brokers = brokers;
        this.progress = progress;
    }

    List<LogTrial> run() throws InterruptedException, IOException {
        refusedByTheService();
        refusedBySink("", SINK);
        refusedBySink("letters", SINK + ", errors.tolerance=all and a topic of dead letters");
        partitionsOfTheService();
        widened();
        keyless();
        resetByTheService();
        resetInTheTable();
        resetByRecords();
        return List.copyOf(trials);
    }

    private void refusedByTheService() throws InterruptedException, IOException {
        try (Site site = begin(A_ROW, SharedLog.SERVICE)) {
            TrialRows rows = new TrialRows(KEYS);
            RunningTarget service = brokers.service(site, brokers.topic(1));
            refuse(site);
            poison(service, rows);
            service.awaitFlushed();
            String letters = service.manage("/admin/dead-letters");
            int count = letters.split("\"cause\"", -1).length - 1;
            end(rows, site, A_ROW, SharedLog.SERVICE, count + " dead letter; the others go on");
        }
    }

    private void refusedBySink(String letters, String side) throws InterruptedException, IOException {
        try (Site site = begin(A_ROW, side)) {
            TrialRows rows = new TrialRows(KEYS);
            String topic = brokers.topic(1);
            String dead = letters.isEmpty() ? "" : brokers.topic(1);
            RunningTarget bridge = brokers.bridge(site, topic, false);
            refuse(site);
            ConnectWorker worker = brokers.worker(site);
            Sink sink = brokers.sink(worker, site, topic, new Setup(1, false, dead));
            poison(bridge, rows);
            String told;
            if (sink.awaitAll(PATIENCE)) {
                told = letters(dead);
            } else {
                int before = site.schema().database().rows();
                String failure = sink.failure();
                sink.restart();
                told = "the task fails; started again, it " + (sink.awaitAll(PATIENCE) ? "goes on" : "fails again")
                        + "; " + before + " rows before, " + sink.lag() + " records wait; " + letters(dead) + ": "
                        + failure;
            }
            end(rows, site, A_ROW, side, told);
        }
    }

    private String letters(String topic) throws InterruptedException {
        return (topic.isEmpty() ? 0 : brokers.records(topic)) + " dead letters";
    }

    private static void refuse(Site site) {
        site.schema()
                .database()
                .execute("ALTER TABLE completion_blockcompletion ADD CONSTRAINT no_poison CHECK (completion <> "
                        + REFUSED + ")");
    }

    /** One of the first half is refused; the second half is sent once the first had its chance. */
    private static void poison(RunningTarget target, TrialRows rows) throws InterruptedException, IOException {
        rows.write(target, LAST, key -> key < KEYS / 2 && key != POISON);
        rows.write(target, REFUSED, key -> key == POISON);
        rows.write(target, LAST, key -> key >= KEYS / 2);
        rows.forget(key -> key == POISON);
    }

    private void partitionsOfTheService() throws InterruptedException, IOException {
        try (Site site = begin(WIDER, SharedLog.SERVICE)) {
            TrialRows rows = new TrialRows(KEYS);
            String topic = brokers.topic(1);
            RunningTarget service = brokers.service(site, topic);
            service.pause();
            history(service, rows);
            brokers.widen(topic, TASKS);
            String refusal;
            try (Child second = brokers.processes()
                    .service(site.databaseUri(), "256m", brokers.serviceSettings(topic), site.directory("second"))) {
                int status = second.awaitExit(PATIENCE);
                if (second.output().stream().noneMatch(line -> line.contains("partitions, among which"))) {
                    throw new RunFailedException("it ended for another reason: " + second.death());
                }
                refusal = "goes on with the partition that it began with; a start refuses such a topic (exit code "
                        + status + ")";
            }
            rows.write(service, LAST);
            service.resume();
            service.awaitFlushed();
            end(rows, site, WIDER, SharedLog.SERVICE, refusal);
        }
    }

    private void widened() throws InterruptedException, IOException {
        String side = SINK + ", 3 tasks";
        try (Site site = begin(WIDER, side)) {
            TrialRows rows = new TrialRows(KEYS);
            String topic = brokers.topic(1);
            history(brokers.bridge(site, topic, false), rows);
            brokers.widen(topic, TASKS);
            rows.write(brokers.bridge(site, topic, false), LAST);
            drain(site, topic, new Setup(TASKS, false, ""));
            end(rows, site, WIDER, side, "nothing: all records are in the table, the sink says");
        }
    }

    private void keyless() throws InterruptedException, IOException {
        String side = SINK + ", 3 tasks";
        try (Site site = begin(KEYLESS, side)) {
            TrialRows rows = new TrialRows(KEYS);
            String topic = brokers.topic(TASKS);
            RunningTarget bridge = brokers.bridge(site, topic, true);
            history(bridge, rows);
            rows.write(bridge, LAST);
            drain(site, topic, new Setup(TASKS, true, ""));
            end(rows, site, KEYLESS, side, "nothing: all records are in the table, the sink says");
        }
    }

    /** Each key some times, the next value once all have the one before. */
    private static void history(RunningTarget target, TrialRows rows) throws InterruptedException, IOException {
        for (int value = 0; value < VALUES; value++) {
            rows.write(target, value / 100.0);
        }
    }

    private void drain(Site site, String topic, Setup setup) throws InterruptedException, IOException {
        ConnectWorker worker = brokers.worker(site);
        awaitAll(brokers.sink(worker, site, topic, setup));
    }

    private void resetByTheService() throws InterruptedException, IOException {
        try (Site site = begin(RESET, SharedLog.SERVICE)) {
            TrialRows rows = new TrialRows(KEYS);
            RunningTarget service = brokers.service(site, brokers.topic(1));
            rows.write(service, LAST);
            service.awaitFlushed();
            service.pause();
            rows.write(service, LAST / 2);
            int resets = 0;
            for (int user : rows.users().toArray()) {
                service.send("DELETE", "/v1/users/" + user + "/completions?course_key=" + COURSE, "");
                resets++;
            }
            rows.forget(key -> true);
            service.resume();
            service.awaitFlushed();
            end(rows, site, RESET, SharedLog.SERVICE, resets + " requests, one for each learner's course");
        }
    }

    private void resetInTheTable() throws InterruptedException, IOException {
        String side = SINK + ", rows deleted in the table";
        try (Site site = begin(RESET, side)) {
            TrialRows rows = new TrialRows(KEYS);
            String topic = brokers.topic(1);
            RunningTarget bridge = brokers.bridge(site, topic, false);
            ConnectWorker worker = brokers.worker(site);
            rows.write(bridge, LAST);
            awaitAll(brokers.sink(worker, site, topic, Setup.PLAIN));
            rows.write(bridge, LAST / 2);
            site.schema().database().execute("DELETE FROM completion_blockcompletion");
            rows.forget(key -> true);
            awaitAll(brokers.sink(worker, site, topic, Setup.PLAIN));
            end(rows, site, RESET, side, "nothing");
        }
    }

    private void resetByRecords() throws InterruptedException, IOException {
        String side = SINK + ", a record for each key that deletes it";
        try (Site site = begin(RESET, side)) {
            TrialRows rows = new TrialRows(KEYS);
            String topic = brokers.topic(1);
            RunningTarget bridge = brokers.bridge(site, topic, false);
            ConnectWorker worker = brokers.worker(site);
            rows.write(bridge, LAST);
            awaitAll(brokers.sink(worker, site, topic, Setup.PLAIN));
            rows.write(bridge, LAST / 2);
            rows.delete(bridge);
            awaitAll(brokers.sink(worker, site, topic, Setup.PLAIN));
            end(rows, site, RESET, side, KEYS + " records, of keys that whoever resets has to know");
        }
    }

    /** Stands for a sink that is behind: it runs from where it was until it has all, and not in between. */
    private static void awaitAll(Sink sink) throws InterruptedException, IOException {
        if (!sink.awaitAll(PATIENCE)) {
            throw new RunFailedException(sink.failure());
        }
        sink.stop();
    }

    private Site begin(String trial, String side) {
        progress.begin(trial + ": " + side);
        return brokers.table();
    }

    private void end(TrialRows rows, Site site, String trial, String side, String told) {
        LogTrial result = rows.compare(site.schema().database(), trial, side, told);
        progress.end(told, result.missing() + " missing, " + result.wrong() + " wrong");
        trials.add(result);
    }
}
