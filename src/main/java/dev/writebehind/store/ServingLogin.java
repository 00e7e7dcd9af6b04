package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Pool;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * The trial of the way by which serving reaches the database: another client than the check's, which speaks fewer of
 * the ways to log in. Stateless; leaves no connection behind.
 */
public final class ServingLogin {
    private ServingLogin() {}

    /**
     * Logs in, asks something, and prepares the upsert, as the flusher does. Fails with {@link UnfitSchemaException}
     * where that does not work; see {@link Schema#isTemporary}.
     *
     * @param upsert whether the table is known to be fit, so that the upsert must work too
     */
    public static Future<Void> attempt(Vertx vertx, DatabaseSettings settings, boolean upsert) {
        return encryption(vertx, settings, upsert).mapEmpty();
    }

    private static Future<Encryption> encryption(Vertx vertx, DatabaseSettings settings, boolean upsert) {
        Pool pool = Pools.create(vertx, "check", settings, 1);
        return pool.query(Encryption.QUERY)
                .execute()
                .eventually(pool::close)
                .map(rows -> Encryption.of(StreamSupport.stream(rows.spliterator(), false)
                        .collect(Collectors.toMap(row -> row.getString(0), row -> row.getString(1)))))
                .compose(found -> upsert ? prepareUpsert(vertx, settings).map(found) : Future.succeededFuture(found))
                .recover(failure -> Future.failedFuture(explained(failure)));
    }

    /** Returns {@link #attempt} as a line of a check; never fails. */
    public static Future<Finding> finding(Vertx vertx, DatabaseSettings settings, boolean upsert) {
        return encryption(vertx, settings, upsert)
                .map(found -> Finding.ok("serving's own client can log in" + (upsert ? " and prepare the upsert" : "")
                        + ", " + found.text()))
                .otherwise(failure -> Finding.unfit(String.valueOf(failure.getMessage())));
    }

    private static Future<Void> prepareUpsert(Vertx vertx, DatabaseSettings settings) {
        UpsertSessions sessions = UpsertSessions.create(vertx, settings, 1);
        return sessions.open().<Void>mapEmpty().eventually(sessions::close);
    }

    /** Returns the failure, or what it means where the client itself could not go on with a login. */
    static Throwable clarified(Throwable failure) {
        return PublicKeyRetrieval.isRefused(failure) || failure instanceof UnsupportedOperationException
                ? explained(failure)
                : failure;
    }

    private static UnfitSchemaException explained(Throwable failure) {
        if (failure instanceof UnfitSchemaException unfit) {
            return unfit;
        }
        String start = "serving's own client can't work with the database: ";
        if (PublicKeyRetrieval.isRefused(failure)) {
            return new UnfitSchemaException(start + Refusal.PUBLIC_KEY);
        }
        if (failure instanceof UnsupportedOperationException) {
            return new UnfitSchemaException(
                    start + failure.getMessage() + ". The account needs another: " + Refusal.PLUGINS);
        }
        if (failure instanceof DatabaseException refused) {
            String reason = Refusal.of(refused.getErrorCode(), String.valueOf(refused.getMessage()));
            if (reason != null) {
                return new UnfitSchemaException(start + reason);
            }
        }
        return new UnfitSchemaException(start + failure, true);
    }
}
