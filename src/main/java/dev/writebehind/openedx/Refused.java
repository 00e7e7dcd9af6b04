package dev.writebehind.openedx;

import java.io.Serial;

/** The failure of a check, which carries an {@link Answer} out of it. */
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
