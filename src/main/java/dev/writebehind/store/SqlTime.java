package dev.writebehind.store;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/**
 * Converts between microseconds since the epoch and {@code DATETIME(6)} in UTC; stateless. Text and not
 * {@code FROM_UNIXTIME}: that depends on the session's time zone and, on MariaDB before 11.5, ends in 2038.
 */
final class SqlTime {
    private static final DateTimeFormatter TEXT = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS");
    private static final LocalDateTime EPOCH = LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC);

    private SqlTime() {}

    static String text(long micros) {
        return TEXT.format(EPOCH.plus(micros, ChronoUnit.MICROS));
    }

    static long micros(LocalDateTime time) {
        return ChronoUnit.MICROS.between(EPOCH, time);
    }
}
