package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.progress.Progress;
import dev.writebehind.store.ComparedRow.RowKey;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The comparison of the service's table with another of the same shape, learner by learner in memory, because two
 * collations may order keys in two ways. It holds some thousand rows of each, or all of one learner, and those to be
 * looked at again: a row that differs may be on its way. Confined to its thread; blocks.
 */
public final class Comparison {
    private static final int BATCH = 5_000;
    /** Most that wait to be looked at again; of old rows, which are hardly on their way, a tenth. */
    private static final int MOST_OPEN = 100_000;
    /** Whoever writes a row again and again is given so many times the time to settle. */
    private static final int MOST_EXTENSIONS = 10;
    /** The first look comes after this part of the time to settle, each further one after twice as long. */
    private static final int FIRST_PART = 16;

    private final ComparedTable here;
    private final ComparedTable there;
    private final long settleMicros;
    private final boolean times;
    private final Tally tally;
    private final int batch;
    private final LongSupplier micros;
    private final Sleeper sleeper;
    private final PriorityQueue<Open> open = new PriorityQueue<>((a, b) -> Long.compare(a.dueAt(), b.dueAt()));

    /** A pause of the walk. */
    interface Sleeper {
        void sleep(long micros) throws InterruptedException;
    }

    /** A row that differed when it was looked at, {@code ofHere} where it was found in the service's table. */
    private record Open(RowKey key, boolean ofHere, long dueAt, long pause, long until, int extensions) {}

    Comparison(
            ComparedTable here,
            ComparedTable there,
            Duration settle,
            boolean times,
            int limit,
            int batch,
            LongSupplier micros,
            Sleeper sleeper) {
        this.here = here;
        this.there = there;
        this.settleMicros = TimeUnit.NANOSECONDS.toMicros(settle.toNanos());
        this.times = times;
        this.tally = new Tally(limit);
        this.batch = batch;
        this.micros = micros;
        this.sleeper = sleeper;
    }

    /**
     * Compares the table of the first database with that of the second. Throws {@link UnfitSchemaException} where that
     * can't be done.
     *
     * @param settle how long after it was modified, or met, a row may differ
     * @param times whether {@code created} and {@code modified} have to be equal
     * @param limit most differences that are told one by one
     */
    public static Compared run(
            DatabaseSettings here, DatabaseSettings there, Duration settle, boolean times, int limit, Progress progress)
            throws SQLException {
        try (ComparedTable first = ComparedTable.open(here);
                ComparedTable second = ComparedTable.open(there)) {
            return new Comparison(
                            first,
                            second,
                            settle,
                            times,
                            limit,
                            BATCH,
                            () -> ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()),
                            TimeUnit.MICROSECONDS::sleep)
                    .walk(progress);
        }
    }

    Compared walk(Progress progress) throws SQLException {
        long[] learners = learners();
        long after = Long.MIN_VALUE;
        while (after < Long.MAX_VALUE) {
            long upTo = Math.min(here.end(after, batch), there.end(after, batch));
            compare(here.rows(after, upTo), there.rows(after, upTo));
            lookAgain(false);
            long at = Math.min(learners[1], Math.max(learners[0], upTo));
            progress.at(at - learners[0] + 1, learners[1] - learners[0] + 1, tally.text(open.size()));
            after = upTo;
        }
        while (!open.isEmpty()) {
            progress.at(0, 0, tally.text(open.size()));
            lookAgain(true);
        }
        return tally.compared();
    }

    private long[] learners() throws SQLException {
        long[] ofHere = here.learners();
        long[] ofThere = there.learners();
        if (ofHere == null || ofThere == null) {
            return ofHere != null ? ofHere : ofThere != null ? ofThere : new long[] {0, 0};
        }
        return new long[] {Math.min(ofHere[0], ofThere[0]), Math.max(ofHere[1], ofThere[1])};
    }

    private void compare(List<ComparedRow> ofHere, List<ComparedRow> ofThere) throws SQLException {
        tally.rows(ofHere.size(), ofThere.size());
        Map<RowKey, ComparedRow> unmatched = new HashMap<>();
        ofThere.forEach(row -> unmatched.put(row.key(), row));
        List<Difference> differences = new ArrayList<>();
        Set<Long> learnersOfExtra = new HashSet<>();
        for (ComparedRow row : ofHere) {
            ComparedRow other = unmatched.remove(row.key());
            Difference difference = Difference.of(row, other, times);
            if (difference != null) {
                differences.add(difference);
                if (other == null) {
                    learnersOfExtra.add(row.key().userId());
                }
            } else if (other != null) {
                tally.same(row, other);
            }
        }
        Set<Long> learnersOfMissing = new HashSet<>();
        for (ComparedRow row : unmatched.values()) {
            differences.add(new Difference(Difference.Kind.MISSING, null, row));
            learnersOfMissing.add(row.key().userId());
        }
        learnersOfExtra.retainAll(learnersOfMissing);
        for (Difference difference : differences) {
            meet(difference, learnersOfExtra.contains(difference.any().key().userId()));
        }
    }

    /** @param maybeSpeltOtherwise whether the other table may have the row under another spelling */
    private void meet(Difference met, boolean maybeSpeltOtherwise) throws SQLException {
        long now = micros.getAsLong();
        boolean isFresh = met.modifiedAt() > now - settleMicros;
        if (settleMicros > 0 && (isFresh || open.size() < MOST_OPEN / 10)) {
            while (open.size() >= MOST_OPEN) {
                lookAgain(true);
            }
            long pause = Math.max(1, settleMicros / FIRST_PART);
            open.add(new Open(met.any().key(), met.here() != null, now + pause, pause, now + settleMicros, 0));
        } else if (maybeSpeltOtherwise) {
            decide(new Open(met.any().key(), met.here() != null, now, 1, now, MOST_EXTENSIONS), now);
        } else {
            tally.differs(met);
        }
    }

    /** Looks at all whose time has come. */
    private void lookAgain(boolean await) throws SQLException {
        long now = micros.getAsLong();
        Open next = open.peek();
        if (await && next != null && next.dueAt() > now) {
            pause(next.dueAt() - now);
            now = micros.getAsLong();
        }
        for (next = open.peek(); next != null && next.dueAt() <= now; next = open.peek()) {
            open.remove();
            decide(next, now);
        }
    }

    private void decide(Open each, long now) throws SQLException {
        ComparedRow ofHere = here.row(each.key());
        ComparedRow ofThere = there.row(each.key());
        if (ofHere != null && ofThere != null && !ofHere.key().equals(ofThere.key())) {
            ComparedTable other = each.ofHere() ? here : there;
            ComparedRow own = each.ofHere() ? ofHere : ofThere;
            ComparedRow found = other.row((each.ofHere() ? ofThere : ofHere).key());
            if (found == null || found.id() != own.id()) {
                ofHere = each.ofHere() ? ofHere : null; // the row found is another one's counterpart
                ofThere = each.ofHere() ? null : ofThere;
            } else if (!each.ofHere()) {
                return; // told of where the service's row is met
            }
        }
        Difference difference = Difference.of(ofHere, ofThere, times);
        if (difference == null) {
            settle(ofHere, ofThere);
        } else if (now < each.until()) {
            long pause = each.pause() * 2;
            open.add(new Open(
                    each.key(),
                    each.ofHere(),
                    Math.min(each.until(), now + pause),
                    pause,
                    each.until(),
                    each.extensions()));
        } else if (each.extensions() < MOST_EXTENSIONS && difference.modifiedAt() > now - settleMicros) {
            long until = now + settleMicros;
            open.add(new Open(each.key(), each.ofHere(), until, settleMicros, until, each.extensions() + 1));
        } else {
            tally.differs(difference);
        }
    }

    private void settle(@Nullable ComparedRow ofHere, @Nullable ComparedRow ofThere) {
        if (ofHere == null || ofThere == null) {
            tally.settled(); // gone from both
            return;
        }
        tally.same(ofHere, ofThere);
        if (ofHere.key().equals(ofThere.key())) {
            tally.settled();
        }
    }

    private void pause(long forMicros) {
        try {
            sleeper.sleep(forMicros);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
