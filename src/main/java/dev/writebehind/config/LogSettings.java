package dev.writebehind.config;

import org.slf4j.event.Level;

/**
 * The log on the standard output.
 *
 * @param level the least that the service itself logs
 * @param format the form of its lines
 */
public record LogSettings(@Reloads Level level, @Reloads Format format) {
    /** The forms of the log's lines. */
    public enum Format {
        /** For people. */
        TEXT,
        /** A JSON object in each line, for whatever collects logs. */
        JSON
    }

    public LogSettings {
        Require.present("log.level", level);
        Require.present("log.format", format);
    }
}
