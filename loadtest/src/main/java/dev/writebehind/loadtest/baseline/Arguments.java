package dev.writebehind.loadtest.baseline;

import dev.writebehind.config.DatabaseUri;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The command line of a process, written {@code --name value}; immutable. Throws where it is wrong, and says how. */
final class Arguments {
    private final Map<String, String> values;

    private Arguments(Map<String, String> values) {
        this.values = Map.copyOf(values);
    }

    /**
     * Reads a command line.
     *
     * @param required what must be given
     * @param defaults what may be given, and what holds where it is not
     */
    static Arguments parse(String[] line, Set<String> required, Map<String, String> defaults) {
        Map<String, String> values = new HashMap<>(defaults);
        for (int i = 0; i < line.length; i += 2) {
            String name = line[i].startsWith("--") ? line[i].substring(2) : "";
            if (!required.contains(name) && !defaults.containsKey(name)) {
                throw new IllegalArgumentException("\"" + line[i] + "\" is no argument here");
            }
            if (i + 1 == line.length) {
                throw new IllegalArgumentException("--" + name + " needs a value");
            }
            values.put(name, line[i + 1]);
        }
        for (String name : required) {
            if (!values.containsKey(name)) {
                throw new IllegalArgumentException("--" + name + " is missing");
            }
        }
        return new Arguments(values);
    }

    DatabaseUri database(String name) {
        return read(name, DatabaseUri::parse, "");
    }

    int integer(String name, int least) {
        int value = read(name, Integer::valueOf, " (a whole number)");
        if (value < least) {
            throw new IllegalArgumentException("--" + name + " must be at least " + least + ", was " + value);
        }
        return value;
    }

    /** Returns a number between 0 and 1. */
    double share(String name) {
        double value = read(name, Double::valueOf, " (a number between 0 and 1)");
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("--" + name + " must be between 0 and 1, was " + value);
        }
        return value;
    }

    /** Returns a time written {@code 250ms}, {@code 5s} or {@code 1m}. */
    Duration duration(String name) {
        return read(name, Arguments::readDuration, " (write it as 250ms, 5s or 1m)");
    }

    private static Duration readDuration(String text) {
        return text.endsWith("ms")
                ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
                : Duration.parse("PT" + text);
    }

    private <T> T read(String name, Function<String, T> reading, String form) {
        String text = values.getOrDefault(name, "");
        try {
            return reading.apply(text);
        } catch (IllegalArgumentException | DateTimeParseException e) {
            throw new IllegalArgumentException("--" + name + " is wrong" + form + ": " + e.getMessage(), e);
        }
    }
}
