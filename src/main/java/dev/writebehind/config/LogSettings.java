package dev.writebehind.config;

import org.slf4j.event.Level;

/**
 * The log on the standard output.
 *
 * @param level the least that the service itself logs
 */
public record LogSettings(@Reloads Level level) {
    public LogSettings {
        Require.present("log.level", level);
    }
}
