package dev.writebehind.ingest;

import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.IngestSettings;
import dev.writebehind.journal.Journal;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.concurrent.Callable;

/** Takes writes that came in another dialect than the native API's, and by the same way. Safe for any event loop. */
public final class Intake {
    private final IngestSettings settings;
    private final Journal journal;
    private final Offering offering;
    private final Acknowledger acknowledger;
    private final BodyWorkers workers;

    Intake(
            IngestSettings settings,
            Journal journal,
            Offering offering,
            Acknowledger acknowledger,
            BodyWorkers workers) {
        this.settings = settings;
        this.journal = journal;
        this.offering = offering;
        this.acknowledger = acknowledger;
        this.workers = workers;
    }

    /** Completes with what that reading returns or throws; it runs on a thread that may take long. */
    public <T> Future<T> readAside(Callable<T> reading) {
        return workers.run(reading);
    }

    /**
     * Takes all of the writes or none, and completes once the configured acknowledgement is reached; fails with a
     * {@link NotAcknowledgedException} if it is not.
     *
     * @param response who hangs up on it is no longer waited for
     */
    public Future<Void> take(HttpServerResponse response, List<CompletionWrite> writes) {
        return acknowledger
                .reached(response, offer(writes))
                .<Void>mapEmpty()
                .recover(failure -> Future.failedFuture(NotAcknowledgedException.of(failure)));
    }

    private Offer offer(List<CompletionWrite> writes) {
        Acknowledgement ack = settings.ack();
        return journal.state().isHealthy()
                ? offering.offer(writes, ack)
                : new Offer.Refused(Problem.unavailable(journal.state().explanation()));
    }
}
