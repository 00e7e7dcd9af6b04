package dev.writebehind.store;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * The conversion between microseconds since the epoch and {@code DATETIME(6)} in UTC; stateless. Text and not
 * {@code FROM_UNIXTIME}: that depends on the session's time zone and, on MariaDB before 11.5, ends in 2038.
 */
final class SqlTime {
    private static final LocalDateTime EPOCH = LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC);
    private static final long MICROS_PER_DAY = 86_400_000_000L;
    private static final String FORM = "0000-00-00 00:00:00.000000";
    private static final int MAX_YEAR = 9_999;

    private SqlTime() {}

    /** Written digit by digit: three of them for each row were a fifth of a flush's own CPU by DateTimeFormatter. */
    static String text(long micros) {
        LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(micros, MICROS_PER_DAY));
        if (date.getYear() < 0 || date.getYear() > MAX_YEAR) {
            throw new IllegalArgumentException("DATETIME has no year " + date.getYear());
        }
        byte[] text = FORM.getBytes(StandardCharsets.US_ASCII);
        put(text, 3, date.getYear());
        put(text, 6, date.getMonthValue());
        put(text, 9, date.getDayOfMonth());
        long ofDay = Math.floorMod(micros, MICROS_PER_DAY);
        int seconds = (int) (ofDay / 1_000_000);
        put(text, 12, seconds / 3_600);
        put(text, 15, seconds / 60 % 60);
        put(text, 18, seconds % 60);
        put(text, 25, (int) (ofDay % 1_000_000));
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    /** Writes a number's digits so that the last one stands there. */
    private static void put(byte[] text, int last, int number) {
        int at = last;
        for (int rest = number; rest > 0; rest /= 10) {
            text[at--] = (byte) ('0' + rest % 10);
        }
    }

    static long micros(LocalDateTime time) {
        return ChronoUnit.MICROS.between(EPOCH, time);
    }
}
