package dev.writebehind.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The answer of {@code GET /admin/status} as people read it; what another version does not tell is left out. Immutable.
 *
 * @param at when it came
 * @param before the one before it, by which rates are told; null: there is none
 */
record StatusText(JsonObject status, Instant at, @Nullable StatusText before) {
    private static final int MOST_EVENTS = 5;

    /** Of more than one, the oldest would be kept for as long as somebody looks. */
    StatusText {
        before = before == null ? null : new StatusText(before.status, before.at, null);
    }

    boolean isReady() {
        return status.getBoolean("ready", false);
    }

    /** Returns everything, a subject in each line. */
    List<String> lines() {
        JsonObject pending = part("pending");
        JsonObject flushing = part("flushing");
        JsonObject journal = part("journal");
        JsonObject effect = part("effect");
        Table table = new Table()
                .row("service", service())
                .row("pending", pending(pending))
                .row("flushing", flushing(flushing));
        if (isShared()) {
            table.row("instance", sharing(part("sharing")));
        }
        table.row(
                        "journal",
                        journal.getString("state", "?") + ", " + journal.getLong("segments", 0L) + " segments, "
                                + Words.bytes(journal.getLong("bytes", 0L)))
                .row(
                        "effect",
                        Words.number(effect.getLong("accepted_writes", 0L)) + " writes accepted, "
                                + Words.number(effect.getLong("coalesced_writes", 0L)) + " of them folded, "
                                + Words.number(effect.getLong("rows_changed", 0L)) + " rows changed by "
                                + Words.number(effect.getLong("statements", 0L)) + " statements" + rates())
                .row("dead letters", deadLetters())
                .row("settings", settings(part("settings")));
        List<JsonObject> conditions = list("conditions");
        if (conditions.isEmpty()) {
            table.row("wrong", "nothing");
        }
        for (JsonObject condition : conditions) {
            table.row("WRONG", condition.getString("name") + " since " + condition.getString("since"))
                    .row("", condition.getString("cause"))
                    .row("", "→ " + condition.getString("action"));
        }
        List<JsonObject> recent = list("recent");
        recent.subList(0, Math.min(MOST_EVENTS, recent.size()))
                .forEach(event -> table.row(
                        "recent",
                        event.getString("at", "?").replaceFirst("\\.\\d+Z$", "Z") + " " + event.getString("text")));
        return table.lines();
    }

    /** Returns the most important in one line. */
    String line() {
        JsonObject pending = part("pending");
        JsonObject flushing = part("flushing");
        String conditions =
                list("conditions").stream().map(each -> each.getString("name")).collect(Collectors.joining(","));
        return Terminal.plain(at.truncatedTo(ChronoUnit.SECONDS) + " " + status.getString("phase", "?") + " "
                + (isReady() ? "ready" : "NOT READY")
                + " pending=" + pending.getLong("keys", 0L)
                + String.format(Locale.ROOT, " oldest=%.1fs", pending.getDouble("oldest_seconds", 0.0))
                + " flushing=" + (flushing.getBoolean("paused", false) ? "paused" : "on")
                + (isShared() ? " part=" + part("sharing").getString("part", "?") : "")
                + " journal=" + (part("journal").getBoolean("healthy", false) ? "ok" : "FAILED")
                + String.format(Locale.ROOT, " writes/s=%.0f", rate("accepted_writes"))
                + String.format(Locale.ROOT, " rows/s=%.0f", rate("rows_changed"))
                + " dead-letters=" + deadLetters()
                + " wrong=" + (conditions.isEmpty() ? "-" : conditions));
    }

    private String deadLetters() {
        Long waiting = part("dead_letters").getLong("waiting");
        return waiting == null ? "?" : Words.number(waiting);
    }

    private String service() {
        return status.getString("version", "?") + ", " + status.getString("phase", "?") + ", "
                + (isReady() ? "ready" : "NOT READY") + ", started "
                + status.getString("started", "?").replaceFirst("\\.\\d+Z$", "Z") + age();
    }

    private String age() {
        try {
            Duration age = Duration.between(Instant.parse(status.getString("started", "")), at);
            return age.isNegative() ? "" : " (" + Words.duration(age) + " ago)";
        } catch (DateTimeParseException e) {
            return "";
        }
    }

    private static String pending(JsonObject pending) {
        long keys = pending.getLong("keys", 0L);
        long bytes = pending.getLong("bytes", 0L);
        long maxKeys = pending.getLong("max_keys", 0L);
        long maxBytes = pending.getLong("max_bytes", 0L);
        Duration oldest = Duration.ofMillis(Math.round(1_000 * pending.getDouble("oldest_seconds", 0.0)));
        return Words.number(keys) + " of " + Words.number(maxKeys) + " keys (" + Words.part(keys, maxKeys) + "), "
                + Words.bytes(bytes) + " of " + Words.bytes(maxBytes) + " (" + Words.part(bytes, maxBytes)
                + "), the oldest for " + Words.duration(oldest);
    }

    private static String flushing(JsonObject flushing) {
        String failure = flushing.getString("failure");
        return (flushing.getBoolean("paused", false) ? "PAUSED" : "on") + ", every "
                + flushing.getLong("interval_ms", 0L) + " ms over " + flushing.getLong("lanes", 0L) + " lanes"
                + (failure == null ? "" : ", FAILING: " + failure);
    }

    private boolean isShared() {
        return !part("sharing").isEmpty();
    }

    private static String sharing(JsonObject sharing) {
        long epoch = sharing.getLong("epoch", 0L);
        String others = epoch == 0 ? ", and no instance has claimed the table yet" : ", in epoch " + epoch;
        return sharing.getString("part", "?") + others + ", "
                + Words.number(sharing.getLong("unread_records", 0L)) + " records"
                + String.format(Locale.ROOT, " and %.1f s", sharing.getDouble("behind_seconds", 0.0))
                + " behind the log's end"
                + brokers(sharing);
    }

    private static String brokers(JsonObject sharing) {
        Integer inSync = sharing.getInteger("replicas_in_sync");
        return inSync == null ? "" : ", which " + inSync + " of " + sharing.getInteger("replicas") + " brokers have";
    }

    private static String settings(JsonObject settings) {
        String refused = settings.getString("refused");
        JsonArray awaiting = settings.getJsonArray("awaiting_restart", new JsonArray());
        String waiting = awaiting.isEmpty()
                ? ""
                : ", changes wait for a restart: "
                        + awaiting.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return (refused == null ? "in force" : "REFUSED, the former ones stay in force: " + refused) + waiting;
    }

    private String rates() {
        return before == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; %,.0f writes and %,.0f rows a second",
                        rate("accepted_writes"),
                        rate("rows_changed"));
    }

    private double rate(String counter) {
        if (before == null) {
            return 0;
        }
        double seconds = Duration.between(before.at, at).toNanos() / 1e9;
        long counted =
                part("effect").getLong(counter, 0L) - before.part("effect").getLong(counter, 0L);
        return seconds <= 0 ? 0 : Math.max(0, counted / seconds);
    }

    private JsonObject part(String name) {
        return status.getValue(name) instanceof JsonObject part ? part : new JsonObject();
    }

    private List<JsonObject> list(String name) {
        JsonArray array = status.getJsonArray(name, new JsonArray());
        return new ArrayList<>(
                IntStream.range(0, array.size()).mapToObj(array::getJsonObject).toList());
    }
}
