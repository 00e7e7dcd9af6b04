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
 */
public record HttpSettings(
        String host,
        int port,
        ByteSize maxBody,
        ByteSize maxLearnerBody,
        ByteSize maxBodies,
        @Reloads Duration requestTimeout) {
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
    }
}
