package dev.writebehind.store;

/**
 * The most that goes into one statement, as was found out by refusals: between the service and the server that states
 * its {@code max_allowed_packet} there may be a proxy with a smaller one. Confined to the sessions' context.
 */
final class PacketLimit {
    private long limit = Long.MAX_VALUE;

    /** Returns the limit, in bytes; {@link Long#MAX_VALUE}: none was met. */
    long limit() {
        return limit;
    }

    /** Takes note of how a statement of that size failed. */
    void noteRefusal(Throwable failure, long bytes) {
        if (DatabaseFailure.of(failure) == DatabaseFailure.TOO_LARGE) {
            limit = Math.min(limit, Math.max(1, bytes / 2));
        }
    }
}
