package dev.writebehind.ops;

import dev.writebehind.condition.Condition;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Event;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.core.Administration;
import dev.writebehind.core.Reloading;
import dev.writebehind.core.Sharing;
import dev.writebehind.core.Status;
import dev.writebehind.core.TakingStats;
import dev.writebehind.flush.FlushStats;
import dev.writebehind.journal.JournalStats;
import dev.writebehind.journal.Replication;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The state of the service as one JSON object, for pages and programs that look after it. Safe for any thread. */
final class StatusView {
    private static final Logger log = LoggerFactory.getLogger(StatusView.class);
    private static final int MOST_EVENTS = 50;
    private static final Instant STARTED =
            Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());

    private final String version;
    private final Administration service;
    private final TakingStats taking;
    private final Reloading reloading;

    StatusView(String version, Administration service, TakingStats taking, Reloading reloading) {
        this.version = version;
        this.service = service;
        this.taking = taking;
        this.reloading = reloading;
    }

    /** Returns everything; blocks, for it counts the dead letters. */
    JsonObject json() {
        Status status = service.status();
        return new JsonObject()
                .put("version", version)
                .put("started", STARTED.toString())
                .put("phase", status.phase().label())
                .put("ready", status.isReady())
                .put("pending", pending(status))
                .put("journal", journal(status))
                .put("flushing", flushing(status))
                .put("sharing", sharing())
                .put("effect", effect())
                .put("dead_letters", new JsonObject().put("waiting", deadLetters()))
                .put("settings", settings(status.conditions()))
                .put("conditions", json(status.conditions()))
                .put("recent", recent());
    }

    /** Returns how many wait; null: their directory can't be read. */
    private @Nullable Long deadLetters() {
        try {
            return service.deadLetterCount();
        } catch (UncheckedIOException e) {
            log.debug("The dead letters can't be counted", e);
            return null;
        }
    }

    static JsonArray json(List<Condition> conditions) {
        JsonArray array = new JsonArray();
        for (Condition condition : conditions) {
            array.add(new JsonObject()
                    .put("name", condition.name().label())
                    .put("since", condition.since().toString())
                    .put("cause", condition.cause())
                    .put("action", condition.name().action()));
        }
        return array;
    }

    private JsonObject pending(Status status) {
        BufferSettings bounds = service.bounds();
        return new JsonObject()
                .put("keys", status.pendingKeys())
                .put("max_keys", bounds.maxPending())
                .put("bytes", status.pendingBytes())
                .put("max_bytes", bounds.maxBytes().bytes())
                .put("oldest_seconds", service.oldestPending().toMillis() / 1_000.0);
    }

    private JsonObject journal(Status status) {
        JournalStats stats = service.journalStats();
        return new JsonObject()
                .put("healthy", status.isJournalHealthy())
                .put("state", status.journal())
                .put("segments", stats.segments())
                .put("bytes", stats.bytes());
    }

    private JsonObject flushing(Status status) {
        FlushSettings settings = service.flushSettings();
        return new JsonObject()
                .put("paused", status.isPaused())
                .put("failure", status.flushFailure())
                .put("interval_ms", settings.interval().toMillis())
                .put("lanes", settings.lanes());
    }

    private @Nullable JsonObject sharing() {
        Supplier<Sharing> source = service.sharing();
        if (source == null) {
            return null;
        }
        Sharing sharing = source.get();
        return new JsonObject()
                .put("part", sharing.part())
                .put("epoch", sharing.epoch())
                .put("unread_records", sharing.unread())
                .put("behind_seconds", sharing.behind().toMillis() / 1_000.0)
                .put("claims", sharing.claims())
                .put("fences_lost", sharing.fencesLost())
                .put("replicas_in_sync", replicas(sharing.replication(), Replication::inSync))
                .put("replicas", replicas(sharing.replication(), Replication::replicas));
    }

    /** Returns how many; null: it is not known. */
    private static @Nullable Integer replicas(Replication replication, ToIntFunction<Replication> brokers) {
        return replication.isKnown() ? brokers.applyAsInt(replication) : null;
    }

    private JsonObject effect() {
        FlushStats stats = service.flushStats();
        return new JsonObject()
                .put("accepted_writes", taking.writes())
                .put("coalesced_writes", service.coalesced())
                .put("rows_changed", stats.rowsChanged() + stats.rowsDeleted())
                .put("statements", stats.statements());
    }

    private JsonObject settings(List<Condition> conditions) {
        String refused = conditions.stream()
                .filter(condition -> condition.name() == ConditionName.SETTINGS_REFUSED)
                .map(Condition::cause)
                .findFirst()
                .orElse(null);
        return new JsonObject()
                .put("refused", refused)
                .put("awaiting_restart", new JsonArray(reloading.awaitingRestart()));
    }

    private JsonArray recent() {
        JsonArray array = new JsonArray();
        for (Event event : service.conditions().events().newest(MOST_EVENTS)) {
            array.add(new JsonObject()
                    .put("at", event.at().toString())
                    .put("kind", event.kind().label())
                    .put("text", event.text()));
        }
        return array;
    }
}
