package dev.writebehind.loadtest.baseline;

import static java.util.Objects.requireNonNull;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.loadtest.baseline.UpsertBatches.Encoded;
import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.UpsertSession;
import dev.writebehind.store.UpsertSessions;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * The ceiling of the database side: the flusher's statements over batches that were encoded before, each of which knows
 * whether its rows are there, in lanes that each have one connection and one command in flight. Confined to one event
 * loop.
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
        BaselineProcess.run(new Measurement(), args);
    }

    /** The command line, and what is done for it. */
    @Command(name = "BareUpsert")
    private static final class Measurement implements Callable<Integer> {
        @Option(names = "--database", required = true, converter = Value.Database.class)
        private @Nullable DatabaseUri database;

        @Option(names = "--lanes", converter = Value.Positive.class)
        private int lanes = 2;

        @Option(names = "--batch", converter = Value.Positive.class)
        private int batch = 500;

        @Option(names = "--seconds", converter = Value.Positive.class)
        private int seconds = 5;

        @Option(names = "--new-share", converter = Value.Share.class)
        private double newShare = 0.8;

        @Option(names = "--rows", converter = Value.Positive.class)
        private int rows = 200_000;

        @Option(names = "--learners", converter = Value.Positive.class)
        private int learners = 2_000;

        @Override
        public Integer call() throws Exception {
            DatabaseSettings settings = new DatabaseSettings(requireNonNull(database), false, TIMEOUT, 1);
            UpsertBatches batches = UpsertBatches.encode(rows, newShare, learners, batch, lanes);
            BaselineProcess process = new BaselineProcess();
            JsonObject figures = process.await(() -> {
                UpsertSessions sessions = UpsertSessions.create(process.vertx(), settings, lanes);
                return Future.all(Stream.generate(sessions::open).limit(lanes).toList())
                        .compose(opened -> new BareUpsert(opened.list()).measure(batches, seconds));
            });
            System.out.println(figures.put("lanes", lanes).put("batch", batch).encode());
            process.close();
            return ExitCode.OK;
        }
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
        return lane.commitEncoded(batch.json(), batch.rows(), batch.present())
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
