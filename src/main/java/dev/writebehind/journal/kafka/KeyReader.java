package dev.writebehind.journal.kafka;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The reading of what {@link KeyWriter} has written in one message. For one thread. */
final class KeyReader {
    private final DataInputStream in;
    private final KeyPool keys;
    private @Nullable LearnerCourse last;

    KeyReader(DataInputStream in, KeyPool keys) {
        this.in = in;
        this.keys = keys;
    }

    /** The reading of one of several. */
    interface Element<T> {
        T read() throws IOException;
    }

    /** Reads as many as a number tells that stands before them; takes no more room than they have bytes. */
    <T> List<T> several(Element<T> element) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > in.available()) {
            throw new UnreadableMessageException("it tells of " + count + " elements, which it has no room for");
        }
        List<T> elements = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            elements.add(element.read());
        }
        return elements;
    }

    /** Begins with the next thing of some learner and course. Returns its flags, of which no other may be set. */
    int begin(int known) throws IOException {
        int flags = in.readUnsignedByte();
        if ((flags & ~(known | KeyWriter.OF_SAME_COURSE)) != 0) {
            throw new UnreadableMessageException("it has the unknown flags " + flags);
        }
        if ((flags & KeyWriter.OF_SAME_COURSE) == 0) {
            last = read();
        }
        return flags;
    }

    /** Returns the learner and course of the thing under way. */
    LearnerCourse learnerCourse() {
        if (last == null) {
            throw new UnreadableMessageException("its first element has no course");
        }
        return last;
    }

    /** Returns the key that the thing under way is of, whose block comes next. */
    CompletionKey key() throws IOException {
        LearnerCourse of = learnerCourse();
        return new CompletionKey(of.userId(), of.course(), keys.block(in.readUTF()));
    }

    /** Returns a learner and course that stand alone. */
    LearnerCourse read() throws IOException {
        return new LearnerCourse(in.readInt(), keys.course(in.readUTF()));
    }
}
