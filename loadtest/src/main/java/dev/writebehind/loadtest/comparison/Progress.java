package dev.writebehind.loadtest.comparison;

import java.io.PrintStream;
import java.util.Locale;

/** The messages to the person at the terminal about what is under way. Safe for any thread. */
public final class Progress {
    private final PrintStream out;
    private volatile String current = "the start";
    private volatile long since = System.nanoTime();

    public Progress(PrintStream out) {
        this.out = out;
    }

    /** Says something on a line of its own. */
    public void say(String line) {
        out.println(line);
    }

    /** Returns what is under way. */
    public String current() {
        return current;
    }

    /** Begins something. */
    public void begin(String what) {
        current = what;
        since = System.nanoTime();
    }

    /** Tells of the end of what was begun. */
    public void end(String figures, String rows) {
        out.printf(
                Locale.ROOT, "%-58s %-58s %-24s %3.0f s%n", current, figures, rows, (System.nanoTime() - since) / 1e9);
    }
}
