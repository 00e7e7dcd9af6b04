package dev.writebehind;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.writebehind.config.LiveSettings;
import dev.writebehind.config.Origin;
import org.slf4j.LoggerFactory;

/** The level of the service's own log, by {@code log.level}. Stateless. */
final class LogLevel {
    private LogLevel() {}

    /** Sets it whenever the settings change, and now if somebody gave it: else Logback may have been told otherwise. */
    static void follow(LiveSettings settings) {
        Runnable set = () -> {
            if (LoggerFactory.getLogger(LogLevel.class.getPackageName()) instanceof Logger own) {
                own.setLevel(Level.convertAnSLF4JLevel(settings.get().log().level()));
            }
        };
        boolean given = settings.all().stream()
                .anyMatch(
                        setting -> setting.key().equals("log.level") && !(setting.origin() instanceof Origin.Default));
        if (given) {
            set.run();
        }
        settings.onChange(set);
    }
}
