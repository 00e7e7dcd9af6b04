package dev.writebehind.flush;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.store.OutboxReader;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.BooleanSupplier;

/**
 * The regular looks at how much waits in the outbox. Each takes as long as the outbox is long, so that the pauses
 * between them grow with it. Confined to the flusher's context.
 */
final class OutboxWatch {
    /** What a look takes of the time, at the most: one part in so many. */
    private static final long SHARE = 10;

    private static final long MAX_PAUSE_MILLIS = 60_000;

    private final Vertx vertx;
    private final Announcements announcements;
    private final OutboxReader reader;
    private final BooleanSupplier isPrepared;
    private boolean stopped;

    private OutboxWatch(Vertx vertx, Announcements announcements, OutboxReader reader, BooleanSupplier isPrepared) {
        this.vertx = vertx;
        this.announcements = announcements;
        this.reader = reader;
        this.isPrepared = isPrepared;
    }

    /**
     * Begins to look.
     *
     * @param isPrepared whether there is an outbox yet
     */
    static OutboxWatch begin(
            Vertx vertx, DatabaseSettings database, Announcements announcements, BooleanSupplier isPrepared) {
        OutboxWatch watch = new OutboxWatch(vertx, announcements, OutboxReader.create(vertx, database), isPrepared);
        watch.look();
        return watch;
    }

    private void look() {
        if (!isPrepared.getAsBoolean()) {
            lookAfter(0);
            return;
        }
        long began = System.nanoTime();
        reader.look(announcements.countedAtMost())
                .onSuccess(announcements::looked)
                .onFailure(announcements::unseen)
                .onComplete(looked -> lookAfter((System.nanoTime() - began) / 1_000_000));
    }

    private void lookAfter(long took) {
        if (!stopped) {
            long pause = Math.max(announcements.pauseBetweenLooks().toMillis(), took * SHARE);
            vertx.setTimer(Math.min(pause, MAX_PAUSE_MILLIS), timer -> {
                if (!stopped) {
                    look();
                }
            });
        }
    }

    Future<Void> stop() {
        stopped = true;
        return reader.close();
    }
}
