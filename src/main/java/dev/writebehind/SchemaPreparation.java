package dev.writebehind;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.flush.TableState;
import dev.writebehind.store.Schema;
import dev.writebehind.store.ServingLogin;
import dev.writebehind.store.UnfitSchemaException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The migration and check of the table before the first flush. When the database is away at the start, or takes nobody
 * for the time being, the service starts without it and this goes on in the background. Safe for any thread.
 */
final class SchemaPreparation {
    private static final Logger log = LoggerFactory.getLogger(SchemaPreparation.class);
    private static final long MIN_PAUSE_MILLIS = 1_000;
    private static final long MAX_PAUSE_MILLIS = 60_000;

    private final Vertx vertx;
    private final DatabaseSettings settings;
    private final boolean announced;
    private final Conditions conditions;
    private volatile TableState state = TableState.UNPREPARED;

    /** @param announced whether the table of announcements has to be there as well */
    SchemaPreparation(Vertx vertx, DatabaseSettings settings, boolean announced, Conditions conditions) {
        this.vertx = vertx;
        this.settings = settings;
        this.announced = announced;
        this.conditions = conditions;
    }

    /** Whether the table has been found fit. */
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
        vertx.setTimer(pause, timer -> {
            long again = System.nanoTime();
            attempt()
                    .onSuccess(prepared -> conditions.end(Subject.TABLE, "The database is there, its table is ready"))
                    .onFailure(failure -> {
                        report(failure);
                        tryLater(again);
                    });
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
                .replaceAll("\\(conn=\\d+\\) ", "");
    }

    private Future<Void> attempt() {
        return Blocking.run(vertx, () -> Schema.of(settings, announced).prepare(settings.migrate()))
                .compose(prepared -> ServingLogin.attempt(vertx, settings, true))
                .onSuccess(served -> state = TableState.PREPARED);
    }
}
