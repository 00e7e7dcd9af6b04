package dev.writebehind.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether people look at what is printed, and what may be printed for them; stateless. */
final class Terminal {
    static final int OUT = 1;
    static final int ERR = 2;

    /** Back to the left, and the rest of the line away. */
    static final String CLEAR_LINE = "\r\u001b[K";
    /** What is too long for a line is cut, so that {@link #CLEAR_LINE} takes all of it away. */
    static final String NO_WRAP = "\u001b[?7l";
    /** As terminals are by themselves. */
    static final String WRAP = "\u001b[?7h";
    /** To the top left. */
    static final String HOME = "\u001b[H";
    /** What is right of the cursor away. */
    static final String CLEAR_RIGHT = "\u001b[K";
    /** What is below the cursor away. */
    static final String CLEAR_BELOW = "\u001b[J";

    private static final Logger log = LoggerFactory.getLogger(Terminal.class);

    private Terminal() {}

    /** Whether what this process writes there goes to a terminal; where that can't be told, it does not. */
    static boolean isAt(int descriptor) {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        Path link = Path.of("/proc/self/fd", String.valueOf(descriptor));
        try {
            Path target = Files.readSymbolicLink(link);
            return target.startsWith("/dev/pts") || target.toString().startsWith("/dev/tty");
        } catch (IOException e) {
            log.debug("Whether there is a terminal can't be told", e);
            return false;
        }
    }

    /** Returns a text as it can be shown: without what would steer a terminal, or begin another line. */
    static String plain(Object text) {
        return String.valueOf(text).replaceAll("\\p{Cntrl}|[\u0080-\u009f\u2028\u2029]", "?");
    }
}
