package dev.writebehind.testing;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What all test processes of a build use together is made by one of them at a time. Safe for any thread. */
final class SharedFiles {
    private SharedFiles() {}

    /** Makes files. */
    @FunctionalInterface
    interface Making {
        void run() throws IOException;
    }

    /** Runs it while no other thread or process does so for the same path. */
    static void make(Path path, Making making) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        Path lock = path.resolveSibling(path.getFileName() + ".lock");
        synchronized (SharedFiles.class) {
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                channel.lock();
                making.run();
            }
        }
    }
}
