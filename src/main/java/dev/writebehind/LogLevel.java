package dev.writebehind;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.writebehind.config.LiveSettings;
import org.slf4j.LoggerFactory;

/** The level of the service's own log, by {@code log.level}. Stateless. */
final class LogLevel {
    private LogLevel() {}

    /** Sets it, now and whenever the settings change. */
    static void follow(LiveSettings settings) {
        Runnable set = () -> {
            if (LoggerFactory.getLogger(LogLevel.class.getPackageName()) instanceof Logger own) {
                own.setLevel(Level.convertAnSLF4JLevel(settings.get().log().level()));
            }
        };
        set.run();
        settings.onChange(set);
    }
}
