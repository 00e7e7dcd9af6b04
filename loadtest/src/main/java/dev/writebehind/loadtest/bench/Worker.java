package dev.writebehind.loadtest.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.loadtest.comparison.Child;
import dev.writebehind.loadtest.comparison.RunFailedException;
import dev.writebehind.loadtest.result.Slice;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A process that obeys orders, as its starter sees it. Not for concurrent use. */
final class Worker implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration SLACK = Duration.ofMinutes(10);
    private static final int LOOK_MILLIS = 5;

    private final Child child;
    private int answers;

    private Worker(Child child) {
        this.child = child;
    }

    /** What it told of an order; times in milliseconds. */
    record Done(long units, long failed, double seconds, double p50, double p99, double p999, double max) {
        /** Returns it as a slice of a benchmark. */
        Slice slice(String side, int round, Map<String, Double> cpu) {
            return new Slice(side, round, seconds, units, failed, p50, p99, p999, max, cpu);
        }
    }

    /** Waits until it is ready. */
    static Worker of(Child child) throws InterruptedException {
        child.awaitReady(START);
        return new Worker(child);
    }

    long pid() {
        return child.pid();
    }

    /**
     * Has it work for so long.
     *
     * @param rate due in a second; 0: as fast as it goes
     */
    Done go(double seconds, double rate) throws InterruptedException, IOException {
        return done(ask(
                String.format(Locale.ROOT, "go %.3f %.3f", seconds, rate), SLACK.plusMillis((long) (seconds * 1_000))));
    }

    /** Has it send every key once. */
    Done all() throws InterruptedException, IOException {
        return some(1);
    }

    /** Has it send the first keys of each connection once, so large a share of them. */
    Done some(double share) throws InterruptedException, IOException {
        return done(ask(String.format(Locale.ROOT, "all %.6f", share), SLACK));
    }

    /** Has it leave behind what it was told. */
    void end() throws InterruptedException, IOException {
        ask("end", SLACK);
    }

    private static Done done(JsonNode answer) {
        return new Done(
                answer.get("units").asLong(),
                answer.get("failed").asLong(),
                answer.get("seconds").asDouble(),
                answer.get("p50").asDouble(),
                answer.get("p99").asDouble(),
                answer.get("p999").asDouble(),
                answer.get("max").asDouble());
    }

    private JsonNode ask(String order, Duration within) throws InterruptedException, IOException {
        child.tell(order);
        long end = System.nanoTime() + within.toNanos();
        while (System.nanoTime() < end) {
            List<String> lines =
                    child.output().stream().filter(line -> line.startsWith("{")).toList();
            if (lines.size() > answers) {
                answers++;
                return JSON.readTree(lines.get(answers - 1));
            }
            if (!child.isAlive()) {
                throw new RunFailedException(child.death());
            }
            Thread.sleep(LOOK_MILLIS);
        }
        throw new RunFailedException("no answer to \"" + order + "\" within " + within.toSeconds() + " s");
    }

    @Override
    public void close() {
        child.close();
    }
}
