package dev.writebehind;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.JournalSettings;
import dev.writebehind.journal.file.FileJournal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.stream.Stream;

/** A buffer and its journal in a directory of its own, which goes when it is closed; as safe as these are. */
public record JournaledBuffer(Path directory, FileJournal journal, CompletionBuffer buffer) {
    /** Opens an empty one. */
    public static JournaledBuffer open(KeyPool keys) throws IOException {
        Path directory = Files.createTempDirectory("journaled-buffer");
        FileJournal journal = FileJournal.open(
                JournalSettings.ofFiles(directory.resolve("journal"), ByteSize.ofMebibytes(8)),
                keys,
                new Conditions(Clock.systemUTC()));
        CompletionBuffer buffer = new CompletionBuffer(BenchmarkData::unbounded, new ReceiptClock(), journal);
        journal.replay(buffer::restore);
        return new JournaledBuffer(directory, journal, buffer);
    }

    /** Closes the journal and deletes it. */
    public void delete() throws IOException {
        journal.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
