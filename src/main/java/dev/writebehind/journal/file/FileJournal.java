package dev.writebehind.journal.file;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.JournalSettings;
import dev.writebehind.journal.Journal;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.JournalStats;
import dev.writebehind.journal.JournalUnavailableException;
import dev.writebehind.journal.Replay;
import dev.writebehind.journal.UnusableJournalException;
import dev.writebehind.journal.file.Operation.Append;
import dev.writebehind.journal.file.Operation.Close;
import dev.writebehind.journal.file.Operation.Release;
import dev.writebehind.journal.file.Operation.Sync;
import dev.writebehind.journal.file.Operation.Wake;
import dev.writebehind.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A journal in files of this machine. One thread takes everything queued, writes it as one checksummed frame, forces
 * it to disk, and completes whoever waits. Why not an embedded database: {@code docs/decisions/0004-journal.md}.
 */
public final class FileJournal implements Journal {
    private static final Logger log = LoggerFactory.getLogger(FileJournal.class);
    private static final int MAX_OPERATIONS = 8_192;
    private static final String NO_RESERVE = "No space left but for what is needed to free old files again";

    private final JournalDirectory directory;
    private final KeyPool keys;
    private final SegmentFile.Factory files;
    private final JournalStats stats = new JournalStats();
    private final JournalWriter writer;
    private final JournalLimits limits;
    private final Conditions conditions;
    private final long retryMillis;
    private final LinkedBlockingQueue<Operation> queue = new LinkedBlockingQueue<>();
    /** What completes for whoever asks before the thread comes by: what they have appended is queued by then. */
    private final AtomicReference<@Nullable Sync> awaited = new AtomicReference<>();

    private final AtomicLong queued = new AtomicLong();
    private final Postponed postponed = new Postponed();
    private final Thread thread = new Thread(this::work, "journal");
    private long triedAt;
    private boolean handingOver;
    private volatile long outdatedBefore;
    private volatile JournalState state = new JournalState.Healthy();
    private volatile boolean closed;

    private FileJournal(
            JournalDirectory directory,
            KeyPool keys,
            SegmentFile.Factory files,
            JournalLimits limits,
            long retryMillis,
            Conditions conditions) {
        this.directory = directory;
        this.keys = keys;
        this.files = files;
        this.limits = limits;
        this.writer = new JournalWriter(
                new SegmentLog(directory, files, limits.segmentBytes(), stats),
                limits.segmentBytes(),
                limits.mostSettledBytes());
        this.retryMillis = retryMillis;
        this.conditions = conditions;
    }

    /**
     * Opens the directory, or throws {@link UnusableJournalException} where it can't be used or another process uses
     * it.
     */
    public static FileJournal open(JournalSettings settings, KeyPool keys, Conditions conditions) {
        return open(
                settings.dir(),
                settings.segmentSize().bytes(),
                Runtime.getRuntime().maxMemory(),
                keys,
                new Disk(SegmentFile::onDisk, 1_000),
                conditions);
    }

    /** The journal's disk: how its files are opened, and how often a disk that takes nothing is tried again. */
    record Disk(SegmentFile.Factory files, long retryMillis) {}

    static FileJournal open(
            Path dir, long segmentBytes, long heapBytes, KeyPool keys, Disk disk, Conditions conditions) {
        try {
            JournalDirectory directory = JournalDirectory.open(dir);
            JournalLimits limits = JournalLimits.of(segmentBytes, heapBytes, DiskTrouble.totalBytes(dir));
            return new FileJournal(directory, keys, disk.files(), limits, disk.retryMillis(), conditions);
        } catch (IOException e) {
            throw unusable(dir, e);
        }
    }

    @Override
    public Replay replay(BiConsumer<Change, Entry> sink) {
        return replay(sink, Progress.NONE);
    }

    /** As the other, and tells how far it is: of a large journal it takes a while. */
    public Replay replay(BiConsumer<Change, Entry> sink, Progress progress) {
        try {
            return replaySegments(sink, progress);
        } catch (IOException e) {
            throw unusable(directory.path(), e);
        }
    }

    @Override
    public Entry append(Change change, @Nullable Entry previous) {
        LogEntry entry = new LogEntry((LogEntry) previous, change instanceof CourseReset);
        queued.incrementAndGet();
        queue.add(new Append(change, entry));
        return entry;
    }

    @Override
    public void release(Entry entry) {
        if (handingOver) {
            ((LogEntry) entry).release(); // on the thread of the replay, before any other
        } else {
            queue.add(new Release((LogEntry) entry));
        }
    }

    @Override
    public boolean isOutdated(Entry entry) {
        return ((LogEntry) entry).isBefore(outdatedBefore);
    }

    @Override
    public boolean hasOutdated() {
        return outdatedBefore > 0;
    }

    @Override
    public boolean isWritten(Entry entry) {
        return ((LogEntry) entry).isWritten();
    }

    @Override
    public CompletionStage<Void> sync() {
        Sync next = awaited.get();
        if (next == null) {
            Sync first = new Sync(new CompletableFuture<>());
            next = awaited.compareAndExchange(null, first);
            if (next == null) {
                next = first;
                queue.add(new Wake());
            }
        }
        if (closed) {
            finishQueued(); // the thread that would have is gone
        }
        return next.done();
    }

    @Override
    public JournalStats stats() {
        return stats;
    }

    @Override
    public JournalState state() {
        return state;
    }

    /** Fails if what is written below the journal's directory now would not be found by the next start. */
    public void requirePresent() throws IOException {
        directory.requirePresent();
    }

    @Override
    public boolean hasRoom(int changes) {
        return queued.get() + changes <= limits.mostQueued();
    }

    @Override
    public void close() {
        if (thread.getState() == Thread.State.NEW) {
            end(); // nothing was replayed, or not to the end
            return;
        }
        queue.add(new Close());
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Replay replaySegments(BiConsumer<Change, Entry> sink, Progress progress) throws IOException {
        long start = System.nanoTime();
        JournalReplay replay = JournalReplay.read(directory, progress);
        replay.repair(files);
        handingOver = true;
        writer.takeOver(replay, keys, sink);
        handingOver = false;
        long resets = writer.live().resets();
        long runs = writer.live().entries() - resets;
        begin();
        thread.start();
        long millis = (System.nanoTime() - start) / 1_000_000;
        return new Replay(runs, resets, replay.records(), replay.tornBytes(), replay.newestReceipt(), millis);
    }

    /** Shows that the disk can be written. Where it is full the service starts even so: it has something to flush. */
    private void begin() throws IOException {
        try {
            writer.write(List.of(), true);
            writer.deleteUnneeded();
            if (!writer.hasReserve()) {
                throw new IOException(NO_RESERVE);
            }
        } catch (IOException e) {
            fail(DiskTrouble.of(e, directory.path()));
            if (state instanceof JournalState.Failed) {
                throw e;
            }
        }
    }

    private void work() {
        List<Operation> operations = new ArrayList<>();
        boolean open = true;
        while (open) {
            operations.clear();
            try {
                Operation first = queue.poll(retryMillis, TimeUnit.MILLISECONDS);
                if (first != null) {
                    operations.add(first);
                    take(operations);
                }
                process(operations);
            } catch (InterruptedException e) {
                log.warn("The journal's thread does not end by interruption, but when it is closed");
            } catch (RuntimeException | Error e) {
                log.error("A fault in the journal", e);
                fail(DiskTrouble.lasting(e));
                finish(operations);
            }
            open = operations.stream().noneMatch(Close.class::isInstance);
        }
        end();
    }

    /** Adds what is queued, and whoever waits for it behind it. */
    private void take(List<Operation> operations) {
        Sync sync = awaited.getAndSet(null);
        queue.drainTo(operations, MAX_OPERATIONS - operations.size());
        if (sync != null && operations.size() < MAX_OPERATIONS) {
            operations.add(sync);
        } else if (sync != null) {
            queue.add(sync);
        }
        if (awaited.get() != null) {
            queue.add(new Wake()); // theirs may have been taken just now
        }
    }

    private void finishQueued() {
        List<Operation> operations = new ArrayList<>();
        do {
            operations.clear();
            take(operations);
            finish(operations);
        } while (!operations.isEmpty());
    }

    private void end() {
        state = new JournalState.Failed("the journal is closed");
        closed = true;
        finishQueued();
        try {
            writer.close();
            directory.close();
        } catch (IOException e) {
            log.warn("The journal does not close in order", e);
        }
    }

    private void process(List<Operation> operations) {
        boolean appends = Operation.hasAppends(operations);
        if (state.mayPass() && (appends || isTimeToTryAgain())) {
            tryAgain();
        }
        if (appends && state.isHealthy()) {
            attempt(() -> {
                if (writer.lacksReserve()) {
                    throw new IOException(NO_RESERVE);
                }
                writer.write(operations, true);
            });
        }
        if (state.isHealthy()) {
            // After the appends: an entry may be appended and released in one go, or be undone by a reset among them.
            release(operations);
            attempt(() -> {
                if (!appends && writer.isLowWaterBehind()) {
                    writer.write(List.of(), false);
                }
                writer.deleteUnneeded();
            });
        }
        outdatedBefore = writer.outdatedBefore(!state.isHealthy());
        writer.tell();
        finish(operations);
    }

    private static UnusableJournalException unusable(Path directory, IOException cause) {
        return new UnusableJournalException(
                "the journal directory " + directory.toAbsolutePath() + " can't be used: " + cause
                        + ". Nothing was changed. Look whether its volume is mounted, writable for this user and not"
                        + " full, or correct journal.dir; then start again",
                cause);
    }

    private interface Attempt {
        void run() throws IOException;
    }

    private void attempt(Attempt attempt) {
        try {
            directory.requirePresent();
            attempt.run();
        } catch (IOException e) {
            fail(DiskTrouble.of(e, directory.path()));
        }
    }

    private static void release(List<Operation> operations) {
        for (Operation operation : operations) {
            if (operation instanceof Release release) {
                release.entry().release();
            }
        }
    }

    /**
     * Completes or fails whoever waits for operations up to his own. A sync that comes later must not be told that all
     * before it is on disk while appends are missing, so what found the disk full is kept.
     */
    private void finish(List<Operation> operations) {
        JournalState now = state;
        for (Operation operation : operations) {
            if (operation instanceof Append append) {
                if (now.mayPass() && !append.entry().isWritten()) {
                    postponed.add(append);
                } else {
                    queued.decrementAndGet();
                }
            } else if (operation instanceof Release && now.mayPass()) {
                postponed.add(operation);
            } else if (operation instanceof Sync sync) {
                if (now.isHealthy()) {
                    sync.done().complete(null);
                } else {
                    sync.done().completeExceptionally(new JournalUnavailableException(now.explanation()));
                }
            }
        }
    }

    private void fail(DiskTrouble trouble) {
        conditions.begin(
                trouble.condition(),
                "Nothing is acknowledged any more",
                trouble.state().explanation());
        state = trouble.state();
        triedAt = System.nanoTime();
        if (state instanceof JournalState.Failed) {
            queued.addAndGet(-postponed.clear());
        }
    }

    private boolean isTimeToTryAgain() {
        return System.nanoTime() - triedAt >= TimeUnit.MILLISECONDS.toNanos(retryMillis);
    }

    private void tryAgain() {
        triedAt = System.nanoTime();
        attempt(() -> {
            writer.undo();
            postponed.releaseWhatMay(skipped -> {
                writer.skip(skipped);
                queued.decrementAndGet();
            });
            writer.makeRoom();
            boolean written = !postponed.isEmpty();
            while (!postponed.isEmpty()) {
                List<Operation> next = postponed.next(MAX_OPERATIONS);
                writer.write(next, true);
                release(next);
                queued.addAndGet(-next.stream().filter(Append.class::isInstance).count());
                postponed.remove(next.size());
            }
            writer.deleteUnneeded();
            if (!writer.hasReserve()) {
                throw new IOException(NO_RESERVE);
            }
            if (!written) {
                writer.write(List.of(), true);
            }
            state = new JournalState.Healthy();
            conditions.end(ConditionName.Subject.JOURNAL, "The journal's disk takes writes again");
        });
    }
}
