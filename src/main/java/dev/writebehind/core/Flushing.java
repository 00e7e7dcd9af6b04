package dev.writebehind.core;

import dev.writebehind.flush.Flusher;
import io.vertx.core.Future;

/** The flushing of all that was accepted, by whichever instance. Safe for any thread. */
public interface Flushing {
    /**
     * Completes when everything accepted before the call is in the table; fails with {@link
     * dev.writebehind.flush.FlushingPausedException} while flushing is paused.
     */
    Future<Void> flushAll();

    /** Lets nothing go to the table any more; completes when nothing is on its way there. */
    Future<Void> pause();

    /** Goes on flushing, at once. */
    Future<Void> resume();

    /**
     * Returns the receipt of the oldest write that is not in the table, microseconds since the epoch, as far as this
     * instance knows; {@link Long#MAX_VALUE}: all are.
     */
    long oldestPending();

    /**
     * Tries to bring the dead letter of that id into the table, and removes it if that works. Completes with whether
     * there was one; fails as the database fails it.
     */
    Future<Boolean> retry(String id);

    /** Returns that of the only instance. */
    static Flushing by(Flusher flusher) {
        return new Flushing() {
            @Override
            public Future<Void> flushAll() {
                return flusher.flushAll();
            }

            @Override
            public Future<Boolean> retry(String id) {
                return flusher.retry(id);
            }

            @Override
            public Future<Void> pause() {
                return flusher.pause();
            }

            @Override
            public Future<Void> resume() {
                return flusher.resume();
            }

            @Override
            public long oldestPending() {
                return flusher.oldestPending();
            }
        };
    }
}
