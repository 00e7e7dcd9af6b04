package dev.writebehind.loadtest.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    @Test
    void parse_givenValues_winOverDefaults() {
        Arguments arguments = parse("--database", "mysql://u:p@localhost:3307/lms", "--pool", "16");

        assertThat(arguments.database("database").port()).isEqualTo(3307);
        assertThat(arguments.integer("pool", 1)).isEqualTo(16);
        assertThat(arguments.duration("timeout")).isEqualTo(Duration.ofSeconds(5));
        assertThat(arguments.share("share")).isEqualTo(0.8);
    }

    @Test
    void duration_readsEachUnit() {
        assertThat(parse("--database", "", "--timeout", "250ms").duration("timeout"))
                .isEqualTo(Duration.ofMillis(250));
        assertThat(parse("--database", "", "--timeout", "2m").duration("timeout"))
                .isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void parse_unknownMissingOrWithoutValue_isRefused() {
        assertThatThrownBy(() -> parse("--database", "", "--pol", "1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--pol");
        assertThatThrownBy(() -> parse("database", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"database\"");
        assertThatThrownBy(() -> parse())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--database is missing");
        assertThatThrownBy(() -> parse("--database", "", "--pool"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--pool needs a value");
    }

    @Test
    void values_thatDoNotFit_areRefusedByName() {
        Arguments arguments = parse("--database", "nowhere", "--pool", "0", "--timeout", "5", "--share", "1.5");

        assertThatThrownBy(() -> arguments.database("database")).hasMessageContaining("--database");
        assertThatThrownBy(() -> arguments.integer("pool", 1)).hasMessageContaining("--pool must be at least 1");
        assertThatThrownBy(() -> arguments.integer("timeout", 6)).hasMessageContaining("at least 6");
        assertThatThrownBy(() -> arguments.integer("database", 1)).hasMessageContaining("--database");
        assertThatThrownBy(() -> arguments.duration("timeout"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--timeout");
        assertThatThrownBy(() -> arguments.share("share")).hasMessageContaining("between 0 and 1");
    }

    private static Arguments parse(String... line) {
        return Arguments.parse(line, Set.of("database"), Map.of("pool", "8", "timeout", "5s", "share", "0.8"));
    }
}
