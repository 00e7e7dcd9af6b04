package dev.writebehind.journal;

import static java.util.Objects.requireNonNull;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.LearnerCourse;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What one instance tells the others in a {@link ReplicatedLog}, at its place among the changes. */
public sealed interface Told extends LogRecord.Content {
    @Override
    default int changes() {
        return 0;
    }

    /**
     * The claim to be the one that flushes; where it stands in the log, everybody lets go of what is in flight;
     * immutable.
     *
     * @param epoch grows with each claim, as the table has counted them
     * @param nonce tells claims apart that got the same epoch, from a database that forgot one
     */
    record Claim(long epoch, UUID nonce) implements Told {
        public Claim {
            requireNonNull(nonce, "nonce");
        }
    }

    /**
     * The news of changes that are in the table now, in the order in which they are to be taken note of; immutable.
     *
     * @param epoch of the claim under which they were committed
     */
    record Committed(long epoch, List<Settled> settled) implements Told {
        public Committed {
            settled = List.copyOf(settled);
        }
    }

    /** The news that everything that was received up to then is in the table; immutable. */
    record AllCommitted(long upTo) implements Told {}

    /**
     * The word that whatever follows was received after that time, microseconds since the epoch, UTC, as far as the log
     * believes it; immutable. For the beginning of a log, whose table may have rows of another clock.
     */
    record Floor(long stamp) implements Told {}

    /** The wish that all before it be flushed now; has a receipt time, up to which that is; immutable. */
    record FlushAsked() implements Told {
        @Override
        public int changes() {
            return 1;
        }
    }

    /** An operator's word that nothing be flushed, or that flushing go on; each has a time of its own; immutable. */
    record Paused(boolean paused) implements Told {
        @Override
        public int changes() {
            return 1;
        }
    }

    /**
     * The news of who flushes that nothing is on its way to the table any more; immutable.
     *
     * @param pausedAt receipt time of the last change before the word to pause by which that is so
     */
    record AtRest(long pausedAt) implements Told {}

    /** The wish that a dead letter be tried again; immutable. */
    record RetryAsked(long id) implements Told {}

    /**
     * The news of a dead letter that was tried again; immutable.
     *
     * @param found whether there was one
     * @param failure why it is not in the table; null: it is, or there was none
     */
    record Retried(long id, boolean found, @Nullable String failure) implements Told {}

    /** A change, or several of one key, that the table has, or will never have. */
    sealed interface Settled {
        /** Returns why the database refused it, so that it is a dead letter; null: it is in the table. */
        @Nullable
        String refusal();
    }

    /**
     * The writes of a key; immutable.
     *
     * @param upTo receipt time of the last of them
     */
    record Written(CompletionKey key, long upTo, @Nullable String refusal) implements Settled {
        public Written {
            requireNonNull(key, "key");
        }
    }

    /** A reset; immutable. */
    record CarriedOut(
            LearnerCourse learnerCourse,
            long receivedAt,
            @Nullable String refusal) implements Settled {
        public CarriedOut {
            requireNonNull(learnerCourse, "learnerCourse");
        }
    }
}
