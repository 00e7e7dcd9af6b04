package dev.writebehind.api;

import dev.writebehind.auth.Authenticator;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.IngestSettings;
import dev.writebehind.core.CourseReader;
import dev.writebehind.core.Waiting;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.http.BodyWorkers;
import dev.writebehind.http.Dialect;
import dev.writebehind.http.Resource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The service's own API, as {@code docs/api.md} has it. Confined to its server instance's event loop. */
public final class NativeApi implements Dialect {
    private final DatabaseSettings database;
    private final Supplier<IngestSettings> settings;
    private final WriteBehind service;
    private final KeyPool keys;
    private final Authenticator authenticator;
    private @Nullable CourseReader reader;

    /** Creates it for one server instance. */
    public NativeApi(
            DatabaseSettings database,
            Supplier<IngestSettings> settings,
            WriteBehind service,
            KeyPool keys,
            Authenticator authenticator) {
        this.database = database;
        this.settings = settings;
        this.service = service;
        this.keys = keys;
        this.authenticator = authenticator;
    }

    @Override
    public List<Resource> open(Vertx vertx, BodyWorkers workers) {
        CourseReader ownReader = service.reader(vertx, database);
        reader = ownReader;
        Access access = new Access(authenticator);
        Acknowledger acknowledger = new Acknowledger(
                service, Waiting.on(vertx), () -> settings.get().ack());
        WriteDecoder decoder = new WriteDecoder(keys, () -> settings.get().maxWrites());
        ReadHandler reads = new ReadHandler(ownReader, keys);
        ResetHandler resets = new ResetHandler(service, keys, acknowledger);
        return List.of(
                new WriteHandler(access, workers, service, decoder, acknowledger),
                new LearnerResource(access, reads, resets));
    }

    @Override
    public Future<Void> close() {
        return reader == null ? Future.succeededFuture() : reader.close();
    }
}
