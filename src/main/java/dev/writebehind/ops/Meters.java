package dev.writebehind.ops;

import dev.writebehind.condition.ConditionName;
import dev.writebehind.core.Administration;
import dev.writebehind.core.NotTaken;
import dev.writebehind.core.Phase;
import dev.writebehind.core.Reloading;
import dev.writebehind.core.Sharing;
import dev.writebehind.core.TakingStats;
import dev.writebehind.flush.Announcements;
import dev.writebehind.flush.FlushStats;
import dev.writebehind.http.ConnectionLimit;
import dev.writebehind.http.RequestObserver;
import dev.writebehind.journal.Replication;
import dev.writebehind.store.DatabaseFailure;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.spi.VertxMetricsFactory;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Every meter of the service: its name, its unit and what it counts. Safe for any thread; {@link #scrape} may block.
 */
public final class Meters implements RequestObserver, AutoCloseable {
    /** The text format of Prometheus. */
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final String PREFIX = "writebehind.";
    private static final Duration[] REQUEST_BUCKETS = millis(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000);
    private static final Duration[] SYNC_BUCKETS = millis(1, 2, 5, 10, 25, 50, 100, 500, 2_500);
    private static final Duration[] FLUSH_BUCKETS = millis(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000);

    private final PrometheusMeterRegistry registry;
    private final JvmGcMetrics garbage = new JvmGcMetrics();
    /** What the registry refers to weakly. */
    private final List<LongSupplier> counted = new ArrayList<>();

    private final Map<Request, Timer> requests = new ConcurrentHashMap<>();

    /**
     * Begins with those of the process.
     *
     * @param version which build this is
     */
    public Meters(PrometheusMeterRegistry registry, String version) {
        this.registry = registry;
        // of pools that share a name it knows one
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("vertx.pool.ratio"));
        garbage.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        Gauge.builder(PREFIX + "build.info", () -> 1)
                .description("Always 1: which build this is, on which Java")
                .tag("version", version)
                .tag("java", Runtime.version().toString())
                .register(registry);
    }

    /** Returns what lets Vert.x add its own, by {@link #ofPools}. */
    public VertxMetricsFactory ofVertx() {
        return new MicrometerMetricsFactory(registry);
    }

    /**
     * Returns options by which Vert.x adds those of its pools, database connections and worker threads; of what it
     * could tell of requests and sockets nothing, for that is counted here.
     */
    public static MicrometerMetricsOptions ofPools() {
        MicrometerMetricsOptions options = new MicrometerMetricsOptions()
                .setEnabled(true)
                // registries are looked up by it, and there may be several services in a process
                .setRegistryName(UUID.randomUUID().toString());
        EnumSet.complementOf(EnumSet.of(MetricsDomain.NAMED_POOLS)).forEach(options::addDisabledMetricsCategory);
        return options;
    }

    private record Request(String route, String outcome) {}

    /** Adds those of what is asked for and taken. */
    public Meters add(TakingStats taking) {
        counter("accepted.writes", "Writes that were taken", taking::writes);
        counter("accepted.resets", "Course resets that were taken", taking::resets);
        for (NotTaken.Reason reason : NotTaken.Reason.values()) {
            FunctionCounter.builder(PREFIX + "not.taken", taking, stats -> stats.noes(reason))
                    .description("Requests that were not taken or not acknowledged, by the reason that they were told")
                    .tag("reason", reason.label())
                    .register(registry);
        }
        return this;
    }

    /** Adds those of the public port's connections. */
    public Meters add(ConnectionLimit connections) {
        gauge("http.connections", "Open connections to the public port", connections::open);
        counter(
                "http.connections.refused",
                "Connections to the public port that were closed at once, for there were too many",
                connections::refused);
        return this;
    }

    /** Adds those of the settings. */
    public Meters add(Reloading reloading) {
        counter("settings.reloads", "Reloads of valid settings", reloading::applied);
        counter("settings.refusals", "Reloads that changed nothing, for the settings were wrong", reloading::refusals);
        gauge(
                "settings.awaiting.restart",
                "Changed keys that wait for the next start",
                () -> reloading.awaitingRestart().size());
        return this;
    }

    /** Adds those of buffer, journal, flusher and conditions. */
    public Meters add(Administration service) {
        gauge(
                "serving",
                "1 while requests are accepted",
                () -> oneIf(service.status().phase() == Phase.SERVING));
        addBuffer(service);
        addJournal(service);
        addFlush(service);
        for (ConditionName name : ConditionName.values()) {
            Gauge.builder(PREFIX + "condition", () -> oneIf(service.conditions().holds(name)))
                    .description("1 while that is wrong: docs/operations.md tells what to do")
                    .tag("name", name.label())
                    .register(registry);
        }
        return this;
    }

    private void addBuffer(Administration service) {
        gauge(
                "pending.keys",
                "Keys and resets not yet in the table, in flight included",
                () -> service.status().pendingKeys());
        gauge(
                "pending.keys.max",
                "The bound of pending keys, beyond which new ones are answered 503",
                () -> service.bounds().maxPending());
        gauge(
                "pending.bytes",
                "Estimated heap that they take, in bytes",
                () -> service.status().pendingBytes());
        gauge(
                "pending.bytes.max",
                "The bound of that heap, in bytes",
                () -> service.bounds().maxBytes().bytes());
        gauge(
                "pending.oldest.age.seconds",
                "For how long the oldest write has waited that is not in the table",
                () -> service.oldestPending().toMillis() / 1_000.0);
        counter(
                "coalesced.writes",
                "Writes folded into one that waited already, and so never written by themselves",
                service::coalesced);
    }

    private void addJournal(Administration service) {
        gauge(
                "journal.healthy",
                "1 while the journal makes writes durable",
                () -> oneIf(service.status().isJournalHealthy()));
        gauge(
                "journal.segments",
                "Files of the journal",
                () -> service.journalStats().segments());
        gauge(
                "journal.bytes",
                "Bytes in these files",
                () -> service.journalStats().bytes());
        Supplier<Sharing> sharing = service.sharing();
        Timer sync = sharing == null
                ? timer("journal.sync", "Forced writes of the journal: how long the disk took for each")
                : timer("log.append", "Appends to the shared log: how long the brokers took for each");
        service.journalStats().observeSyncs(nanos -> sync.record(nanos, TimeUnit.NANOSECONDS));
        if (sharing != null) {
            counter(
                    "log.append.failures",
                    "Appends that were not acknowledged in time",
                    service.journalStats()::refusals);
            add(sharing);
        }
    }

    private void add(Supplier<Sharing> sharing) {
        gauge(
                "flusher",
                "1 while this instance is the one of several that flushes",
                () -> oneIf(sharing.get().isFlushing()));
        gauge(
                "epoch",
                "Number of the newest claim to flush that this instance has read, whoever's",
                () -> sharing.get().epoch());
        counter(
                "claims",
                "Claims to flush that this instance has made",
                () -> sharing.get().claims());
        counter(
                "fences.lost",
                "Times that the table knew another instance's claim, where this one thought it could flush",
                () -> sharing.get().fencesLost());
        gauge(
                "log.unread.records",
                "Records of the shared log that this instance had not read, when it last asked where the log ends",
                () -> sharing.get().unread());
        gauge(
                "log.behind.seconds",
                "For how long this instance has not known itself at the end of the shared log",
                () -> sharing.get().behind().toMillis() / 1_000.0);
        gauge(
                "log.replicas.in.sync",
                "Brokers that have all of the shared log; NaN while they do not tell",
                () -> ifKnown(sharing.get().replication(), Replication::inSync));
        gauge(
                "log.replicas",
                "Brokers that should have all of the shared log; NaN while they do not tell",
                () -> ifKnown(sharing.get().replication(), Replication::replicas));
    }

    private static double ifKnown(Replication replication, ToIntFunction<Replication> brokers) {
        return replication.isKnown() ? brokers.applyAsInt(replication) : Double.NaN;
    }

    private Timer timer(String name, String description) {
        return Timer.builder(PREFIX + name)
                .description(description)
                .serviceLevelObjectives(SYNC_BUCKETS)
                .register(registry);
    }

    private void addFlush(Administration service) {
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
        counter("flush.groups", "Groups of changes that somebody waited for, flushed at once", stats::groups);
        counter("flush.batches", "Transactions committed", stats::batches);
        counter(
                "flush.statements",
                "Statements in these transactions, BEGIN and COMMIT not counted",
                stats::statements);
        counter("flush.writes", "Coalesced writes in these transactions", stats::writes);
        counter("flush.rows.changed", "Rows that they inserted or updated", stats::rowsChanged);
        counter(
                "flush.rows.ahead",
                "Rows among them whose time of modification lay in the future: somebody's clock is ahead",
                stats::rowsAhead);
        counter("flush.locked", "Changes left to a later flush, for another transaction held their row", stats::locked);
        counter("flush.resets", "Course resets in these transactions", stats::resets);
        counter("flush.rows.deleted", "Rows that the resets deleted", stats::rowsDeleted);
        counter("flush.conflicts", "Transactions tried again at once, for a lock", stats::conflicts);
        for (DatabaseFailure kind : DatabaseFailure.values()) {
            FunctionCounter.builder(PREFIX + "flush.failures", stats, all -> all.failures(kind))
                    .description("Transactions left to a later flush, by the kind of failure")
                    .tag("kind", kind.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .register(registry);
        }
        counter("dead.letters", "Changes that the database refused", stats::deadLetters);
        gauge("dead.letters.waiting", "Dead letters that nobody has retried or removed yet", service::deadLetterCount);
        Timer flush = Timer.builder(PREFIX + "flush.duration")
                .description("Flushes of what had waited: how long each took")
                .serviceLevelObjectives(FLUSH_BUCKETS)
                .register(registry);
        DistributionSummary batch = DistributionSummary.builder(PREFIX + "flush.batch.size")
                .description("Changes in a committed transaction")
                .serviceLevelObjectives(1, 10, 50, 100, 250, 500, 1_000)
                .register(registry);
        stats.observe(new FlushStats.Observer() {
            @Override
            public void flushed(long nanos) {
                flush.record(nanos, TimeUnit.NANOSECONDS);
            }

            @Override
            public void committed(int changes) {
                batch.record(changes);
            }
        });
    }

    /** Adds those of what the LMS is told. */
    public Meters add(Announcements announcements) {
        counter("announce.entries", "Entries added to the outbox, for rows that were changed", announcements::added);
        counter(
                "announce.left.out",
                "Rows that were changed without an entry in the outbox, so that the LMS never hears of them",
                announcements::leftOut);
        gauge(
                "announce.backlog",
                "Entries that wait in the outbox, counted up to one more than may; NaN: not known, or none are made",
                announcements::backlog);
        gauge(
                "announce.backlog.max",
                "The bound of these entries, beyond which none are added",
                announcements::mostEntries);
        gauge(
                "announce.age.seconds",
                "How long ago the change was received of which the oldest entry tells",
                announcements::age);
        return this;
    }

    /** Adds that of the event loops. */
    public Meters add(EventLoopWatch eventLoops) {
        Timer late = Timer.builder(PREFIX + "event.loop.lateness")
                .description("How late each event loop came to look at the time, which it does once a second")
                .serviceLevelObjectives(millis(5, 25, 100, 500, 2_500))
                .register(registry);
        eventLoops.observeLateness(nanos -> late.record(nanos, TimeUnit.NANOSECONDS));
        return this;
    }

    @Override
    public void answered(String route, int status, long nanos) {
        requests.computeIfAbsent(new Request(route, outcome(status)), this::timer)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(Request request) {
        return Timer.builder(PREFIX + "requests")
                .description("Requests of the public port, from their head to the end of the answer")
                .tag("route", request.route())
                .tag("outcome", request.outcome())
                .serviceLevelObjectives(REQUEST_BUCKETS)
                .register(registry);
    }

    private static String outcome(int status) {
        return switch (status) {
            case ABORTED -> "aborted";
            case 503 -> "unavailable";
            case 504 -> "timeout";
            default -> status < 400 ? "ok" : status < 500 ? "refused" : "failed";
        };
    }

    /** Returns all of them as Prometheus reads them. */
    String scrape() {
        return registry.scrape(CONTENT_TYPE);
    }

    @Override
    public void close() {
        garbage.close();
    }

    private void gauge(String name, String description, DoubleSupplier value) {
        Gauge.builder(PREFIX + name, value::getAsDouble)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    private void counter(String name, String description, LongSupplier value) {
        FunctionCounter.builder(PREFIX + name, value, LongSupplier::getAsLong)
                .description(description)
                .register(registry);
        counted.add(value);
    }

    private static double oneIf(boolean condition) {
        return condition ? 1 : 0;
    }

    private static Duration[] millis(int... values) {
        return Arrays.stream(values).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }
}
