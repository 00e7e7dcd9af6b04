package dev.writebehind.journal.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogEntryTest {
    private final LiveTotal total = new LiveTotal();
    private final LiveGroup older = new LiveGroup(1, total);
    private final LiveGroup newer = new LiveGroup(2, total);

    @Test
    void superseded_untilTheNewerIsOnDisk_isNeeded() {
        LogEntry first = written(new LogEntry(null, false), older);
        LogEntry second = new LogEntry(first, false);
        assertThat(older.isLive()).as("the newer one is only queued").isTrue();

        written(second, newer);
        assertThat(older.isLive()).isFalse();
        assertThat(newer.isLive()).isTrue();
        assertThat(total.bytes()).isEqualTo(100);
    }

    @Test
    void release_ofTheOlder_leavesTheNewerAlone() {
        LogEntry first = written(new LogEntry(null, false), older);
        LogEntry second = written(new LogEntry(first, false), newer);
        first.release();
        assertThat(newer.isLive()).isTrue();

        second.release();
        second.release();
        assertThat(newer.isLive()).isFalse();
        assertThat(total.bytes()).isZero();
    }

    @Test
    void release_ofAnEntryThatWasNeverWritten_releasesWhatItSupersedes() {
        LogEntry first = written(new LogEntry(null, false), older);
        new LogEntry(new LogEntry(first, false), false).release();
        assertThat(older.isLive()).isFalse();
    }

    private static LogEntry written(LogEntry entry, LiveGroup group) {
        entry.measured(100);
        entry.written(group);
        return entry;
    }
}
