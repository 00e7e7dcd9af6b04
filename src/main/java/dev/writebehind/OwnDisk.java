package dev.writebehind;

import static java.util.Objects.requireNonNull;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.config.JournalSettings;
import dev.writebehind.core.Administration.JournalView;
import dev.writebehind.core.Flushing;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.flush.DeadLetterFiles;
import dev.writebehind.flush.DeadLetters;
import dev.writebehind.flush.Flusher;
import dev.writebehind.journal.Replay;
import dev.writebehind.journal.file.FileJournal;
import dev.writebehind.progress.Pace;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The durability of the only instance, by a journal on its own disk. Safe for any thread. */
final class OwnDisk implements Durability {
    private static final Logger log = LoggerFactory.getLogger(OwnDisk.class);

    private final Vertx vertx;
    private final Path directory;
    private final FileJournal journal;
    private @Nullable ReceiptClock clock;
    private @Nullable CompletionBuffer buffer;

    private OwnDisk(Vertx vertx, Path directory, FileJournal journal) {
        this.vertx = vertx;
        this.directory = directory;
        this.journal = journal;
    }

    static OwnDisk open(Vertx vertx, JournalSettings settings, KeyPool keys, Conditions conditions) {
        return new OwnDisk(vertx, settings.dir(), FileJournal.open(settings, keys, conditions));
    }

    @Override
    public CompletionBuffer buffer(Supplier<BufferSettings> settings, ReceiptClock stamps) {
        clock = stamps;
        buffer = new CompletionBuffer(settings, stamps, journal);
        return buffer;
    }

    private CompletionBuffer buffer() {
        return requireNonNull(buffer);
    }

    @Override
    public WriteBehind operations(Supplier<Duration> ackTimeout) {
        return WriteBehind.on(journal, buffer(), ackTimeout);
    }

    @Override
    public Flusher flusher(
            Supplier<FlushSettings> settings, Flusher.Source source, Flusher.Target target, Conditions conditions) {
        return new Flusher(settings, source, target, conditions);
    }

    @Override
    public Flushing flushing(Flusher flusher) {
        return Flushing.by(flusher);
    }

    @Override
    public JournalView view() {
        return new JournalView(journal::state, journal.stats());
    }

    @Override
    public DeadLetters deadLetters(KeyPool keys) {
        return new DeadLetterFiles(Inspection.deadLetters(directory), keys, journal::requirePresent);
    }

    @Override
    public Future<?> restore() {
        return Blocking.call(vertx, this::replay);
    }

    private Replay replay() {
        Replay replay = journal.replay(
                buffer()::restore, Pace.begin("Replaying the journal", Duration.ofSeconds(5), log::info));
        requireNonNull(clock).continueAfter(replay.newestReceipt());
        log.info(
                "Replayed {} keys and {} resets from {} journal records in {} ms; {} bytes were torn",
                replay.keys(),
                replay.resets(),
                replay.records(),
                replay.millis(),
                replay.tornBytes());
        return replay;
    }

    @Override
    public Future<?> join(Flusher flusher) {
        return Future.succeededFuture();
    }

    /** {@inheritDoc} Its buffer is the truth. */
    @Override
    public CompletionStage<String> failure() {
        return new CompletableFuture<>();
    }

    @Override
    public Future<?> drain(Flusher flusher) {
        return flusher.flushAll();
    }

    @Override
    public long record() {
        boolean all;
        boolean kept;
        do {
            all = buffer().recordAll(); // not all, if the queue is full: it is empty once these are on disk
            kept = journal.sync()
                    .handle((done, failure) -> failure == null)
                    .toCompletableFuture()
                    .join();
        } while (kept && !all);
        return kept ? 0 : buffer().keysAtRisk();
    }

    @Override
    public long close() {
        long lost = record();
        journal.close();
        return lost;
    }

    @Override
    public String leftTo() {
        return "stay in the journal for the next start";
    }
}
