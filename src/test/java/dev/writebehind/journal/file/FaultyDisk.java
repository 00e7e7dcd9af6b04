package dev.writebehind.journal.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Real files on a disk that fails when told to, and that knows what a power cut would leave of them. */
final class FaultyDisk implements SegmentFile.Factory {
    enum Call {
        CREATE,
        WRITE,
        FORCE,
        TRUNCATE,
        CLOSE
    }

    /** Thrown in place of the call. */
    interface Fault {
        void strike(Call call, int number) throws IOException;
    }

    final List<Call> calls = new CopyOnWriteArrayList<>();
    /** Bytes of each file that were forced. */
    final Map<Path, Long> forced = new ConcurrentHashMap<>();

    /** Where files were cut. */
    final List<Long> truncated = new CopyOnWriteArrayList<>();

    private volatile Fault fault = (call, number) -> {};
    /** How much of a write that fails gets to the file, in bytes. */
    volatile int partialWrite;

    /** What is left on the disk, in bytes. */
    volatile long free = Long.MAX_VALUE;

    @Override
    public long freeBytes(Path directory) {
        return free;
    }

    void failWith(Fault next) {
        fault = next;
    }

    void heal() {
        fault = (call, number) -> {};
    }

    /** Fails the n-th call from now on, of that kind or of any, and all that follow it. */
    void failFrom(int n, @Nullable Call kind, String message) {
        int[] seen = new int[1];
        boolean[] broken = new boolean[1];
        fault = (call, number) -> {
            if (kind == null || call == kind) {
                seen[0]++;
            }
            broken[0] |= seen[0] >= n;
            if (broken[0] && call != Call.CLOSE) {
                throw new IOException(message);
            }
        };
    }

    private void called(Call call) throws IOException {
        calls.add(call);
        fault.strike(call, calls.size());
    }

    @Override
    public void end(Path segment, long goodBytes) throws IOException {
        SegmentFile.Factory.super.end(segment, goodBytes);
        forced.put(segment, goodBytes);
    }

    @Override
    public SegmentFile create(Path path) throws IOException {
        called(Call.CREATE);
        SegmentFile real = SegmentFile.onDisk(path);
        forced.put(path, 0L);
        return new SegmentFile() {
            private long size;

            @Override
            public void write(ByteBuffer bytes) throws IOException {
                int length = bytes.remaining();
                try {
                    called(Call.WRITE);
                } catch (IOException | RuntimeException e) {
                    real.write(bytes.slice().limit(Math.min(length, partialWrite)));
                    throw e;
                }
                real.write(bytes);
                size += length;
            }

            @Override
            public void force() throws IOException {
                called(Call.FORCE);
                real.force();
                forced.put(path, size);
            }

            @Override
            public void truncate(long newSize) throws IOException {
                called(Call.TRUNCATE);
                real.truncate(newSize);
                truncated.add(newSize);
                size = newSize;
                forced.put(path, newSize);
            }

            @Override
            public void close() throws IOException {
                called(Call.CLOSE);
                real.close();
            }
        };
    }

    /** Copies the directory as a power cut at this instant might leave it: without whatever was not forced. */
    Path powerCut(Path dir) {
        Path copy = JournalFiles.copy(dir);
        forced.forEach((path, bytes) -> {
            Path file = copy.resolve(path.getFileName());
            if (path.startsWith(dir) && file.toFile().exists()) {
                cut(file, bytes);
            }
        });
        return copy;
    }

    static void cut(Path file, long bytes) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
