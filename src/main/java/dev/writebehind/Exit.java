package dev.writebehind;

/** Exit codes, and the way out of a shutdown hook; stateless. */
final class Exit {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int KEEP_RUNNING = -1;

    private Exit() {}

    /** Ends the process at once with that code, which SIGTERM would otherwise turn into 143. */
    static void halt(int status) {
        Runtime.getRuntime().halt(status);
    }
}
