package dev.writebehind.core;

import static java.util.Objects.requireNonNull;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.blocking.InTurn;
import dev.writebehind.blocking.Later;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.FollowedLog;
import dev.writebehind.buffer.RefusedByDatabaseException;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.flush.DeadLetter;
import dev.writebehind.flush.Flusher;
import dev.writebehind.flush.FlushingPausedException;
import dev.writebehind.flush.Peers;
import dev.writebehind.journal.Election;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.ReplicatedLog;
import dev.writebehind.journal.Replication;
import dev.writebehind.journal.Told;
import dev.writebehind.journal.Told.CarriedOut;
import dev.writebehind.journal.Told.Settled;
import dev.writebehind.journal.Told.Written;
import dev.writebehind.journal.UnusableJournalException;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.Fence;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance of several that share a log: it follows the others' changes and news, and tells them its own. Safe for
 * any thread; what it hears, it hears on the log's.
 */
public final class Replica implements Flushing {
    private static final Logger log = LoggerFactory.getLogger(Replica.class);
    private static final long TELLING_MILLIS = 1_000;
    private static final long AGAIN_MILLIS = 200;

    private final Vertx vertx;
    private final ReplicatedLog shared;
    private final CompletionBuffer buffer;
    private final ReceiptClock clock;
    private final LogFirst acceptance;
    private final Succession succession;
    private final LogWatch watch;
    private final Barriers barriers = new Barriers();
    private final Barriers rests = new Barriers();
    private final Retries retries = new Retries();
    private final Peers peers = new Telling();
    private @Nullable Flusher flusher;
    private volatile long toldUpTo;
    private volatile long allCommittedUpTo;
    /** The last change before the word to pause, which has to be read again by who begins anew. */
    private volatile long pausedAt = Long.MAX_VALUE;

    /**
     * Creates it; follows nothing yet.
     *
     * @param buffer empty, and made for changes that are durable already
     * @param clock that buffer's
     * @param claiming claims the table for this instance; may block
     */
    public Replica(
            Vertx vertx,
            ReplicatedLog shared,
            CompletionBuffer buffer,
            ReceiptClock clock,
            Claiming claiming,
            Conditions conditions) {
        this.clock = clock;
        this.vertx = vertx;
        this.shared = shared;
        this.buffer = buffer;
        this.acceptance = new LogFirst(shared, buffer, this::hear);
        this.succession = new Succession(
                vertx, shared, buffer.followedLog(), claiming::claim, Succession.Pauses.USUAL, conditions);
        this.watch = new LogWatch(shared, buffer, () -> succession.leadsIn() != 0, conditions, System::nanoTime);
        buffer.followedLog().follow();
    }

    /** The claim of the table, so that it takes nothing of another instance's flusher any more. */
    public interface Claiming {
        /** Returns the fence that stands for the claim; blocks. */
        Fence claim(UUID nonce) throws Exception;
    }

    /** Returns the operations of the service. */
    public WriteBehind operations(Supplier<Duration> ackTimeout) {
        return WriteBehind.on(acceptance, buffer, ackTimeout);
    }

    /** Returns what the flusher has to tell the other instances of. */
    public Peers peers() {
        return peers;
    }

    /**
     * Begins to follow the log; completes once all is read that is there by now, and does not while the log is away.
     * What is received in a log that was empty is later than this instance's clock says, by which rows may have been
     * written before.
     *
     * @param directed flushes or not, as it turns out; is deployed
     */
    public Future<Void> follow(Flusher directed) {
        flusher = directed;
        succession.direct(directed);
        return Blocking.run(vertx, acceptance::begin)
                .onSuccess(begun -> watch.begin(vertx))
                .compose(begun -> caughtUp())
                .compose(caughtUp -> beginLog());
    }

    private Future<Void> beginLog() {
        return InTurn.repeat(() -> shared.appliedUpTo() > 0
                ? Future.succeededFuture(false)
                : Future.fromCompletionStage(shared.tell(new Told.Floor(clock.reserve(1))), vertx.getOrCreateContext())
                        .recover(failure -> {
                            log.debug("The log may not have been begun", failure);
                            return vertx.timer(AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                                    .mapEmpty();
                        })
                        .compose(told -> caughtUp())
                        .map(true));
    }

    /** However long that takes, and whatever is away meanwhile. */
    private Future<Void> caughtUp() {
        return InTurn.repeat(() -> Future.fromCompletionStage(shared.caughtUp(), vertx.getOrCreateContext())
                .map(false)
                .recover(failure -> {
                    JournalState state = shared.state();
                    if (state instanceof JournalState.Failed) {
                        return Future.failedFuture(
                                new UnusableJournalException(state.explanation(), new IOException(failure)));
                    }
                    log.debug("Not all of the log is read yet", failure);
                    return vertx.timer(AGAIN_MILLIS, TimeUnit.MILLISECONDS).map(true);
                }));
    }

    /** Stands for election, and tells from now on what all is in the table whenever this instance flushes. */
    public void stand(Election election) {
        succession.stand(election);
        Later.run(vertx, TELLING_MILLIS, this::tellRegularly);
    }

    /** Returns this instance's part, with as many records of the log unread, and the log kept by as many. */
    public Sharing sharing(long unread, Replication replication) {
        return succession.sharing(unread, watch.behind()).with(replication);
    }

    @Override
    public long oldestPending() {
        return succession.leadsIn() == 0 ? watch.oldestUnsettled() : own().oldestPending();
    }

    @Override
    public Future<Void> flushAll() {
        if (own().isPaused()) {
            return Future.failedFuture(new FlushingPausedException());
        }
        return Future.fromCompletionStage(shared.caughtUp()).compose(caughtUp -> {
            Future<Void> flushed = barriers.await(shared.appliedUpTo());
            if (!flushed.isComplete()) {
                tell(new Told.FlushAsked());
            }
            return flushed;
        });
    }

    /** {@inheritDoc} Where another instance flushes, once that has told so; where none does, once one would. */
    @Override
    public Future<Void> pause() {
        return hearOwnWord(true).compose(heard -> own().pause()).compose(paused -> {
            long at = pausedAt;
            if (at == Long.MAX_VALUE) {
                return own().resume().compose(resumed -> Future.failedFuture("another has had flushing go on"));
            }
            return rests.await(at);
        });
    }

    @Override
    public Future<Void> resume() {
        return hearOwnWord(false).compose(heard -> own().resume());
    }

    private Future<Void> hearOwnWord(boolean paused) {
        return Future.fromCompletionStage(shared.tell(new Told.Paused(paused)).thenCompose(told -> shared.caughtUp()));
    }

    @Override
    public Future<Boolean> retry(String id) {
        if (own().isPaused()) {
            return Future.failedFuture(new FlushingPausedException());
        }
        OptionalLong number = DeadLetter.number(id);
        if (number.isEmpty()) {
            return Future.succeededFuture(false);
        }
        Future<Boolean> tried = retries.await(number.getAsLong());
        shared.tell(new Told.RetryAsked(number.getAsLong())).whenComplete((told, failure) -> {
            if (failure != null) {
                retries.failed(number.getAsLong(), failure);
            }
        });
        return tried;
    }

    private void tellOnceAtRest(long at) {
        own().pause()
                .onSuccess(paused -> {
                    if (succession.leadsIn() != 0) {
                        tell(new Told.AtRest(at));
                    }
                })
                .onFailure(failure -> log.debug("The flusher has stopped", failure));
    }

    private Flusher own() {
        return requireNonNull(flusher);
    }

    /** Also later than it was heard: then the log knows a place nearer to it. */
    private void forget() {
        if (succession.leadsIn() != 0) {
            shared.forget(Math.min(allCommittedUpTo, pausedAt - 1));
        }
    }

    private void tellRegularly() {
        long begin = System.nanoTime();
        forget();
        succession.progress(shared.state().isHealthy() && (own().failure() == null || buffer.pendingKeys() == 0));
        tellAllCommitted().onComplete(told -> {
            // A look at all that waits takes a while, where that is much.
            long took = (System.nanoTime() - begin) / 1_000_000;
            Later.run(vertx, Math.max(TELLING_MILLIS, 20 * took), this::tellRegularly);
        });
    }

    private Future<Void> tellAllCommitted() {
        return succession.leadsIn() == 0
                ? Future.succeededFuture()
                : Blocking.callApart(vertx, this::allCommitted).map(upTo -> {
                    if (upTo > toldUpTo && succession.leadsIn() != 0) {
                        toldUpTo = upTo;
                        shared.tell(new Told.AllCommitted(upTo)).whenComplete((told, failure) -> {
                            if (failure != null) {
                                toldUpTo = 0; // once more, then
                            }
                        });
                    }
                    return null;
                });
    }

    /** What is applied meanwhile came later than what had been before the look. */
    private long allCommitted() {
        long applied = shared.appliedUpTo();
        return Math.min(applied, buffer.followedLog().oldestUnsettled() - 1);
    }

    private void tell(Told told) {
        shared.tell(told).whenComplete((appended, failure) -> {
            if (failure != null) {
                log.debug("The other instances may not have been told", failure);
            }
        });
    }

    private void hear(Told told) {
        FollowedLog followed = buffer.followedLog();
        if (told instanceof Told.Claim claim) {
            succession.claimed(claim);
            watch.heardOfFlushing();
            toldUpTo = 0;
            if (pausedAt != Long.MAX_VALUE) {
                tellOnceAtRest(pausedAt); // its predecessor may have gone before it told so
            }
            retries.ids().forEach(id -> tell(new Told.RetryAsked(id))); // who was asked may not be the one that flushes
        } else if (told instanceof Told.Committed committed) {
            watch.heardOfFlushing();
            boolean isOutdated = committed.epoch() < succession.newestEpoch();
            for (Settled settled : committed.settled()) {
                // What the table has it has for good; but what it refused may have been taken from a successor.
                if (!isOutdated || settled.refusal() == null) {
                    settle(settled, followed);
                }
            }
        } else if (told instanceof Told.AllCommitted all) {
            watch.heardOfFlushing();
            followed.allFlushed(all.upTo());
            barriers.pass(all.upTo());
            allCommittedUpTo = all.upTo();
            forget();
        } else if (told instanceof Told.FlushAsked) {
            if (succession.leadsIn() != 0) {
                own().flushAll(shared.appliedUpTo())
                        .compose(flushed -> tellAllCommitted())
                        .onFailure(failure -> log.debug("What another asked to be flushed is not all", failure));
            }
        } else if (told instanceof Told.Paused word) {
            watch.heardOfFlushing(word.paused());
            pausedAt = word.paused() ? Math.min(pausedAt, shared.appliedUpTo()) : Long.MAX_VALUE;
            if (word.paused()) {
                tellOnceAtRest(pausedAt);
            } else {
                own().resume().onFailure(failure -> log.debug("The flusher has stopped", failure));
            }
        } else if (told instanceof Told.AtRest atRest) {
            rests.pass(atRest.pausedAt());
        } else if (told instanceof Told.RetryAsked asked) {
            if (succession.leadsIn() != 0) {
                own().retry(Long.toString(asked.id())).onComplete(tried -> tellOfRetry(asked.id(), tried));
            }
        } else if (told instanceof Told.Retried retried) {
            buffer.forgetRows(); // they may lack what is in the table now, and is in no buffer
            retries.ended(retried);
        }
    }

    /** What became of it is for the one to say that flushes, and that is not this one any more if it was fenced. */
    private void tellOfRetry(long id, AsyncResult<Boolean> tried) {
        if (tried.succeeded()) {
            tell(new Told.Retried(id, tried.result(), null));
        } else if (succession.leadsIn() != 0 && DatabaseFailure.of(tried.cause()) != DatabaseFailure.FENCED) {
            tell(new Told.Retried(id, true, String.valueOf(tried.cause().getMessage())));
        } else {
            log.debug("The dead letter {} is left to the next one that flushes", id, tried.cause());
        }
    }

    private static void settle(Settled settled, FollowedLog followed) {
        String refusal = settled.refusal();
        if (settled instanceof Written written) {
            if (refusal == null) {
                followed.flushed(written.key(), written.upTo());
            } else {
                followed.buried(written.key(), written.upTo(), new RefusedByDatabaseException(refusal));
            }
        } else if (settled instanceof CarriedOut reset) {
            followed.carriedOut(new CourseReset(reset.learnerCourse(), reset.receivedAt()));
        }
    }

    /** What the flusher has to tell. */
    private final class Telling implements Peers {
        @Override
        public void settled(List<? extends Change> changes) {
            List<Settled> settled = new ArrayList<>(changes.size());
            changes.forEach(change -> settled.add(settled(change, null)));
            tell(new Told.Committed(succession.newestEpoch(), settled));
        }

        @Override
        public void buried(Change change, String reason) {
            tell(new Told.Committed(succession.newestEpoch(), List.of(settled(change, reason))));
        }

        @Override
        public void fenced() {
            succession.fenced();
        }

        private static Settled settled(Change change, @Nullable String refusal) {
            return change instanceof CoalescedWrite write
                    ? new Written(write.key(), write.receivedAt(), refusal)
                    : new CarriedOut(change.learnerCourse(), change.receivedAt(), refusal);
        }
    }
}
