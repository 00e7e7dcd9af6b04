package dev.writebehind.journal.file;

import static java.util.Objects.requireNonNull;

import dev.writebehind.files.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The file operations that the journal's promises rest on; tests put failing ones in their place. */
interface SegmentFile extends AutoCloseable {
    /** Writes all the bytes at the file's end. */
    void write(ByteBuffer bytes) throws IOException;

    /** Returns when everything written is on disk. */
    void force() throws IOException;

    /** Cuts the file. */
    void truncate(long size) throws IOException;

    @Override
    void close() throws IOException;

    /** The factory that opens segment files. */
    interface Factory {
        /** Creates a new file whose name is on disk when the call returns. */
        SegmentFile create(Path file) throws IOException;

        /** Cuts off a segment of an earlier process, as {@link JournalDirectory#end} does. */
        default void end(Path segment, long goodBytes) throws IOException {
            JournalDirectory.end(segment, goodBytes);
        }

        /** Returns the bytes that may yet be written in that directory. */
        default long freeBytes(Path directory) {
            return DiskTrouble.freeBytes(directory);
        }
    }

    /** Creates a file of the file system. */
    static SegmentFile onDisk(Path file) throws IOException {
        return onDisk(file, PrivateFiles::forceNames);
    }

    /** Creates a file of the file system; leaves none behind, nor an open channel, where its name can't be kept. */
    static SegmentFile onDisk(Path file, PrivateFiles.Names names) throws IOException {
        FileChannel channel = PrivateFiles.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            names.force(requireNonNull(file.toAbsolutePath().getParent()));
        } catch (IOException e) {
            try (channel) {
                Files.deleteIfExists(file);
            } catch (IOException further) {
                e.addSuppressed(further);
            }
            throw e;
        }
        return new SegmentFile() {
            @Override
            public void write(ByteBuffer bytes) throws IOException {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }

            @Override
            public void force() throws IOException {
                channel.force(false);
            }

            @Override
            public void truncate(long size) throws IOException {
                channel.truncate(size);
                channel.position(size);
                channel.force(true);
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}
