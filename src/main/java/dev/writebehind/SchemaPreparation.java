package dev.writebehind;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.blocking.Later;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.flush.Announcements;
import dev.writebehind.flush.TableState;
import dev.writebehind.store.Schema;
import dev.writebehind.store.ServingLogin;
import dev.writebehind.store.UnfitSchemaException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The migration and check of the table before the first flush. When the database is away at the start, or takes nobody
 * for the time being, the service starts without it and this goes on in the background. An outbox that is not fit holds
 * the first flush up for a while, as one that fails later does, and then no longer: rows go before news. Safe for any
 * thread.
 */
final class SchemaPreparation {
    private static final Logger log = LoggerFactory.getLogger(SchemaPreparation.class);
    private static final long MIN_PAUSE_MILLIS = 1_000;
    private static final long MAX_PAUSE_MILLIS = 60_000;
    private static final long OUTBOX_PAUSE_MILLIS = 10_000;
    private static final String CONNECTION = "\\(conn=\\d+\\) ";
    private static final Duration HOLD = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final DatabaseSettings settings;
    private final boolean fenced;
    private final Announcements announcements;
    private final Conditions conditions;
    private final Duration hold;
    private volatile TableState state = TableState.UNPREPARED;

    /**
     * Prepares it.
     *
     * @param fenced whether several instances flush in turn, for which there has to be a table of claims
     * @param announcements if they are made, the outbox has to be there as well
     */
    SchemaPreparation(
            Vertx vertx,
            DatabaseSettings settings,
            boolean fenced,
            Announcements announcements,
            Conditions conditions) {
        this(vertx, settings, fenced, announcements, conditions, HOLD);
    }

    /** @param hold for how long an outbox that is not fit holds the first flush up */
    SchemaPreparation(
            Vertx vertx,
            DatabaseSettings settings,
            boolean fenced,
            Announcements announcements,
            Conditions conditions,
            Duration hold) {
        this.vertx = vertx;
        this.settings = settings;
        this.fenced = fenced;
        this.announcements = announcements;
        this.conditions = conditions;
        this.hold = hold;
    }

    /** Whether the table has been found fit, and the outbox too or it was waited for long enough. */
    TableState state() {
        return state;
    }

    /** Tries once. Fails where the table can't be used as it is; what passes is waited for in the background. */
    Future<Void> begin() {
        long began = System.nanoTime();
        return attempt().recover(failure -> {
            if (!Schema.isTemporary(failure)) {
                return Future.failedFuture(failure);
            }
            conditions.begin(
                    ConditionName.TABLE_NOT_PREPARED,
                    "The database can't be used for now; writes are accepted and kept until it can",
                    reason(failure));
            tryLater(began);
            return Future.succeededFuture();
        });
    }

    /** An attempt that took long has made others wait; so does the pause take as long. */
    private void tryLater(long began) {
        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        long pause = Math.min(MAX_PAUSE_MILLIS, Math.max(MIN_PAUSE_MILLIS, took));
        later(pause, this::tryAgain);
    }

    private void later(long pauseMillis, Runnable look) {
        Later.run(vertx, pauseMillis, look);
    }

    private void tryAgain() {
        long began = System.nanoTime();
        attempt()
                .onSuccess(prepared -> conditions.end(Subject.TABLE, "The database is there, its table is ready"))
                .onFailure(failure -> {
                    if (failure instanceof RejectedExecutionException) {
                        log.debug("The service ends, and its table need not be prepared any more", failure);
                        return;
                    }
                    report(failure);
                    tryLater(began);
                });
    }

    private void report(Throwable failure) {
        if (failure instanceof UnfitSchemaException && !Schema.isTemporary(failure)) {
            conditions.begin(ConditionName.TABLE_UNFIT, "Nothing is flushed", reason(failure));
        } else {
            conditions.begin(ConditionName.TABLE_NOT_PREPARED, "Nothing is flushed yet", reason(failure));
        }
    }

    /** Without the number of the connection, which is another each time. */
    private static String reason(Throwable failure) {
        log.debug("The table can't be prepared", failure);
        return (failure instanceof UnfitSchemaException ? String.valueOf(failure.getMessage()) : failure.toString())
                .replaceAll(CONNECTION, "");
    }

    private Future<Void> attempt() {
        return Blocking.call(vertx, () -> schema().prepare(settings.migrate()))
                .compose(outbox -> ServingLogin.attempt(vertx, settings, true)
                        .onSuccess(served -> judge(outbox, System.nanoTime())))
                .mapEmpty();
    }

    private Schema schema() {
        return Schema.of(settings, announcements.isOn(), fenced);
    }

    private void judge(Optional<String> unfitOutbox, long since) {
        if (unfitOutbox.isEmpty()) {
            announcements.fit();
            state = TableState.PREPARED;
            return;
        }
        announcements.unfit(unfitOutbox.get().replaceAll(CONNECTION, ""));
        boolean waits = System.nanoTime() - since < hold.toNanos();
        if (!waits) {
            state = TableState.PREPARED;
        }
        later(
                waits ? Math.min(MIN_PAUSE_MILLIS, hold.toMillis()) : OUTBOX_PAUSE_MILLIS,
                () -> Blocking.call(vertx, () -> schema().prepareOutbox(settings.migrate()))
                        .onSuccess(found -> judge(found, since))
                        .onFailure(failure -> judge(Optional.of(failure.toString()), since)));
    }
}
