package dev.writebehind.loadtest.baseline;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The least that a durable log costs: whatever waits is written with one call and made durable with another, into files
 * that have their size beforehand; nothing of it can be found again. Safe for any thread; has one of its own.
 */
final class BareJournal implements AutoCloseable {
    private static final int SEGMENT_BYTES = 8 << 20;
    /** What a group takes besides its records. */
    private static final int GROUP_BYTES = 44;
    /** What a record takes besides its two keys. */
    private static final int RECORD_BYTES = 42;

    private static final int MAX_GROUP = 8_192;

    private final Path directory;
    private final BlockingQueue<Append> queue = new LinkedBlockingQueue<>();
    private final ByteBuffer group = ByteBuffer.allocateDirect(4 << 20);
    private final Thread thread = new Thread(this::run, "bare journal");
    private FileChannel segment;
    private int number;

    private record Append(
            int bytes, Promise<Void> durable, @Nullable Context context) {}

    private BareJournal(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.segment = next();
    }

    static BareJournal open(Path directory) throws IOException {
        BareJournal journal = new BareJournal(directory);
        journal.thread.start();
        return journal;
    }

    /** Returns what the service's journal takes for a write of those keys, all of ASCII. */
    static int recordBytes(String course, String block) {
        return RECORD_BYTES + course.length() + block.length();
    }

    /** Appends so many bytes; completes on that context once they are durable, with all of the group that it has. */
    Future<Void> append(int bytes, Context context) {
        Append append = new Append(bytes, Promise.promise(), context);
        queue.add(append);
        return append.durable().future();
    }

    private void run() {
        List<Append> taken = new ArrayList<>();
        try {
            while (true) {
                taken.add(queue.take());
                queue.drainTo(taken, MAX_GROUP);
                if (taken.get(0).context() == null) {
                    return;
                }
                write(taken);
                tell(taken);
                taken.clear();
            }
        } catch (IOException | InterruptedException e) {
            taken.forEach(append -> append.durable().fail(e));
        }
    }

    private static void tell(List<Append> appends) {
        Map<Context, List<Append>> told = new HashMap<>();
        for (Append append : appends) {
            if (append.context() != null) {
                told.computeIfAbsent(append.context(), first -> new ArrayList<>())
                        .add(append);
            }
        }
        told.forEach((context, done) -> context.runOnContext(
                run -> done.forEach(append -> append.durable().complete())));
    }

    private void write(List<Append> appends) throws IOException {
        group.clear();
        group.position(GROUP_BYTES + appends.stream().mapToInt(Append::bytes).sum());
        group.flip();
        if (segment.position() + group.remaining() > SEGMENT_BYTES) {
            segment.close();
            Files.delete(directory.resolve(String.valueOf(number - 1)));
            segment = next();
        }
        while (group.hasRemaining()) {
            segment.write(group);
        }
        segment.force(false);
    }

    private FileChannel next() throws IOException {
        FileChannel file = FileChannel.open(
                directory.resolve(String.valueOf(number++)), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
        while (file.position() < SEGMENT_BYTES) {
            file.write(zeros.clear());
        }
        file.force(true);
        return file.position(0);
    }

    @Override
    public void close() throws IOException {
        queue.add(new Append(0, Promise.promise(), null));
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        segment.close();
        Files.delete(directory.resolve(String.valueOf(number - 1)));
    }
}
