package dev.writebehind.core;

import static java.util.Objects.requireNonNull;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.blocking.Later;
import dev.writebehind.buffer.FollowedLog;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import dev.writebehind.condition.Event;
import dev.writebehind.flush.Flusher;
import dev.writebehind.journal.Election;
import dev.writebehind.journal.ReplicatedLog;
import dev.writebehind.journal.Told;
import dev.writebehind.store.Fence;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An instance's way to be the one that flushes: once elected it claims the table, writes its claim to the log, and
 * flushes from where it reads that there. At each claim, whoever's, it lets go of what is in flight. Safe for any
 * thread; {@link #claimed} is for the one that follows the log, which waits there for the flusher.
 */
final class Succession implements Election.Candidate {
    private static final Logger log = LoggerFactory.getLogger(Succession.class);
    private final Vertx vertx;
    private final ReplicatedLog shared;
    private final FollowedLog buffer;
    private final Claiming claiming;
    private final Pauses pauses;
    private final Conditions conditions;
    private @Nullable Flusher flusher;
    private @Nullable Election election;
    private boolean isElected;
    /** Each attempt to be the one that flushes has a number, so that what comes late is known for it. */
    private int attempt;

    private long progressAt;
    /** The fence of this instance's own claim, on its way through the log or read there. */
    private @Nullable Fence own;

    private boolean isLeading;
    private long newestEpoch;
    private long claims;
    private long fencesLost;

    Succession(
            Vertx vertx,
            ReplicatedLog shared,
            FollowedLog buffer,
            Claiming claiming,
            Pauses pauses,
            Conditions conditions) {
        this.conditions = conditions;
        this.pauses = pauses;
        this.vertx = vertx;
        this.shared = shared;
        this.buffer = buffer;
        this.claiming = claiming;
    }

    /**
     * How long what is waited for.
     *
     * @param again before a claim that failed is made again
     * @param patience time without success after which another instance may fare better
     * @param rest the time that others are given for it
     */
    record Pauses(Duration again, Duration patience, Duration rest) {
        static final Pauses USUAL = new Pauses(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(10));
    }

    /** The claim of the table; blocks. */
    interface Claiming {
        Fence claim(UUID nonce) throws Exception;
    }

    /** Has that flusher flush or not, from now on. */
    synchronized void direct(Flusher directed) {
        flusher = directed;
    }

    /** Stands for election, from now on. */
    void stand(Election choosing) {
        synchronized (this) {
            election = choosing;
        }
        choosing.begin(this);
    }

    /** Returns the epoch in which this instance flushes; 0: it does not. */
    synchronized long leadsIn() {
        return isLeading ? requireNonNull(own).epoch() : 0;
    }

    /** Returns the epoch of the newest claim that was read; 0: there was none. */
    synchronized long newestEpoch() {
        return newestEpoch;
    }

    /** Returns what it is, and what it was. */
    synchronized Sharing sharing(long unread, Duration behind) {
        return new Sharing(isLeading, newestEpoch, unread, behind, claims, fencesLost);
    }

    @Override
    public synchronized void elected() {
        isElected = true;
        progressAt = System.nanoTime();
        claim(++attempt);
    }

    @Override
    public synchronized void dismissed() {
        isElected = false;
        abandon();
        letGo().onFailure(failure -> log.debug("The flusher has stopped before it let go", failure));
    }

    /** Takes note that the table refused this instance's fence: another has claimed it. */
    synchronized void fenced() {
        if (isLeading) {
            fencesLost++;
            conditions.begin(
                    ConditionName.FENCED,
                    "This instance does not flush any more",
                    "another has claimed the table since, in an epoch behind " + newestEpoch);
            abandon();
            again();
        }
    }

    private void abandon() {
        if (isLeading) {
            conditions.events().add(Event.Kind.ROLE, "This instance does not flush any more");
        }
        attempt++;
        own = null;
        isLeading = false;
    }

    private Future<Void> letGo() {
        return requireNonNull(flusher).letGo();
    }

    private synchronized void claim(int number) {
        if (number != attempt || !isElected) {
            return;
        }
        letGo().compose(quiet -> Blocking.callApart(vertx, () -> claiming.claim(UUID.randomUUID())))
                .onSuccess(fence -> tell(number, fence))
                .onFailure(failure -> {
                    log.debug("The table can't be claimed", failure);
                    again(number);
                });
    }

    private synchronized void tell(int number, Fence fence) {
        if (number != attempt || !isElected) {
            return;
        }
        own = fence;
        claims++;
        shared.tell(new Told.Claim(fence.epoch(), fence.nonce())).whenComplete((told, failure) -> {
            if (failure != null) {
                log.debug("The claim may not be in the log", failure);
                again(number);
            }
        });
    }

    private synchronized void again(int number) {
        if (number == attempt && isElected && !isLeading) {
            again();
        }
    }

    /** By whoever holds the lock. */
    private void again() {
        if (!isElected) {
            return;
        }
        int number = ++attempt;
        stepDownIfInVain();
        Later.run(vertx, pauses.again().toMillis(), () -> claim(number));
    }

    private void stepDownIfInVain() {
        if (System.nanoTime() - progressAt > pauses.patience().toNanos() && election != null) {
            conditions.begin(
                    ConditionName.STEPPED_DOWN,
                    "This instance leaves it to another to flush",
                    "for " + pauses.patience().toSeconds() + " s it has not got on with that");
            progressAt = System.nanoTime();
            election.stepDown(pauses.rest());
        }
    }

    /** Takes note whether this instance, if it is the one that flushes, gets on with it; to be told time and again. */
    synchronized void progress(boolean isMade) {
        if (isMade) {
            progressAt = System.nanoTime();
        } else if (isLeading) {
            stepDownIfInVain();
        }
    }

    /**
     * A claim has been read. Waits until nothing is in flight here; what follows it in the log is read after that.
     *
     * @param claim whoever's
     */
    void claimed(Told.Claim claim) {
        if (claim.epoch() < newestEpoch()) {
            return; // of somebody whom the table does not know any more
        }
        letGo().transform(quiet -> Future.succeededFuture())
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        synchronized (this) {
            newestEpoch = claim.epoch();
            conditions.end(Subject.TURN, "An instance has claimed the table, in epoch " + claim.epoch());
            Fence claimed = own;
            isLeading = isElected && claimed != null && claimed.nonce().equals(claim.nonce());
            if (isLeading) {
                buffer.lead();
                requireNonNull(flusher).lead(requireNonNull(claimed));
                progressAt = System.nanoTime();
                log.info("This instance flushes from now on, in epoch {}", claim.epoch());
                conditions.events().add(Event.Kind.ROLE, "This instance flushes from now on, in epoch " + newestEpoch);
                return;
            }
            buffer.follow();
            conditions.events().add(Event.Kind.ROLE, "Another instance flushes from now on, in epoch " + newestEpoch);
            if (isElected && (claimed == null || claimed.epoch() <= claim.epoch())) {
                own = null;
                again();
            }
        }
    }
}
