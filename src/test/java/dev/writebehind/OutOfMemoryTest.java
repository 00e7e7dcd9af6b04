package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class OutOfMemoryTest {
    private final OutOfMemoryError error = new OutOfMemoryError("Java heap space");

    private final List<Integer> halts = new ArrayList<>();
    private final OutOfMemory watch = new OutOfMemory(halts::add);

    @Test
    void see_theErrorOrWhateverItCaused_halts() {
        watch.see(error);
        assertThat(halts).containsExactly(3);

        new OutOfMemory(halts::add).see(new CompletionException(new IOException(error)));
        assertThat(halts).containsExactly(3, 3);
    }

    @Test
    void see_anythingElse_doesNothing() {
        Exception one = new IOException();
        one.initCause(new IllegalStateException(one));
        watch.see(one);
        watch.see(new StackOverflowError());
        watch.see(null);
        assertThat(halts).isEmpty();
    }

    @Test
    void log_isWatched_alsoBelowItsLevel_andBehindOtherArguments() {
        LoggerContext context = new LoggerContext();
        context.addTurboFilter(watch);
        Logger log = context.getLogger("a.library");
        log.setLevel(Level.OFF);

        log.debug("{} {}", "of no", "concern", new IOException());
        assertThat(halts).isEmpty();
        log.debug("a task failed: {}", "task", new RuntimeException(error));
        assertThat(halts).containsExactly(3);
    }

    @Test
    void see_again_haltsOnce() {
        watch.see(error);
        watch.see(error);
        assertThat(halts).containsExactly(3);
    }
}
