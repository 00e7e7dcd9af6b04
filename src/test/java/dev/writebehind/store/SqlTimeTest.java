package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlTimeTest {
    private static final DateTimeFormatter MYSQL = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");
    private static final long END_OF_9999 = 253_402_300_799_999_999L;

    @ParameterizedTest
    @CsvSource({
        "0, 1970-01-01 00:00:00.000000",
        "1, 1970-01-01 00:00:00.000001",
        "999999, 1970-01-01 00:00:00.999999",
        "2147483648000000, 2038-01-19 03:14:08.000000",
        "1790000000123456, 2026-09-21 14:13:20.123456",
        "951782400000000, 2000-02-29 00:00:00.000000",
        "253402300799999999, 9999-12-31 23:59:59.999999",
        "-1, 1969-12-31 23:59:59.999999",
    })
    void text_isDatetime6InUtc(long micros, String text) {
        assertThat(SqlTime.text(micros)).isEqualTo(text);
        assertThat(SqlTime.micros(LocalDateTime.parse(text, MYSQL))).isEqualTo(micros);
    }

    @Test
    void micros_ofTheTextOfARandomTime_isThatTime() {
        Random random = new Random(1);
        random.longs(10_000, 0, END_OF_9999).forEach(micros -> {
            String text = SqlTime.text(micros);
            LocalDateTime time = LocalDateTime.parse(text, MYSQL);

            assertThat(text).hasSize(26);
            assertThat(SqlTime.micros(time)).isEqualTo(micros);
            assertThat(time.toEpochSecond(ZoneOffset.UTC)).isEqualTo(micros / 1_000_000);
        });
    }

    @Test
    void text_ofALaterTime_comparesAsLater() {
        Random random = new Random(2);
        for (int i = 0; i < 2_000; i++) {
            long one = random.nextLong(END_OF_9999);
            long other = one + 1 + random.nextLong(END_OF_9999 - one);

            assertThat(SqlTime.text(one)).isLessThan(SqlTime.text(other));
        }
    }
}
