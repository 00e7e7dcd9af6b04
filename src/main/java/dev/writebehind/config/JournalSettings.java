package dev.writebehind.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where what is acknowledged is kept until it is in the table.
 *
 * @param kind on this machine's disk, or in a log that several instances share
 * @param dir the directory, for this instance alone
 * @param segmentSize size from which a new file is begun
 * @param kafka the log that several instances share
 */
public record JournalSettings(Kind kind, Path dir, ByteSize segmentSize, KafkaSettings kafka) {
    public JournalSettings {
        Require.present("journal.kind", kind);
        Require.present("journal.dir", dir);
        if (dir.toString().isBlank()) {
            throw new InvalidSettingException("journal.dir", "must not be empty");
        }
        Require.between("journal.segment-size", segmentSize, ByteSize.ofKibibytes(4), ByteSize.ofMebibytes(512));
        Require.present("journal.kafka", kafka);
        if (kind == Kind.KAFKA) {
            kafka.requiredServers();
        }
    }

    /** What keeps it. */
    public enum Kind {
        /** A directory. */
        FILE,
        /** A topic. */
        KAFKA
    }

    /** Creates those of a directory. */
    public static JournalSettings ofFiles(Path dir, ByteSize segmentSize) {
        KafkaSettings unused =
                new KafkaSettings(null, "unused", null, Duration.ZERO, Duration.ofSeconds(1), 1_000, null);
        return new JournalSettings(Kind.FILE, dir, segmentSize, unused);
    }

    /** Whether other instances share it. */
    public boolean isShared() {
        return kind == Kind.KAFKA;
    }
}
