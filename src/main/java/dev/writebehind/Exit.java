package dev.writebehind;

/** Exit codes, and the way out without shutdown hooks; stateless. */
final class Exit {
    static final int OK = 0;
    static final int FAILED = 1;
    /** The same as that of {@code -XX:+ExitOnOutOfMemoryError}. */
    static final int OUT_OF_MEMORY = 3;

    private Exit() {}

    /** Has this class loaded, which takes memory. */
    static void isReady() {}

    /** Ends the process at once with that code, which SIGTERM would otherwise turn into 143. */
    static void halt(int status) {
        Runtime.getRuntime().halt(status);
    }
}
