package dev.writebehind.http;

import dev.writebehind.config.ByteSize;
import dev.writebehind.config.HttpSettings;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The budget of heap that the bodies under way may take together, and who may take how much of it: large bodies leave a
 * quarter to the small ones, learners half of it to servers, and a learner takes no more than two of their largest
 * bodies. Safe for any thread.
 */
public final class BodyBudget {
    private static final Logger log = LoggerFactory.getLogger(BodyBudget.class);
    /** Largest body that may use all of the budget. */
    static final int SMALL_BODY = 64 * 1024;

    private final Share all;
    private final Share large;
    private final Share learners;
    private final long eachLearner;
    private final ConcurrentMap<String, Long> takenByLearner = new ConcurrentHashMap<>();
    private final ByteSize largestBody;
    private final ByteSize largestLearnerBody;

    private BodyBudget(long total, HttpSettings settings) {
        all = new Share(total);
        large = new Share(total / 4 * 3);
        learners = new Share(total / 2);
        largestBody = least(settings.maxBody(), new ByteSize(total / 2));
        largestLearnerBody = least(settings.maxLearnerBody(), largestBody);
        eachLearner = Math.min(2 * largestLearnerBody.bytes(), learners.limit);
    }

    /** Creates it by {@code http.max-bodies}, or by a quarter of the heap where that is less. */
    public static BodyBudget create(HttpSettings settings) {
        return create(settings, Runtime.getRuntime().maxMemory());
    }

    static BodyBudget create(HttpSettings settings, long heap) {
        long most = heap / 4;
        if (settings.maxBodies().bytes() <= most) {
            return new BodyBudget(settings.maxBodies().bytes(), settings);
        }
        BodyBudget less = new BodyBudget(most, settings);
        log.warn(
                "http.max-bodies is {}, more than a quarter of the heap: {} bytes are used, and the largest body taken"
                        + " is {}; raise -Xmx, or lower http.max-bodies and http.max-body",
                settings.maxBodies(),
                most,
                less.largestBody);
        return less;
    }

    private static ByteSize least(ByteSize one, ByteSize other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    /**
     * Returns the size of the largest body that is taken.
     *
     * @param learner the user name of the learner who sends it; null: a server does
     */
    ByteSize largest(@Nullable String learner) {
        return learner == null ? largestBody : largestLearnerBody;
    }

    /**
     * Begins a reservation of nothing.
     *
     * @param learner the user name of the learner whose part is taken from; null: it is a server's
     */
    Reservation begin(@Nullable String learner) {
        return new Reservation(learner);
    }

    /** Returns how many bytes are reserved now. */
    public long taken() {
        return all.taken.get();
    }

    /** A part of the budget with a bound of its own. */
    private static final class Share {
        private final long limit;
        private final AtomicLong taken = new AtomicLong();

        Share(long limit) {
            this.limit = limit;
        }

        boolean take(long bytes) {
            if (taken.addAndGet(bytes) <= limit) {
                return true;
            }
            taken.addAndGet(-bytes);
            return false;
        }

        void giveBack(long bytes) {
            taken.addAndGet(-bytes);
        }
    }

    /** The part of the budget that one body has; safe for any thread. */
    final class Reservation {
        private final @Nullable String learner;
        private long held;
        private boolean ended;

        private Reservation(@Nullable String learner) {
            this.learner = learner;
        }

        /** Holds that many bytes from now on, or, and then returns false, no more than before. */
        synchronized boolean growTo(long bytes) {
            long more = bytes - held;
            if (ended) {
                return false;
            }
            if (more <= 0) {
                return true;
            }
            long moreOfLarge = ofLarge(bytes) - ofLarge(held);
            if (!all.take(more)) {
                return false;
            }
            if (!large.take(moreOfLarge)) {
                all.giveBack(more);
                return false;
            }
            if (learner != null && !takeOfLearner(learner, more)) {
                all.giveBack(more);
                large.giveBack(moreOfLarge);
                return false;
            }
            held = bytes;
            return true;
        }

        /** Gives everything back, for good; of no effect the second time. */
        synchronized void release() {
            ended = true;
            all.giveBack(held);
            large.giveBack(ofLarge(held));
            if (learner != null && held > 0) {
                learners.giveBack(held);
                long gone = held;
                takenByLearner.computeIfPresent(learner, (name, taken) -> taken == gone ? null : taken - gone);
            }
            held = 0;
        }

        private long ofLarge(long bytes) {
            return bytes > SMALL_BODY ? bytes : 0;
        }
    }

    private boolean takeOfLearner(String learner, long bytes) {
        if (!learners.take(bytes)) {
            return false;
        }
        boolean[] taken = new boolean[1];
        takenByLearner.compute(learner, (name, before) -> {
            long after = (before == null ? 0 : before) + bytes;
            taken[0] = after <= eachLearner;
            return taken[0] ? Long.valueOf(after) : before;
        });
        if (!taken[0]) {
            learners.giveBack(bytes);
        }
        return taken[0];
    }
}
