package dev.writebehind.journal;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.JournalSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A journal in files of this machine. One thread takes everything queued, writes it as one checksummed frame, forces
 * it to disk, and completes whoever waits. Why not an embedded database: {@code docs/decisions/0004-journal.md}.
 */
public final class LocalJournal implements Journal {
    private static final Logger log = LoggerFactory.getLogger(LocalJournal.class);
    private static final int MOST_OPERATIONS = 8_192;
    private static final long NOT_HELD = -1;
    private static final int MOST_QUEUED = 500_000;
    /** Sealed segments beyond which changes that still lie in them are appended anew, so that they can go. */
    private static final int MOST_SEALED_SEGMENTS = 4;

    private final JournalDirectory directory;
    private final KeyPool keys;
    private final SegmentLog segments;
    private final long segmentBytes;
    private final long retryMillis;
    private final LinkedBlockingQueue<Operation> queue = new LinkedBlockingQueue<>();
    private final AtomicLong queued = new AtomicLong();
    private final Deque<LiveGroup> groups = new ArrayDeque<>();
    private final LiveTotal live = new LiveTotal();
    /**
     * Appends that found the disk full, and the releases that came meanwhile, in their order: done as soon as there is
     * space, before any later one.
     */
    private final List<Operation> postponed = new ArrayList<>();

    private final Thread writer = new Thread(this::work, "journal");
    private ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    private long lastGroup;
    private long writtenLowWater;
    private long heldLowWater = NOT_HELD;
    private long newestReceipt;
    private volatile long outdatedBefore;
    private volatile JournalState state = new JournalState.Healthy();
    private volatile boolean closed;

    private LocalJournal(
            JournalDirectory directory, KeyPool keys, SegmentFile.Factory files, long segmentBytes, long retryMillis) {
        this.directory = directory;
        this.keys = keys;
        this.segments = new SegmentLog(directory, files, segmentBytes);
        this.segmentBytes = segmentBytes;
        this.retryMillis = retryMillis;
    }

    /** Opens the directory, or throws {@link UncheckedIOException} where it can't be used or another process uses it. */
    public static LocalJournal open(JournalSettings settings, KeyPool keys) {
        return open(settings.dir(), settings.segmentSize().bytes(), keys, SegmentFile::onDisk, 1_000);
    }

    static LocalJournal open(Path dir, long segmentBytes, KeyPool keys, SegmentFile.Factory files, long retryMillis) {
        try {
            return new LocalJournal(JournalDirectory.open(dir), keys, files, segmentBytes, retryMillis);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private sealed interface Operation {}

    private record Append(Change change, LogEntry entry) implements Operation {}

    private record Release(LogEntry entry) implements Operation {}

    private record Sync(CompletableFuture<Void> done) implements Operation {}

    private record Close() implements Operation {}

    @Override
    public Replay replay(BiConsumer<Change, Entry> sink) {
        try {
            return replaySegments(sink);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Entry append(Change change, @Nullable Entry previous) {
        LogEntry entry = new LogEntry((LogEntry) previous);
        queued.incrementAndGet();
        queue.add(new Append(change, entry));
        return entry;
    }

    @Override
    public void release(Entry entry) {
        queue.add(new Release((LogEntry) entry));
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
    public CompletionStage<Void> sync() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        queue.add(new Sync(done));
        if (closed) {
            finishQueued(); // the thread that would have is gone
        }
        return done;
    }

    @Override
    public JournalState state() {
        return state;
    }

    @Override
    public boolean hasRoom(int changes) {
        return queued.get() + changes <= MOST_QUEUED;
    }

    @Override
    public void close() {
        if (writer.getState() == Thread.State.NEW) {
            end(); // nothing was replayed, or not to the end
            return;
        }
        queue.add(new Close());
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Replay replaySegments(BiConsumer<Change, Entry> sink) throws IOException {
        long start = System.nanoTime();
        List<Path> old = directory.segments();
        Recovery recovery = new Recovery();
        long torn = 0;
        for (Path segment : old) {
            long good = new SegmentScan(segment, keys).read(recovery::accept);
            long bad = Files.size(segment) - good;
            if (bad > 0 && !segment.equals(old.get(old.size() - 1))) {
                throw new DamagedJournalException(segment, good, "the segment breaks off, but it is not the last one");
            }
            if (bad > 0) {
                log.warn("The last {} bytes of {}, half written in a crash, are left out", bad, segment);
                JournalDirectory.cutTail(segment, good);
            }
            torn += bad;
        }
        lastGroup = recovery.lastGroup();
        newestReceipt = recovery.newestReceipt();
        // From here on the journal is rewritten from what is live; the old segments go when this is on disk.
        List<Operation> rewritten = new ArrayList<>();
        for (Change change : recovery.live()) {
            LogEntry entry = new LogEntry(null);
            rewritten.add(new Append(change, entry));
            sink.accept(change, entry);
        }
        // Until all of them are, the old segments' own low water stands, else a crash meanwhile would lose the rest.
        heldLowWater = recovery.lowWater();
        for (int from = 0; from < rewritten.size(); from += MOST_OPERATIONS) {
            write(rewritten.subList(from, Math.min(rewritten.size(), from + MOST_OPERATIONS)), true);
        }
        heldLowWater = NOT_HELD;
        write(List.of(), true);
        SegmentLog.delete(old);
        writer.start();
        long millis = (System.nanoTime() - start) / 1_000_000;
        long resets = recovery.liveResets();
        return new Replay(rewritten.size() - resets, resets, recovery.records(), torn, newestReceipt, millis);
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
                    queue.drainTo(operations, MOST_OPERATIONS - 1);
                }
                process(operations);
            } catch (InterruptedException e) {
                log.warn("The journal's thread does not end by interruption, but when it is closed");
            } catch (RuntimeException | Error e) {
                fail(new JournalState.Failed(e.toString()));
                finish(operations);
            }
            open = operations.stream().noneMatch(Close.class::isInstance);
        }
        end();
    }

    private void finishQueued() {
        List<Operation> operations = new ArrayList<>();
        queue.drainTo(operations);
        finish(operations);
    }

    private void end() {
        state = new JournalState.Failed("it is closed");
        closed = true;
        finishQueued();
        try {
            segments.close();
            directory.close();
        } catch (IOException e) {
            log.warn("The journal does not close in order", e);
        }
    }

    private void process(List<Operation> operations) {
        boolean appends = operations.stream().anyMatch(Append.class::isInstance);
        if (state instanceof JournalState.Full && (appends || operations.isEmpty())) {
            tryAgain();
        }
        if (appends && state.isHealthy()) {
            attempt(() -> write(operations, true));
        }
        if (state.isHealthy()) {
            // After the appends: an entry may be appended and released in one go, or be undone by a reset among them.
            release(operations);
            attempt(() -> {
                if (!appends && lowWater() > writtenLowWater) {
                    write(List.of(), false);
                }
                segments.deleteBefore(lowWater());
            });
            considerRenewal();
        }
        finish(operations);
    }

    private interface Attempt {
        void run() throws IOException;
    }

    private void attempt(Attempt attempt) {
        try {
            attempt.run();
        } catch (IOException e) {
            fail(e);
        }
    }

    private void release(List<Operation> operations) {
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
                if (now instanceof JournalState.Full && !append.entry().isWritten()) {
                    postponed.add(append);
                } else {
                    queued.decrementAndGet();
                }
            } else if (operation instanceof Release && now instanceof JournalState.Full) {
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

    private void write(List<Operation> operations, boolean force) throws IOException {
        long number = lastGroup + 1;
        LiveGroup group = new LiveGroup(number, live);
        buffer.clear().position(Frame.HEADER_BYTES + Frame.PREAMBLE_BYTES);
        int changes = 0;
        for (Operation operation : operations) {
            if (operation instanceof Append append) {
                ensureRoom();
                int start = buffer.position();
                ChangeCodec.encode(append.change(), buffer);
                append.entry().measured(buffer.position() - start);
                newestReceipt = Math.max(newestReceipt, append.change().receivedAt());
                changes++;
            }
        }
        long lowWater = heldLowWater == NOT_HELD ? lowWater() : heldLowWater;
        buffer.putLong(Frame.HEADER_BYTES, number)
                .putLong(Frame.HEADER_BYTES + 8, lowWater)
                .putLong(Frame.HEADER_BYTES + 16, newestReceipt)
                .putInt(Frame.HEADER_BYTES + 24, changes);
        Frame.seal(buffer, 0);
        segments.append(buffer.flip(), number, force);
        lastGroup = number;
        // A frame that says that nothing is needed is not needed either, else it would call for another one.
        writtenLowWater = changes == 0 && lowWater == number ? number + 1 : lowWater;
        groups.add(group);
        for (Operation operation : operations) {
            if (operation instanceof Append append) {
                append.entry().written(group);
            }
        }
    }

    private void ensureRoom() {
        if (buffer.remaining() < ChangeCodec.MAX_BYTES) {
            ByteBuffer larger = ByteBuffer.allocateDirect(buffer.capacity() * 2);
            buffer.flip();
            larger.put(buffer);
            buffer = larger;
        }
    }

    /** Returns the number of the first group of which anything is needed. */
    private long lowWater() {
        while (!groups.isEmpty() && !groups.element().isLive()) {
            groups.remove();
        }
        return groups.isEmpty() ? lastGroup + 1 : groups.element().number();
    }

    private void considerRenewal() {
        // Twice what is needed at least, else a journal full of needed runs would be rewritten for ever.
        long limit = Math.max(MOST_SEALED_SEGMENTS * segmentBytes, 2 * live.bytes());
        outdatedBefore = segments.sealedBytes() > limit ? segments.lastSealedGroup() + 1 : 0;
    }

    private void fail(IOException cause) {
        String reason = String.valueOf(cause.getMessage());
        boolean full = !(cause instanceof SegmentLog.NotForcedException)
                && (reason.contains("No space left") || reason.contains("quota exceeded"));
        fail(full ? new JournalState.Full(reason) : new JournalState.Failed(cause.toString()));
    }

    private void fail(JournalState next) {
        if (!state.getClass().equals(next.getClass())) {
            log.error("Nothing is acknowledged any more: {}", next.explanation());
        }
        state = next;
        if (next instanceof JournalState.Failed) {
            queued.addAndGet(-appends(postponed));
            postponed.clear();
        }
    }

    private static long appends(List<Operation> operations) {
        return operations.stream().filter(Append.class::isInstance).count();
    }

    private void tryAgain() {
        attempt(() -> {
            segments.undo();
            do {
                List<Operation> next = postponed.subList(0, Math.min(postponed.size(), MOST_OPERATIONS));
                write(next, true);
                release(next);
                queued.addAndGet(-appends(next));
                next.clear();
            } while (!postponed.isEmpty());
            state = new JournalState.Healthy();
            log.info("The journal's disk has space again");
        });
    }
}
