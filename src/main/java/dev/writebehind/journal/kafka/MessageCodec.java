package dev.writebehind.journal.kafka;

import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.InvalidKeyException;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.journal.LogRecord;
import dev.writebehind.journal.LogRecord.Reset;
import dev.writebehind.journal.LogRecord.Writes;
import dev.writebehind.journal.Told;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.UUID;

/**
 * The encoding of messages as records' values: a version, a kind, and what belongs to it, numbers big-endian, texts as
 * {@link DataOutputStream#writeUTF} has them. Of elements that follow each other in one message, the learner and course
 * are told once. Stateless but for the pool of keys; safe for any thread.
 */
final class MessageCodec {
    private static final int WRITES = 1;
    private static final int RESET = 2;
    private static final int PROBE = 3;

    private static final int TOLD = 1;

    private static final String WHAT_TO_DO =
            "Run that release here; how to go back to this one is in docs/scale-out.md, Upgrades";

    /** About what a write takes besides the keys, and one key, in bytes. */
    private static final int USUAL_BYTES = 128;

    private final KeyPool keys;
    private final MessageVersions versions;

    MessageCodec(KeyPool keys) {
        this(keys, MessageVersions.PRESENT);
    }

    /** Creates that of another release. */
    MessageCodec(KeyPool keys, MessageVersions versions) {
        this.keys = keys;
        this.versions = versions;
    }

    byte[] encode(Message message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES * (1 + message.changes()));
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(versions.written());
            if (message instanceof Message.Entry entry) {
                out.writeByte(kind(entry.content()));
                encode(entry.origin(), out);
                if (!(entry.content() instanceof Told)) {
                    out.writeLong(entry.validity().sentAt());
                    out.writeLong(entry.validity().millis());
                }
                encode(entry.content(), out);
            } else {
                out.writeByte(PROBE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static int kind(LogRecord.Content content) {
        if (content instanceof Told told) {
            return ToldCodec.kind(told);
        }
        return content instanceof Writes ? WRITES : RESET;
    }

    private static void encode(Origin origin, DataOutputStream out) throws IOException {
        out.writeLong(origin.instance().getMostSignificantBits());
        out.writeLong(origin.instance().getLeastSignificantBits());
        out.writeLong(origin.request());
    }

    private static void encode(LogRecord.Content content, DataOutputStream out) throws IOException {
        if (content instanceof Writes writes) {
            encode(writes.writes(), out);
        } else if (content instanceof Reset reset) {
            KeyWriter.write(reset.learnerCourse(), out);
            out.writeLong(reset.before());
        } else if (content instanceof Told told) {
            ToldCodec.encode(told, out);
        }
    }

    private static void encode(List<CompletionWrite> writes, DataOutputStream out) throws IOException {
        out.writeInt(writes.size());
        KeyWriter keys = new KeyWriter(out);
        for (CompletionWrite write : writes) {
            keys.begin(write.told() ? TOLD : 0, LearnerCourse.of(write.key()));
            out.writeUTF(write.key().block().value());
            out.writeDouble(write.completion());
        }
    }

    /**
     * Returns the message that the bytes stand for.
     *
     * @throws UnreadableMessageException if they are not a message, or one that only a newer version can read
     */
    Message decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version < MessageVersions.FIRST || version > versions.read()) {
                throw new UnreadableMessageException("it is of version " + version + ", and this service reads up to "
                        + versions.read() + ": a newer release has written it. " + WHAT_TO_DO);
            }
            int kind = in.readUnsignedByte();
            if (kind < WRITES || kind > ToldCodec.LAST_KIND) {
                throw new UnreadableMessageException("it is of the unknown kind " + kind
                        + ", as a newer release may have written it. " + WHAT_TO_DO);
            }
            Message message = kind == PROBE ? new Message.Probe() : entry(kind, in);
            if (in.available() > 0) {
                throw new UnreadableMessageException("something follows what belongs to it");
            }
            return message;
        } catch (IOException | InvalidKeyException | IllegalArgumentException e) {
            throw new UnreadableMessageException("it is not what a service of this kind writes: " + e);
        }
    }

    private Message entry(int kind, DataInputStream in) throws IOException {
        Origin origin = new Origin(new UUID(in.readLong(), in.readLong()), in.readLong());
        Validity validity =
                kind == WRITES || kind == RESET ? new Validity(in.readLong(), in.readLong()) : Validity.UNLIMITED;
        KeyReader reader = new KeyReader(in, keys);
        LogRecord.Content content = switch (kind) {
            case WRITES -> new Writes(reader.several(() -> write(reader, in)));
            case RESET -> new Reset(reader.read(), in.readLong());
            default -> ToldCodec.decode(kind, in, keys);
        };
        return new Message.Entry(origin, validity, content);
    }

    private static CompletionWrite write(KeyReader keys, DataInputStream in) throws IOException {
        int flags = keys.begin(TOLD);
        return new CompletionWrite(keys.key(), in.readDouble(), (flags & TOLD) != 0);
    }
}
