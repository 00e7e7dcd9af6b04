package dev.writebehind.openedx;

import dev.writebehind.auth.Authenticator;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.IngestSettings;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.http.BodyWorkers;
import dev.writebehind.http.Dialect;
import dev.writebehind.http.Resource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.function.Supplier;

/** The LMS's API, as far as it takes completions. Confined to its server instance's event loop. */
public final class OpenedxApi implements Dialect {
    private final Supplier<IngestSettings> settings;
    private final WriteBehind service;
    private final KeyPool keys;
    private final Authenticator authenticator;
    private final LmsDirectory directory;

    /**
     * Creates it for one server instance.
     *
     * @param settings the acknowledgement that is waited for, and the most blocks in one call
     */
    public OpenedxApi(
            Supplier<IngestSettings> settings,
            WriteBehind service,
            KeyPool keys,
            Authenticator authenticator,
            LmsDirectory directory) {
        this.settings = settings;
        this.service = service;
        this.keys = keys;
        this.authenticator = authenticator;
        this.directory = directory;
    }

    @Override
    public List<Resource> open(Vertx vertx, BodyWorkers workers) {
        BatchChecks checks =
                new BatchChecks(vertx, directory, keys, () -> settings.get().maxWrites());
        return List.of(new BatchResource(
                vertx,
                workers,
                authenticator,
                checks,
                service,
                () -> settings.get().ack()));
    }

    /** The directory is shared, and closed by whoever opened it. */
    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
