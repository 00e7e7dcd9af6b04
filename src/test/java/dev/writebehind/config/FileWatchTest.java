package dev.writebehind.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FileWatchTest {
    private final FileWatch watch = new FileWatch("a: 1\nb: 2\n".getBytes(UTF_8));

    @Test
    void isDue_unchanged_isNot() {
        assertThat(look("a: 1\nb: 2\n")).isFalse();
        assertThat(look("a: 1\nb: 2\n")).isFalse();
    }

    @Test
    void isDue_changed_isOnceItStaysSo_andNotAgain() {
        assertThat(look("a: 2\nb: 2\n")).isFalse();
        assertThat(look("a: 3\nb: 2\n")).as("still being written").isFalse();
        assertThat(look("a: 3\nb: 2\n")).isTrue();
        watch.acted("a: 3\nb: 2\n".getBytes(UTF_8));
        assertThat(look("a: 3\nb: 2\n")).isFalse();
    }

    @Test
    void isDue_whatCouldBeTheBeginning_isMuchLater() {
        for (int i = 0; i < 5; i++) {
            assertThat(look("a: 1\n")).as("look " + i).isFalse();
        }
        assertThat(look("a: 1\n")).as("it stays so").isTrue();

        assertThat(look("")).as("emptied").isFalse();
        assertThat(look("")).isFalse();
        assertThat(look("a: 1\nb: 3\n")).isFalse();
        assertThat(look("a: 1\nb: 3\n")).isTrue();
    }

    @Test
    void isDue_goneAndBackAsItWas_isBothTimes() {
        assertThat(look(null)).isFalse();
        assertThat(look(null)).isTrue();
        watch.acted(null);
        assertThat(look(null)).isFalse();
        assertThat(look("a: 1\nb: 2\n")).isFalse();
        assertThat(look("a: 1\nb: 2\n")).as("whoever was told that it is gone").isTrue();
    }

    private boolean look(@Nullable String content) {
        return watch.isDue(content == null ? null : content.getBytes(UTF_8));
    }
}
