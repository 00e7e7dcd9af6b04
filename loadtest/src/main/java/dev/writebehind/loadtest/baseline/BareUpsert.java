package dev.writebehind.loadtest.baseline;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.loadtest.baseline.UpsertBatches.Encoded;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.UpsertSession;
import dev.writebehind.store.UpsertSessions;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The ceiling of the database side: the flusher's transactions over batches that were encoded before, in lanes that
 * each have one connection and one command in flight. Confined to one event loop.
 */
public final class BareUpsert {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final List<UpsertSession> lanes;

    private BareUpsert(List<UpsertSession> lanes) {
        this.lanes = lanes;
    }

    /**
     * Measures, and prints the figures as a line of JSON. Ends when the time is over, or every row is written. The
     * table must hold none of the rows before.
     */
    public static void main(String[] args) {
        BaselineProcess.run(() -> {
            Arguments arguments = Arguments.parse(
                    args,
                    Set.of("database"),
                    Map.of(
                            "lanes", "2",
                            "batch", "500",
                            "seconds", "5",
                            "new-share", "0.8",
                            "rows", "200000",
                            "learners", "2000"));
            DatabaseSettings database = new DatabaseSettings(arguments.database("database"), false, TIMEOUT, 1);
            int lanes = arguments.integer("lanes", 1);
            int batch = arguments.integer("batch", 1);
            int seconds = arguments.integer("seconds", 1);
            UpsertBatches batches = UpsertBatches.encode(
                    arguments.integer("rows", 1),
                    arguments.share("new-share"),
                    arguments.integer("learners", 1),
                    batch,
                    lanes);
            BaselineProcess process = new BaselineProcess();
            JsonObject figures = process.await(() -> {
                UpsertSessions sessions = UpsertSessions.create(process.vertx(), database, lanes);
                return Future.all(Stream.generate(sessions::open).limit(lanes).toList())
                        .compose(opened -> new BareUpsert(opened.list()).measure(batches, seconds));
            });
            System.out.println(figures.put("lanes", lanes).put("batch", batch).encode());
            process.close();
        });
    }

    private Future<JsonObject> measure(UpsertBatches batches, int seconds) {
        return commit(batches.before(), Long.MAX_VALUE).compose(there -> {
            long begin = System.nanoTime();
            return commit(batches.measured(), TimeUnit.SECONDS.toNanos(seconds)).map(rows -> {
                double taken = (System.nanoTime() - begin) / 1e9;
                return new JsonObject().put("rows", rows).put("seconds", taken).put("rowsPerSecond", rows / taken);
            });
        });
    }

    /** Commits batches until there are no more, or that time is over. Returns how many rows they wrote. */
    private Future<Long> commit(List<Encoded> batches, long nanos) {
        Iterator<Encoded> left = batches.iterator();
        long begin = System.nanoTime();
        return Future.join(lanes.stream()
                        .map(lane -> commit(lane, left, begin, nanos, 0))
                        .toList())
                .map(done -> done.<Long>list().stream().mapToLong(rows -> rows).sum());
    }

    private static Future<Long> commit(UpsertSession lane, Iterator<Encoded> left, long begin, long nanos, long rows) {
        return left.hasNext() && System.nanoTime() - begin < nanos
                ? commit(lane, left.next()).compose(written -> commit(lane, left, begin, nanos, rows + written))
                : Future.succeededFuture(rows);
    }

    private static Future<Integer> commit(UpsertSession lane, Encoded batch) {
        return lane.commitEncoded(batch.json())
                .recover(failure -> DatabaseFailure.of(failure) == DatabaseFailure.CONFLICT
                        ? commit(lane, batch)
                        : Future.failedFuture(failure))
                .map(written -> {
                    if (written != batch.rows()) {
                        throw new IllegalStateException("a batch of " + batch.rows() + " rows wrote " + written
                                + ": was the table empty before?");
                    }
                    return written;
                });
    }
}
