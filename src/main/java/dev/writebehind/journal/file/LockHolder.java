package dev.writebehind.journal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The search for the process that has locked a file, by what Linux tells of all locks. To try the lock instead would
 * keep a service out that starts just then; and opening and closing the file in the process that has locked it would
 * let go of the lock. Stateless.
 */
final class LockHolder {
    private static final Logger log = LoggerFactory.getLogger(LockHolder.class);
    private static final Path PROC = Path.of("/proc");

    private LockHolder() {}

    /** Returns the holder's process id; empty: there is none, or it can't be seen from here. */
    static OptionalLong of(Path file) {
        return of(file, PROC);
    }

    static OptionalLong of(Path file, Path proc) {
        try {
            if (!Files.exists(file) || !Files.isReadable(proc.resolve("locks"))) {
                return OptionalLong.empty();
            }
            String inode = String.valueOf(Files.getAttribute(file, "unix:ino"));
            Path real = file.toRealPath();
            for (String line : Files.readAllLines(proc.resolve("locks"))) {
                // 1: POSIX  ADVISORY  WRITE 1234 08:01:5678 0 EOF
                List<String> fields = List.of(line.strip().split("\\s+", -1));
                if (fields.size() > 5
                        && fields.get(1).equals("POSIX")
                        && fields.get(4).matches("[1-9]\\d*")
                        && fields.get(5).endsWith(":" + inode)
                        && hasOpen(proc.resolve(fields.get(4)), real)) {
                    return OptionalLong.of(Long.parseLong(fields.get(4)));
                }
            }
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            log.debug("Who has locked the file can't be told", e);
        }
        return OptionalLong.empty();
    }

    /** Inodes are numbered for each file system by itself. A process of another user can't be looked into: it may. */
    private static boolean hasOpen(Path process, Path file) {
        Path open = process.resolve("fd");
        if (!Files.isReadable(open)) {
            return true;
        }
        try (Stream<Path> all = Files.list(open)) {
            return all.anyMatch(each -> {
                try {
                    return Files.readSymbolicLink(each).equals(file);
                } catch (IOException e) {
                    return false; // closed meanwhile
                }
            });
        } catch (IOException e) {
            log.debug("What the process {} has open can't be told", process, e);
            return true;
        }
    }
}
