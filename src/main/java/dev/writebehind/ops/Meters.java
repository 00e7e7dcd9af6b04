package dev.writebehind.ops;

import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.core.Administration;
import dev.writebehind.core.Phase;
import dev.writebehind.flush.FlushStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;

/** Every meter of the service: its name, its unit and what it counts. Safe for any thread. */
public final class Meters {
    /** The text format of Prometheus. */
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry;

    /** Registers them. */
    public Meters(PrometheusMeterRegistry registry, Administration service) {
        this.registry = registry;
        gauge(
                "serving",
                "1 while requests are accepted",
                () -> oneIf(service.status().phase() == Phase.SERVING));
        gauge(
                "pending.keys",
                "Keys and resets not yet in the table, in flight included",
                () -> service.status().pendingKeys());
        gauge(
                "pending.bytes",
                "Estimated heap that they take, in bytes",
                () -> service.status().pendingBytes());
        gauge(
                "journal.healthy",
                "1 while the journal makes writes durable",
                () -> oneIf(service.status().isJournalHealthy()));
        gauge(
                "flush.failing",
                "1 while the last flush failed",
                () -> oneIf(service.status().flushFailure() != null));
        gauge(
                "flush.paused",
                "1 while an operator has paused flushing",
                () -> oneIf(service.status().isPaused()));
        FlushStats stats = service.flushStats();
        gauge("table.ids.left", "Part of the table's ids that is left, from 0 to 1", stats::idsLeft);
        counter("flush.batches", "Transactions committed", stats, FlushStats::batches);
        counter("flush.writes", "Coalesced writes in these transactions", stats, FlushStats::writes);
        counter("flush.rows.changed", "Rows that they inserted or updated", stats, FlushStats::rowsChanged);
        counter(
                "flush.rows.ahead",
                "Rows among them whose time of modification lay in the future: somebody's clock is ahead",
                stats,
                FlushStats::rowsAhead);
        counter(
                "flush.locked",
                "Changes left to a later flush, for another transaction held their row",
                stats,
                FlushStats::locked);
        counter("flush.resets", "Course resets in these transactions", stats, FlushStats::resets);
        counter("flush.rows.deleted", "Rows that the resets deleted", stats, FlushStats::rowsDeleted);
        counter("flush.conflicts", "Transactions tried again at once, for a lock", stats, FlushStats::conflicts);
        counter("flush.failures", "Transactions left to a later flush", stats, FlushStats::failures);
        counter("dead.letters", "Changes that the database refused", stats, FlushStats::deadLetters);
        for (ConditionName name : ConditionName.values()) {
            condition(name, service.conditions());
        }
    }

    /** Returns all of them as Prometheus reads them. */
    String scrape() {
        return registry.scrape(CONTENT_TYPE);
    }

    private void gauge(String name, String description, DoubleSupplier value) {
        Gauge.builder("writebehind." + name, value::getAsDouble)
                .description(description)
                .register(registry);
    }

    private void condition(ConditionName name, Conditions conditions) {
        Gauge.builder("writebehind.condition", () -> oneIf(conditions.holds(name)))
                .description("1 while that is wrong: docs/operations.md tells what to do")
                .tag("name", name.label())
                .register(registry);
    }

    private void counter(String name, String description, FlushStats stats, ToDoubleFunction<FlushStats> value) {
        FunctionCounter.builder("writebehind." + name, stats, value)
                .description(description)
                .register(registry);
    }

    private static double oneIf(boolean condition) {
        return condition ? 1 : 0;
    }
}
