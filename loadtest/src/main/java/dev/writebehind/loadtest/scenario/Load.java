package dev.writebehind.loadtest.scenario;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;

/**
 * The parameters that a scenario is run with; immutable. As system properties, each is called {@code loadtest.} and its
 * name here; durations are in seconds.
 *
 * @param target where the service listens, without a path
 * @param rate writes due in a second, where the scenario's profile is at 1
 * @param learners how many take part
 * @param courseSize blocks of the course
 * @param warmUp before the measured phase; its requests count for the table only
 * @param duration of the measured phase
 * @param timeout after which a request is given up
 * @param ack asked for with each request; empty leaves it to the target
 * @param judged whether the scenario's assertions are checked
 * @param output directory for what was recorded
 */
public record Load(
        String target,
        double rate,
        int learners,
        int courseSize,
        Duration warmUp,
        Duration duration,
        Duration timeout,
        String ack,
        boolean judged,
        Path output) {
    private static final String PREFIX = "loadtest.";

    /** Reads the system properties; what is missing is as the scenario wants it. */
    static Load fromProperties(double rate, int learners, int courseSize, Duration duration) {
        Properties given = System.getProperties();
        return new Load(
                given.getProperty(PREFIX + "target", "http://127.0.0.1:8080"),
                Double.parseDouble(given.getProperty(PREFIX + "rate", String.valueOf(rate))),
                Integer.parseInt(given.getProperty(PREFIX + "learners", String.valueOf(learners))),
                Integer.parseInt(given.getProperty(PREFIX + "courseSize", String.valueOf(courseSize))),
                seconds(given, "warmUp", Duration.ofSeconds(5)),
                seconds(given, "duration", duration),
                seconds(given, "timeout", Duration.ofSeconds(30)),
                given.getProperty(PREFIX + "ack", ""),
                Boolean.parseBoolean(given.getProperty(PREFIX + "judged", "true")),
                Path.of(given.getProperty(PREFIX + "output", "target/scenario")));
    }

    /** Returns the property's name and value, as {@code -D} takes it. */
    public static String property(String name, Object value) {
        return "-D" + PREFIX + name + "=" + text(value);
    }

    /** Sets the property for this process. */
    public static void set(String name, Object value) {
        System.setProperty(PREFIX + name, text(value));
    }

    private static String text(Object value) {
        return value instanceof Duration time ? String.valueOf(time.toMillis() / 1_000.0) : value.toString();
    }

    private static Duration seconds(Properties given, String name, Duration otherwise) {
        String text = given.getProperty(PREFIX + name);
        return text == null ? otherwise : Duration.ofMillis(Math.round(Double.parseDouble(text) * 1_000));
    }
}
