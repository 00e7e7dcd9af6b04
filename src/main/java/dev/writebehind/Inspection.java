package dev.writebehind;

import dev.writebehind.flush.DeadLetterFiles;
import dev.writebehind.journal.file.JournalInspection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What the directory {@code journal.dir} of an instance holds, found by reading alone; immutable.
 *
 * @param deadLetters their ids, oldest first
 */
public record Inspection(JournalInspection journal, List<Long> deadLetters) {
    private static final String DEAD_LETTERS = "dead-letters";

    public Inspection {
        deadLetters = List.copyOf(deadLetters);
    }

    /** Reads that directory; blocks on the disk. */
    public static Inspection of(Path directory) throws IOException {
        return new Inspection(JournalInspection.of(directory), DeadLetterFiles.idsIn(deadLetters(directory)));
    }

    /** Returns where the dead letters are kept beside a journal. */
    static Path deadLetters(Path journal) {
        return journal.resolve(DEAD_LETTERS);
    }
}
