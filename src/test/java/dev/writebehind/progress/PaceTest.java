package dev.writebehind.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaceTest {
    @Test
    void at_tellsALineInSoMuchTime_andNothingOfWhatIsShort() {
        AtomicLong seconds = new AtomicLong(100);
        List<String> lines = new ArrayList<>();
        Pace pace = Pace.begin("Replaying", Duration.ofSeconds(5), () -> seconds.get() * 1_000_000_000, lines::add);
        pace.at(0, 100, "bytes");
        seconds.addAndGet(4);
        pace.at(20, 100, "bytes");
        assertThat(lines).isEmpty();

        seconds.addAndGet(1);
        pace.at(25, 100, "bytes");
        seconds.addAndGet(4);
        pace.at(45, 100, "bytes");
        seconds.addAndGet(1);
        pace.at(50, 100, "bytes");
        assertThat(lines).containsExactly("Replaying: 25 %, 15 s left (bytes)", "Replaying: 50 %, 10 s left (bytes)");
    }

    @ParameterizedTest
    @CsvSource({
        "50, 100, 60, '50 %, 60 s left (rows)'",
        "1, 1000, 60, '0 %, for 60 s (rows)'",
        "10, 100, 60, '10 %, 9 min left (rows)'",
        "1, 100, 300, '1 %, 8 h 15 min left (rows)'",
        "200, 100, 60, '100 %, 0 s left (rows)'",
        "-5, 100, 60, '0 %, for 60 s (rows)'",
        "1234, 0, 60, 'for 60 s, 1,234 rows'",
        "0, 0, 60, 'for 60 s, rows'",
    })
    void text_estimatesWhatIsLeft_whereEnoughIsDone(long done, long total, long seconds, String text) {
        assertThat(Pace.text(done, total, "rows", seconds * 1_000_000_000)).isEqualTo(text);
    }
}
