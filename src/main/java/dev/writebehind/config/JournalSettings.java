package dev.writebehind.config;

import java.nio.file.Path;

/**
 * The journal on this machine's disk.
 *
 * @param dir the directory, for this instance alone
 * @param segmentSize size from which a new file is begun
 */
public record JournalSettings(Path dir, ByteSize segmentSize) {
    public JournalSettings {
        Require.present("journal.dir", dir);
        if (dir.toString().isBlank()) {
            throw new InvalidSettingException("journal.dir", "must not be empty");
        }
        Require.between("journal.segment-size", segmentSize, ByteSize.ofKibibytes(4), ByteSize.ofMebibytes(512));
    }
}
