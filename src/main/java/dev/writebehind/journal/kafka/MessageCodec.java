package dev.writebehind.journal.kafka;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.InvalidKeyException;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.journal.LogRecord.Reset;
import dev.writebehind.journal.LogRecord.Writes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The encoding of messages as records' values: a version, a kind, and what belongs to it, numbers big-endian, texts as
 * {@link DataOutputStream#writeUTF} has them. Of writes that follow each other in one request, the learner and course
 * are told once. Stateless but for the pool of keys; safe for any thread.
 */
final class MessageCodec {
    /** Grows with each change by which an older version would misread a message. */
    private static final int VERSION = 1;

    private static final int WRITES = 1;
    private static final int RESET = 2;
    private static final int PROBE = 3;

    private static final int TOLD = 1;
    private static final int OF_SAME_COURSE = 2;

    /** About what a write takes besides the keys, and one key, in bytes. */
    private static final int USUAL_BYTES = 128;

    private final KeyPool keys;

    MessageCodec(KeyPool keys) {
        this.keys = keys;
    }

    byte[] encode(Message message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES * (1 + message.changes()));
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            if (message instanceof Message.Changes changes) {
                encode(changes, out);
            } else {
                out.writeByte(PROBE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void encode(Message.Changes message, DataOutputStream out) throws IOException {
        out.writeByte(message.content() instanceof Writes ? WRITES : RESET);
        out.writeLong(message.origin().instance().getMostSignificantBits());
        out.writeLong(message.origin().instance().getLeastSignificantBits());
        out.writeLong(message.origin().request());
        if (message.content() instanceof Writes writes) {
            encode(writes.writes(), out);
        } else if (message.content() instanceof Reset reset) {
            encode(reset.learnerCourse(), out);
            out.writeLong(reset.before());
        }
    }

    private static void encode(List<CompletionWrite> writes, DataOutputStream out) throws IOException {
        out.writeInt(writes.size());
        @Nullable LearnerCourse before = null;
        for (CompletionWrite write : writes) {
            LearnerCourse learnerCourse = LearnerCourse.of(write.key());
            boolean isSame = before != null && isSpelledAlike(learnerCourse, before);
            out.writeByte((write.told() ? TOLD : 0) | (isSame ? OF_SAME_COURSE : 0));
            if (!isSame) {
                encode(learnerCourse, out);
            }
            out.writeUTF(write.key().block().value());
            out.writeDouble(write.completion());
            before = learnerCourse;
        }
    }

    /** Keys that differ in their letters' case are equal, but the table gets the spelling. */
    private static boolean isSpelledAlike(LearnerCourse one, LearnerCourse other) {
        return one.userId() == other.userId()
                && one.course().value().equals(other.course().value());
    }

    private static void encode(LearnerCourse learnerCourse, DataOutputStream out) throws IOException {
        out.writeInt(learnerCourse.userId());
        out.writeUTF(learnerCourse.course().value());
    }

    /**
     * Returns the message that the bytes stand for.
     *
     * @throws UnreadableMessageException if they are not a message, or one that only a newer version can read
     */
    Message decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new UnreadableMessageException("it is of version " + version + " and this service reads up to "
                        + VERSION + ": a newer one writes to the topic");
            }
            int kind = in.readUnsignedByte();
            Message message = switch (kind) {
                case WRITES -> new Message.Changes(origin(in), new Writes(writes(in)));
                case RESET -> new Message.Changes(origin(in), new Reset(learnerCourse(in), in.readLong()));
                case PROBE -> new Message.Probe();
                default -> throw new UnreadableMessageException("it is of the unknown kind " + kind);
            };
            if (in.available() > 0) {
                throw new UnreadableMessageException("something follows what belongs to it");
            }
            return message;
        } catch (IOException | InvalidKeyException | IllegalArgumentException e) {
            throw new UnreadableMessageException("it is not what a service of this kind writes: " + e);
        }
    }

    private static Origin origin(DataInputStream in) throws IOException {
        return new Origin(new UUID(in.readLong(), in.readLong()), in.readLong());
    }

    private List<CompletionWrite> writes(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<CompletionWrite> writes = new ArrayList<>(Math.min(count, in.available()));
        @Nullable LearnerCourse learnerCourse = null;
        for (int i = 0; i < count; i++) {
            int flags = in.readUnsignedByte();
            if ((flags & OF_SAME_COURSE) == 0) {
                learnerCourse = learnerCourse(in);
            } else if (learnerCourse == null) {
                throw new UnreadableMessageException("its first write has no course");
            }
            CompletionKey key =
                    new CompletionKey(learnerCourse.userId(), learnerCourse.course(), keys.block(in.readUTF()));
            writes.add(new CompletionWrite(key, in.readDouble(), (flags & TOLD) != 0));
        }
        return writes;
    }

    private LearnerCourse learnerCourse(DataInputStream in) throws IOException {
        return new LearnerCourse(in.readInt(), keys.course(in.readUTF()));
    }
}
