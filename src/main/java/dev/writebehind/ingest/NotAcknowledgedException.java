package dev.writebehind.ingest;

import java.io.Serial;

/** Says why writes were not taken, or are not yet where their acknowledgement asks for, and with which status. */
public final class NotAcknowledgedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int status;

    private NotAcknowledgedException(int status, String detail) {
        super(detail, null, false, false);
        this.status = status;
    }

    static NotAcknowledgedException of(Throwable failure) {
        Problem problem = failure instanceof ProblemException known
                ? known.problem()
                : Problem.unavailable(String.valueOf(failure.getMessage()));
        return new NotAcknowledgedException(problem.status(), problem.detail());
    }

    /** Returns the HTTP status that tells it: 503 and 504 pass by themselves. */
    public int status() {
        return status;
    }

    /** Returns a sentence for the caller. */
    public String detail() {
        return String.valueOf(getMessage());
    }
}
