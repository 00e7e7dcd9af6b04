package dev.writebehind.config;

import java.time.Duration;

/**
 * The acceptance of writes.
 *
 * @param ack the acknowledgement of requests that name none
 * @param ackTimeout longest wait for {@link Acknowledgement#DATABASE}
 * @param maxWrites most writes in one request
 */
public record IngestSettings(
        @Reloads Acknowledgement ack,
        @Reloads Duration ackTimeout,
        @Reloads int maxWrites) {
    public IngestSettings {
        Require.present("ingest.ack", ack);
        Require.between("ingest.ack-timeout", ackTimeout, Duration.ofMillis(1), Duration.ofHours(1));
        Require.between("ingest.max-writes", maxWrites, 1, 10_000_000);
    }
}
