package dev.writebehind.openedx;

import java.io.Serial;

/** Carries an {@link Answer} out of a check that failed. */
final class Refused extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Answer answer;

    Refused(Answer answer) {
        super(answer.detail(), null, false, false);
        this.answer = answer;
    }

    Answer answer() {
        return answer;
    }
}
