package dev.writebehind.http;

import java.io.Serial;

/** The failure of a request, which carries a {@link Problem} to the place that answers. */
public final class ProblemException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    /** Creates one without a stack trace: the fault is the caller's. */
    public ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /** Returns what is wrong. */
    public Problem problem() {
        return problem;
    }
}
