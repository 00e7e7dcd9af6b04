package dev.writebehind.api;

import dev.writebehind.completion.Receipts;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/**
 * The text form of times in the API, {@code 2026-11-26T20:35:12.123456Z}: UTC, with six digits whatever they are.
 * Stateless.
 */
final class MomentText {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.").withZone(ZoneOffset.UTC);
    private static final long MICROS = 1_000_000;
    private static final int LAST_YEAR = 9_999;
    /** That of the digits which every text of six is the end of. */
    private static final int LEADING_ONE = 1_000_000;

    private MomentText() {}

    /**
     * Reads one, of any offset and of up to nine digits, none of which below a microsecond counts; microseconds since
     * the epoch, which nothing is before.
     */
    static long micros(String text) {
        OffsetDateTime moment = OffsetDateTime.parse(text);
        if (moment.getYear() > LAST_YEAR) {
            throw new DateTimeException("there is no such year");
        }
        long seconds = moment.toEpochSecond();
        return seconds < 0 ? 0 : seconds * MICROS + moment.getNano() / 1_000;
    }

    /** Returns that of microseconds since the epoch. */
    static String of(long micros) {
        return text(seconds(Math.floorDiv(micros, MICROS)), micros);
    }

    /** Returns those of a request's writes, in their order; a hundred thousand take a few milliseconds. */
    static List<String> of(Receipts receipts) {
        List<String> texts = new ArrayList<>(receipts.count());
        long second = Long.MIN_VALUE;
        String seconds = "";
        for (int i = 0; i < receipts.count(); i++) {
            long micros = receipts.at(i);
            if (Math.floorDiv(micros, MICROS) != second) {
                second = Math.floorDiv(micros, MICROS);
                seconds = seconds(second);
            }
            texts.add(text(seconds, micros));
        }
        return texts;
    }

    private static String seconds(long second) {
        return SECONDS.format(Instant.ofEpochSecond(second));
    }

    private static String text(String seconds, long micros) {
        String digits = Long.toString(LEADING_ONE + Math.floorMod(micros, MICROS));
        return new StringBuilder(seconds.length() + digits.length())
                .append(seconds)
                .append(digits, 1, digits.length())
                .append('Z')
                .toString();
    }
}
