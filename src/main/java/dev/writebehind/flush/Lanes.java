package dev.writebehind.flush;

import dev.writebehind.store.UpsertSessions;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The flusher's lanes, as many as are wanted at the time, over as many connections. Confined to its context. */
final class Lanes {
    private final IntFunction<UpsertSessions> connecting;
    private final Function<UpsertSessions, Lane> opening;
    private @Nullable UpsertSessions sessions;
    private List<Lane> lanes = List.of();

    /**
     * Creates none yet.
     *
     * @param connecting gives sessions, that many at a time
     * @param opening gives a lane on one of them
     */
    Lanes(IntFunction<UpsertSessions> connecting, Function<UpsertSessions, Lane> opening) {
        this.connecting = connecting;
        this.opening = opening;
    }

    /** Returns that many lanes, the same as before where it is as many. To be called while none is in use. */
    List<Lane> take(int count) {
        if (lanes.size() != count) {
            close();
            UpsertSessions opened = connecting.apply(count);
            sessions = opened;
            lanes = Stream.generate(() -> opening.apply(opened)).limit(count).toList();
        }
        return lanes;
    }

    /** Ends all connections. */
    Future<?> close() {
        return sessions == null ? Future.succeededFuture() : sessions.close();
    }
}
