package dev.writebehind.journal.kafka;

import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.journal.Told;
import dev.writebehind.journal.Told.AllCommitted;
import dev.writebehind.journal.Told.AtRest;
import dev.writebehind.journal.Told.CarriedOut;
import dev.writebehind.journal.Told.Claim;
import dev.writebehind.journal.Told.Committed;
import dev.writebehind.journal.Told.Floor;
import dev.writebehind.journal.Told.FlushAsked;
import dev.writebehind.journal.Told.Paused;
import dev.writebehind.journal.Told.Retried;
import dev.writebehind.journal.Told.RetryAsked;
import dev.writebehind.journal.Told.Settled;
import dev.writebehind.journal.Told.Written;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The encoding of what instances tell each other, as a part of {@link MessageCodec}'s. Stateless. */
final class ToldCodec {
    /** What a message of settled changes takes at most, in bytes: brokers take a mebibyte unless told otherwise. */
    static final int MAX_BYTES = 256 * 1024;

    /** A refusal is told up to that many characters: those of databases have up to 512. */
    static final int MAX_REFUSAL_CHARACTERS = 10_000;

    private static final int CLAIM = 4;
    private static final int COMMITTED = 5;
    private static final int ALL_COMMITTED = 6;
    private static final int FLUSH_ASKED = 7;
    private static final int PAUSED = 8;
    private static final int FLOOR = 9;
    private static final int RETRY_ASKED = 10;
    private static final int RETRIED = 11;
    private static final int AT_REST = 12;

    /** The highest number of a kind that there is. */
    static final int LAST_KIND = AT_REST;

    private static final int REFUSED = 1;
    private static final int RESET = 4;

    /** More than the numbers, flags and lengths of a settled change, and more than a message begins with. */
    private static final int BESIDES_TEXTS = 64;

    /** Of a UTF-16 character, as {@link DataOutputStream#writeUTF} has it. */
    private static final int MAX_BYTES_OF_CHARACTER = 3;

    private ToldCodec() {}

    /** Returns what is told in parts of which each makes a message that is not too large, in order. */
    static List<Told> parts(Told told) {
        if (!(told instanceof Committed committed) || committed.settled().size() <= 1) {
            return List.of(told);
        }
        List<Told> parts = new ArrayList<>();
        List<Settled> part = new ArrayList<>();
        int bytes = BESIDES_TEXTS;
        for (Settled settled : committed.settled()) {
            int more = maxBytes(settled);
            if (bytes + more > MAX_BYTES) {
                parts.add(new Committed(committed.epoch(), part));
                part.clear();
                bytes = BESIDES_TEXTS;
            }
            part.add(settled);
            bytes += more;
        }
        parts.add(new Committed(committed.epoch(), part));
        return parts;
    }

    private static int maxBytes(Settled settled) {
        int characters = learnerCourse(settled).course().value().length();
        if (settled instanceof Written written) {
            characters += written.key().block().value().length();
        }
        String refusal = settled.refusal();
        if (refusal != null) {
            characters += Math.min(refusal.length(), MAX_REFUSAL_CHARACTERS);
        }
        return BESIDES_TEXTS + MAX_BYTES_OF_CHARACTER * characters;
    }

    static int kind(Told told) {
        if (told instanceof Claim) {
            return CLAIM;
        } else if (told instanceof Committed) {
            return COMMITTED;
        } else if (told instanceof AllCommitted) {
            return ALL_COMMITTED;
        } else if (told instanceof Floor) {
            return FLOOR;
        } else if (told instanceof RetryAsked) {
            return RETRY_ASKED;
        } else if (told instanceof Retried) {
            return RETRIED;
        } else if (told instanceof AtRest) {
            return AT_REST;
        }
        return told instanceof Paused ? PAUSED : FLUSH_ASKED;
    }

    static void encode(Told told, DataOutputStream out) throws IOException {
        if (told instanceof Claim claim) {
            out.writeLong(claim.epoch());
            out.writeLong(claim.nonce().getMostSignificantBits());
            out.writeLong(claim.nonce().getLeastSignificantBits());
        } else if (told instanceof Committed committed) {
            out.writeLong(committed.epoch());
            out.writeInt(committed.settled().size());
            KeyWriter keys = new KeyWriter(out);
            for (Settled settled : committed.settled()) {
                encode(settled, keys, out);
            }
        } else if (told instanceof AllCommitted all) {
            out.writeLong(all.upTo());
        } else if (told instanceof Floor floor) {
            out.writeLong(floor.stamp());
        } else if (told instanceof Paused paused) {
            out.writeBoolean(paused.paused());
        } else if (told instanceof AtRest atRest) {
            out.writeLong(atRest.pausedAt());
        } else if (told instanceof RetryAsked asked) {
            out.writeLong(asked.id());
        } else if (told instanceof Retried retried) {
            out.writeLong(retried.id());
            out.writeBoolean(retried.found());
            String failure = retried.failure();
            out.writeBoolean(failure != null);
            if (failure != null) {
                out.writeUTF(shortened(failure));
            }
        }
    }

    private static void encode(Settled settled, KeyWriter keys, DataOutputStream out) throws IOException {
        String refusal = settled.refusal();
        int refused = refusal == null ? 0 : REFUSED;
        if (settled instanceof Written written) {
            keys.begin(refused, learnerCourse(settled));
            out.writeUTF(written.key().block().value());
            out.writeLong(written.upTo());
        } else if (settled instanceof CarriedOut reset) {
            keys.begin(refused | RESET, learnerCourse(settled));
            out.writeLong(reset.receivedAt());
        }
        if (refusal != null) {
            out.writeUTF(shortened(refusal));
        }
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(text.length(), MAX_REFUSAL_CHARACTERS));
    }

    private static LearnerCourse learnerCourse(Settled settled) {
        return settled instanceof CarriedOut reset
                ? reset.learnerCourse()
                : LearnerCourse.of(((Written) settled).key());
    }

    /** Returns what a message of that kind tells. */
    static Told decode(int kind, DataInputStream in, KeyPool keys) throws IOException {
        return switch (kind) {
            case CLAIM -> new Claim(in.readLong(), new UUID(in.readLong(), in.readLong()));
            case COMMITTED -> {
                long epoch = in.readLong();
                KeyReader reader = new KeyReader(in, keys);
                yield new Committed(epoch, reader.several(() -> settled(reader, in)));
            }
            case ALL_COMMITTED -> new AllCommitted(in.readLong());
            case FLUSH_ASKED -> new FlushAsked();
            case PAUSED -> new Paused(in.readBoolean());
            case FLOOR -> new Floor(in.readLong());
            case RETRY_ASKED -> new RetryAsked(in.readLong());
            case RETRIED -> new Retried(in.readLong(), in.readBoolean(), in.readBoolean() ? in.readUTF() : null);
            case AT_REST -> new AtRest(in.readLong());
            default -> throw new UnreadableMessageException("it is of the unknown kind " + kind);
        };
    }

    private static Settled settled(KeyReader keys, DataInputStream in) throws IOException {
        int flags = keys.begin(REFUSED | RESET);
        return (flags & RESET) == 0
                ? new Written(keys.key(), in.readLong(), refusal(flags, in))
                : new CarriedOut(keys.learnerCourse(), in.readLong(), refusal(flags, in));
    }

    private static @Nullable String refusal(int flags, DataInputStream in) throws IOException {
        return (flags & REFUSED) == 0 ? null : in.readUTF();
    }
}
