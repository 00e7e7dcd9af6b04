package dev.writebehind.loadtest.peers;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseTlsSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.config.JournalSettings;
import dev.writebehind.core.Acknowledged;
import dev.writebehind.core.Outcome;
import dev.writebehind.core.Taking;
import dev.writebehind.core.Waiting;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.flush.DeadLetterFiles;
import dev.writebehind.flush.Flusher;
import dev.writebehind.flush.TableState;
import dev.writebehind.journal.file.FileJournal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The service's core without HTTP: what remains is what peers are. It flushes a second late and speaks to the database
 * in clear, as they do; a writer has as many writes on their way to the journal as connections would. Safe for any
 * thread.
 */
public abstract class ServiceEngine implements Engine {
    private static final int IN_FLIGHT = 1_024;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    private final Context context = vertx.getOrCreateContext();
    private final KeyPool keys = new KeyPool();
    private final FileJournal journal;
    private final Flusher flusher;
    private final WriteBehind service;
    private final Waiting waiting;

    private ServiceEngine(String database) throws Exception {
        Conditions conditions = new Conditions(Clock.systemUTC());
        ReceiptClock clock = new ReceiptClock();
        Path files = Files.createTempDirectory(Path.of(""), "core");
        journal = FileJournal.open(
                JournalSettings.ofFiles(files.resolve("journal"), ByteSize.ofMebibytes(64)), keys, conditions);
        BufferSettings bounds = new BufferSettings(1_000_000, ByteSize.ofMebibytes(768), Duration.ofSeconds(2));
        CompletionBuffer buffer = new CompletionBuffer(() -> bounds, clock, journal);
        journal.replay(buffer::restore);
        FlushSettings flush = new FlushSettings(Duration.ofSeconds(1), 500, 2, 1_000_000, Duration.ofSeconds(10));
        flusher = new Flusher(
                () -> flush,
                new Flusher.Source(buffer, clock, new DeadLetterFiles(files.resolve("dead-letters"), keys, () -> {})),
                new Flusher.Target(
                        new DatabaseSettings(DatabaseUri.parse(database), false, Duration.ofSeconds(10), 4)
                                .with(DatabaseTlsSettings.of(DatabaseTlsSettings.Mode.DISABLED)),
                        () -> TableState.PREPARED),
                conditions);
        waiting = await(Future.future(ofLoop -> context.runOnContext(run -> ofLoop.complete(Waiting.on(vertx)))));
        service = WriteBehind.on(journal, buffer, () -> Duration.ofSeconds(30));
        await(vertx.deployVerticle(flusher));
    }

    /** With {@code ack=memory}, which is told at once. */
    public static final class Memory extends ServiceEngine {
        public Memory(String database) throws Exception {
            super(database);
        }

        @Override
        void put(List<CompletionWrite> write) {
            Told told = new Told();
            taking(write, Acknowledgement.MEMORY).tell(waiting(), told);
            if (!(told.outcome instanceof Acknowledged)) {
                throw new IllegalStateException("not acknowledged: " + told.outcome);
            }
        }

        @Override
        public void accepted() {}

        private static final class Told implements Consumer<Outcome> {
            private @Nullable Outcome outcome;

            @Override
            public void accept(Outcome told) {
                outcome = told;
            }
        }
    }

    /** With {@code ack=journal}, the default, which is told on an event loop. */
    public static final class Journaled extends ServiceEngine {
        private final Semaphore room = new Semaphore(IN_FLIGHT);
        private final AtomicReference<@Nullable String> refusal = new AtomicReference<>();

        public Journaled(String database) throws Exception {
            super(database);
        }

        @Override
        void put(List<CompletionWrite> write) throws InterruptedException {
            room.acquire();
            outcome(write).onComplete(done -> {
                if (!(done.result() instanceof Acknowledged)) {
                    refusal.set(String.valueOf(done.failed() ? done.cause() : done.result()));
                }
                room.release();
            });
        }

        private Future<Outcome> outcome(List<CompletionWrite> write) {
            Taking taking = taking(write, Acknowledgement.JOURNAL);
            return Future.future(told -> context().runOnContext(run -> {
                try {
                    taking.tell(waiting(), told::complete);
                } catch (RuntimeException e) {
                    told.fail(e);
                }
            }));
        }

        @Override
        public void accepted() throws InterruptedException {
            synchronized (room) {
                room.acquire(IN_FLIGHT);
                room.release(IN_FLIGHT);
            }
            if (refusal.get() != null) {
                throw new IllegalStateException("not acknowledged: " + refusal.get());
            }
        }
    }

    @Override
    public void put(int user, String course, String block, double completion) throws InterruptedException {
        CompletionKey key = new CompletionKey(user, keys.course(course), keys.block(block));
        put(List.of(new CompletionWrite(key, completion)));
    }

    abstract void put(List<CompletionWrite> write) throws InterruptedException;

    Taking taking(List<CompletionWrite> write, Acknowledgement wanted) {
        return service.take(write, wanted);
    }

    Waiting waiting() {
        return waiting;
    }

    Context context() {
        return context;
    }

    @Override
    public void drain() throws Exception {
        await(flusher.flushAll());
    }

    @Override
    public long rowsSent() {
        return flusher.stats().writes();
    }

    @Override
    public long statements() {
        return flusher.stats().statements();
    }

    @Override
    public void close() throws Exception {
        await(vertx.close());
        journal.close();
    }

    private static <T> T await(Future<T> future) throws InterruptedException, ExecutionException {
        return future.toCompletionStage().toCompletableFuture().get();
    }
}
