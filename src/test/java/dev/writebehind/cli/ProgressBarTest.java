package dev.writebehind.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final AtomicLong millis = new AtomicLong();

    @Test
    void atATerminal_isDrawnOverItself_andGoneInTheEnd() {
        try (ProgressBar bar = bar(true)) {
            bar.at(1, 100, "rows");
            assertThat(text()).isEmpty();
            millis.addAndGet(1_000);
            bar.at(50, 100, "rows\u001b[31m");
            bar.at(60, 100, "rows");
            assertThat(text())
                    .isEqualTo(
                            "\r\u001b[K\u001b[?7lundo [###############---------------] 50 %, 1 s left (rows?[31m)\u001b[?7h");
            millis.addAndGet(1_000);
            bar.at(0, 0, "waiting");
            assertThat(text()).endsWith("\r\u001b[K\u001b[?7lundo for 2 s, waiting\u001b[?7h");
        }
        assertThat(text()).endsWith("waiting\u001b[?7h\r\u001b[K");
    }

    @Test
    void whatIsShort_leavesNoTrace() {
        try (ProgressBar bar = bar(true)) {
            bar.at(1, 2, "rows");
            bar.at(2, 2, "rows");
        }
        try (ProgressBar bar = bar(false)) {
            bar.at(2, 2, "rows");
        }
        assertThat(text()).isEmpty();
    }

    @Test
    void elsewhere_areLines() {
        try (ProgressBar bar = bar(false)) {
            millis.addAndGet(5_000);
            bar.at(50, 100, "rows");
            millis.addAndGet(1_000);
            bar.at(60, 100, "rows");
        }
        assertThat(text()).isEqualTo("undo: 50 %, 5 s left (rows)" + System.lineSeparator());
    }

    private ProgressBar bar(boolean isTerminal) {
        PrintStream err = new PrintStream(printed, true, StandardCharsets.UTF_8);
        return new ProgressBar("undo", err, isTerminal, () -> millis.get() * 1_000_000);
    }

    private String text() {
        return printed.toString(StandardCharsets.UTF_8);
    }
}
