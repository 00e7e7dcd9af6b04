package dev.writebehind.cli;

import picocli.CommandLine.ExitCode;

/** The exit codes of all commands, as {@code docs/operations.md} tells them; stateless. */
final class ExitStatus {
    static final int DONE = ExitCode.OK;
    /** Not done, or what was looked at is not as it should be. */
    static final int NOT_DONE = ExitCode.SOFTWARE;
    /** The command line or the settings are wrong. */
    static final int USAGE = ExitCode.USAGE;
    /** Of {@code compare}, whose 1 means that rows differ: nobody knows whether they do. */
    static final int NOT_COMPARED = USAGE;
    // 3: out of memory, by which the process ends wherever it is.
    /** The running service can't be reached, or something else answers in its place. */
    static final int UNREACHABLE = 4;
    /** The running service does not take this caller. */
    static final int NOT_ALLOWED = 5;
    /** Flushing is paused. */
    static final int PAUSED = 6;

    private ExitStatus() {}
}
