package dev.writebehind.journal.file;

import static dev.writebehind.journal.file.JournalFiles.await;
import static dev.writebehind.journal.file.JournalFiles.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.TemporaryDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayProgressTest {
    @Test
    void replay_tellsAfterEachSegmentHowManyOfAllBytesAreRead() throws Exception {
        Path dir = TemporaryDirectory.create("progress");
        try (FileJournal journal = JournalFiles.started(dir, 64 << 10)) {
            for (int key = 1; key <= 3_000; key++) {
                journal.append(run(key, 0.5, 1_000L * key), null);
                if (key % 100 == 0) {
                    await(journal.sync());
                }
            }
        }
        int segments = JournalFiles.segments(dir).size();
        long bytes = JournalFiles.size(dir);
        assertThat(segments).isGreaterThan(1);
        List<Long> done = new ArrayList<>();

        try (FileJournal journal = JournalFiles.open(dir, 64 << 10)) {
            journal.replay((change, entry) -> {}, (now, total, what) -> {
                done.add(now);
                assertThat(total).isEqualTo(2 * bytes);
            });
        }

        // Each is read twice: to find damage, and to hand over what is needed.
        assertThat(done).hasSize(2 * segments).isSorted().endsWith(2 * bytes);
    }
}
