package dev.writebehind;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.store.Schema;
import dev.writebehind.store.UnfitSchemaException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Migrates and checks the table before the first flush. When the database is away at the start, the service starts
 * without it and this goes on in the background. Safe for any thread.
 */
final class SchemaPreparation {
    private static final Logger log = LoggerFactory.getLogger(SchemaPreparation.class);
    private static final long RETRY_MILLIS = 1_000;

    private final Vertx vertx;
    private final DatabaseSettings settings;
    private volatile boolean ready;
    private String reported = "";

    SchemaPreparation(Vertx vertx, DatabaseSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
    }

    /** Whether the table has been found fit. */
    boolean isReady() {
        return ready;
    }

    /** Tries once. Fails where the table can't be used as it is; a database that is away is tried again later. */
    Future<Void> begin() {
        return attempt().recover(failure -> {
            if (!Schema.isUnreachable(failure)) {
                return Future.failedFuture(failure);
            }
            log.warn(
                    "The database can't be reached; writes are accepted and kept until it can: {}", failure.toString());
            tryLater();
            return Future.succeededFuture();
        });
    }

    private void tryLater() {
        vertx.setTimer(
                RETRY_MILLIS,
                timer -> attempt()
                        .onSuccess(prepared -> log.info("The database is there, its table is ready"))
                        .onFailure(failure -> {
                            report(failure);
                            tryLater();
                        }));
    }

    private synchronized void report(Throwable failure) {
        String reason = String.valueOf(failure.getMessage());
        if (failure instanceof UnfitSchemaException && !reason.equals(reported)) {
            log.error("Nothing is flushed: {}", reason);
            reported = reason;
        }
    }

    private Future<Void> attempt() {
        return vertx.executeBlocking(() -> {
                    Schema.of(settings).prepare(settings.migrate());
                    ready = true;
                    return ready;
                })
                .mapEmpty();
    }
}
