package dev.writebehind;

import dev.writebehind.cli.Main;
import java.io.IOException;

/**
 * The service with a leak beside it, for {@code OutOfMemoryIT}: told to by a line on the standard input, a thread takes
 * whatever heap there is and keeps it, and bears its own want of it.
 */
public final class LeakingMain {
    private static final int PIECE = 4 * 1024;

    /** A list: the piece before, and some bytes. */
    private static Object[] leaked = {};

    private LeakingMain() {}

    /** Starts both. */
    public static void main(String[] args) {
        Thread leak = new Thread(LeakingMain::leak, "leak");
        leak.setDaemon(true);
        leak.start();
        Main.main(args);
    }

    private static void leak() {
        try {
            if (System.in.read() < 0) {
                return;
            }
        } catch (IOException e) {
            return;
        }
        while (true) {
            try {
                leaked = new Object[] {leaked, new byte[PIECE]};
            } catch (OutOfMemoryError e) {
                Thread.onSpinWait();
            }
        }
    }
}
