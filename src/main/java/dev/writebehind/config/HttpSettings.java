package dev.writebehind.config;

import java.time.Duration;

/**
 * The public HTTP port.
 *
 * @param port 0 to 65535; 0 picks a free one
 * @param maxBody largest request body taken
 * @param maxLearnerBody largest one taken of a caller that may write for one learner only; never above maxBody
 * @param maxBodies most bytes of bodies under way together
 * @param requestTimeout longest time a request may take to arrive whole
 * @param maxHeader most bytes of a request's headers together
 * @param maxConnections most connections at a time
 * @param tls how connections are encrypted
 */
public record HttpSettings(
        String host,
        int port,
        ByteSize maxBody,
        ByteSize maxLearnerBody,
        ByteSize maxBodies,
        @Reloads Duration requestTimeout,
        ByteSize maxHeader,
        int maxConnections,
        TlsSettings tls) {
    private static final ByteSize USUAL_HEADER = ByteSize.ofKibibytes(16);
    private static final int USUAL_CONNECTIONS = 10_000;

    public HttpSettings {
        Require.text("http.host", host);
        Require.between("http.port", port, 0, 65_535);
        Require.between("http.max-body", maxBody, ByteSize.ofKibibytes(1), ByteSize.ofMebibytes(1024));
        Require.between("http.max-learner-body", maxLearnerBody, ByteSize.ofKibibytes(1), ByteSize.ofMebibytes(1024));
        Require.between("http.max-bodies", maxBodies, ByteSize.ofKibibytes(1), ByteSize.ofMebibytes(1L << 20));
        if (maxBodies.bytes() / 2 < maxBody.bytes()) {
            throw new InvalidSettingException(
                    "http.max-bodies",
                    "must be at least twice http.max-body, so that one upload leaves room for others: that is "
                            + maxBody + ", and this was " + maxBodies);
        }
        Require.between("http.request-timeout", requestTimeout, Duration.ofMillis(100), Duration.ofHours(1));
        Require.between("http.max-header", maxHeader, ByteSize.ofKibibytes(4), ByteSize.ofKibibytes(256));
        Require.between("http.max-connections", maxConnections, 1, 1_000_000);
        Require.present("http.tls", tls);
        tls.require("http.tls");
    }

    /** With the usual bounds, without encryption. */
    public HttpSettings(
            String host,
            int port,
            ByteSize maxBody,
            ByteSize maxLearnerBody,
            ByteSize maxBodies,
            Duration requestTimeout) {
        this(
                host,
                port,
                maxBody,
                maxLearnerBody,
                maxBodies,
                requestTimeout,
                USUAL_HEADER,
                USUAL_CONNECTIONS,
                TlsSettings.NONE);
    }
}
