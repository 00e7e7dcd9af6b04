package dev.writebehind.flush;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.store.DeadLetterTable;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of several instances, in a table of the database. Safe for any thread; every call blocks on the
 * database, but {@link #count} not for long, for the figures of the service are wanted most when the database is away.
 */
public final class SharedDeadLetters implements DeadLetters {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final DeadLetterTable table;
    private final KeyPool keys;
    private final AtomicReference<@Nullable CompletableFuture<Long>> counting = new AtomicReference<>();

    /** Creates them on that table; connects to nothing yet. */
    public SharedDeadLetters(Vertx vertx, DeadLetterTable table, KeyPool keys) {
        this.vertx = vertx;
        this.table = table;
        this.keys = keys;
    }

    KeyPool keys() {
        return keys;
    }

    /** {@inheritDoc} Fails where the database does not answer within a second. */
    @Override
    public long count() {
        try {
            return counted().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new UncheckedIOException(new IOException("the dead letters can't be counted", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the dead letters were counted", e);
        }
    }

    /** Whoever asks while the database is asked already gets the same answer. */
    private CompletableFuture<Long> counted() {
        CompletableFuture<Long> own = new CompletableFuture<>();
        CompletableFuture<Long> present = counting.compareAndExchange(null, own);
        if (present != null) {
            return present;
        }
        Blocking.callApart(vertx, table::count).onComplete(count -> {
            counting.set(null);
            if (count.succeeded()) {
                own.complete(count.result());
            } else {
                own.completeExceptionally(count.cause());
            }
        });
        return own;
    }

    @Override
    public List<DeadLetter> list(long after, int most) {
        return asking(() -> table.bodies(after, most)).stream()
                .map(body -> DeadLetter.of(new JsonObject(body), keys))
                .toList();
    }

    @Override
    public boolean remove(String id) {
        OptionalLong number = DeadLetter.number(id);
        return number.isPresent() && asking(() -> table.remove(number.getAsLong()));
    }

    private static <T> T asking(Callable<T> question) {
        try {
            return question.call();
        } catch (SQLException e) {
            throw new UncheckedIOException(new IOException(e.getMessage(), e));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
