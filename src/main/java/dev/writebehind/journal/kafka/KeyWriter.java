package dev.writebehind.journal.kafka;

import dev.writebehind.completion.LearnerCourse;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The writing of the learners and courses of one message: those that follow themselves are told once. For one thread.
 */
final class KeyWriter {
    /** The flag of what belongs to the learner and course of the one before. */
    static final int OF_SAME_COURSE = 2;

    private final DataOutputStream out;
    private @Nullable LearnerCourse before;

    KeyWriter(DataOutputStream out) {
        this.out = out;
    }

    /** Begins with something of that learner and course: writes its flags, and them unless they were the last. */
    void begin(int flags, LearnerCourse learnerCourse) throws IOException {
        boolean isSame = before != null && isSpelledAlike(learnerCourse, before);
        out.writeByte(flags | (isSame ? OF_SAME_COURSE : 0));
        if (!isSame) {
            write(learnerCourse, out);
        }
        before = learnerCourse;
    }

    static void write(LearnerCourse learnerCourse, DataOutputStream out) throws IOException {
        out.writeInt(learnerCourse.userId());
        out.writeUTF(learnerCourse.course().value());
    }

    /** Keys that differ in their letters' case are equal, but the table gets the spelling. */
    static boolean isSpelledAlike(LearnerCourse one, LearnerCourse other) {
        return one.userId() == other.userId()
                && one.course().value().equals(other.course().value());
    }
}
