package dev.writebehind;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import dev.writebehind.config.LiveSettings;
import dev.writebehind.config.LogSettings;
import dev.writebehind.config.Origin;
import dev.writebehind.log.LogEncoder;
import org.slf4j.LoggerFactory;

/** The level of the service's log and the form of its lines, by {@code log.level}, {@code log.format}. Stateless. */
public final class LogOutput {
    private LogOutput() {}

    /** Sets them when the settings change, and now what somebody gave: else Logback may have been told otherwise. */
    public static void follow(LiveSettings settings) {
        settings.all().forEach(setting -> {
            boolean given = !(setting.origin() instanceof Origin.Default);
            if (given && setting.key().equals("log.level")) {
                setLevel(settings);
            } else if (given && setting.key().equals("log.format")) {
                setFormat(settings);
            }
        });
        settings.onChange(() -> setLevel(settings));
        settings.onChange(() -> setFormat(settings));
    }

    private static void setLevel(LiveSettings settings) {
        if (LoggerFactory.getLogger(LogOutput.class.getPackageName()) instanceof Logger own) {
            own.setLevel(Level.convertAnSLF4JLevel(settings.get().log().level()));
        }
    }

    /** Of no effect on appenders of a Logback configuration of the operator's own. */
    private static void setFormat(LiveSettings settings) {
        boolean json = settings.get().log().format() == LogSettings.Format.JSON;
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.iteratorForAppenders().forEachRemaining(appender -> {
                if (appender instanceof OutputStreamAppender<ILoggingEvent> stream
                        && stream.getEncoder() instanceof LogEncoder encoder) {
                    encoder.setJson(json);
                }
            });
        }
    }
}
