package dev.writebehind.cli;

import dev.writebehind.progress.Pace;
import dev.writebehind.progress.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The progress of a command, on the standard error output: a bar at a terminal, which is gone when it ends, a line from
 * time to time else. Safe for any thread.
 */
final class ProgressBar implements Progress, AutoCloseable {
    private static final Duration LINES = Duration.ofSeconds(5);
    private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int CELLS = 30;

    private final String name;
    private final PrintStream err;
    private final boolean isTerminal;
    private final LongSupplier nanos;
    private final long began;
    private final Progress lines;
    private long drawn;
    private boolean isDrawn;

    /** @param isTerminal whether what is printed can be drawn over */
    ProgressBar(String name, PrintStream err, boolean isTerminal, LongSupplier nanos) {
        this.name = name;
        this.err = err;
        this.isTerminal = isTerminal;
        this.nanos = nanos;
        this.began = nanos.getAsLong();
        this.drawn = began;
        this.lines = Pace.begin(name, LINES, nanos, err::println);
    }

    @Override
    public synchronized void at(long done, long total, String what) {
        if (!isTerminal) {
            lines.at(done, total, what);
            return;
        }
        long now = nanos.getAsLong();
        if (now - drawn < REDRAW_NANOS) {
            return;
        }
        drawn = now;
        isDrawn = true;
        err.print(Terminal.CLEAR_LINE + Terminal.NO_WRAP + name + " " + bar(done, total)
                + Terminal.plain(Pace.text(done, total, what, now - began)) + Terminal.WRAP);
        err.flush();
    }

    /** Takes the bar away, so that something else can be printed. */
    synchronized void clear() {
        if (isDrawn) {
            err.print(Terminal.CLEAR_LINE);
            err.flush();
            isDrawn = false;
        }
    }

    @Override
    public void close() {
        clear();
    }

    private static String bar(long done, long total) {
        if (total <= 0) {
            return "";
        }
        int full = (int) Math.min(CELLS, Math.max(0, CELLS * done / total));
        return "[" + "#".repeat(full) + "-".repeat(CELLS - full) + "] ";
    }
}
