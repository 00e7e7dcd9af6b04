package dev.writebehind.core;

import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import dev.writebehind.condition.Event;
import dev.writebehind.config.LiveSettings;
import dev.writebehind.config.Reload;
import dev.writebehind.config.Setting;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reloading of settings, when their file has changed or somebody asks for it, on a thread of its own. Safe for any
 * thread.
 */
public final class Reloading implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Reloading.class);
    private static final long LOOK_MILLIS = 250;

    private final LiveSettings settings;
    private final Conditions conditions;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread own = new Thread(task, "settings");
        own.setDaemon(true);
        return own;
    });
    private @Nullable ScheduledFuture<?> looking;
    private final LongAdder applied = new LongAdder();
    private final LongAdder refusals = new LongAdder();
    private volatile List<String> awaitingRestart = List.of();

    /** Creates it; nothing is reloaded yet. */
    public Reloading(LiveSettings settings, Conditions conditions) {
        this.settings = settings;
        this.conditions = conditions;
    }

    /** Begins to look at the file by itself. */
    public synchronized void begin() {
        looking = thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Reads the settings again, now. Completes on the thread that does. */
    public Future<Reload> reload() {
        Promise<Reload> done = Promise.promise();
        try {
            thread.execute(() -> {
                try {
                    Reload outcome = settings.reload();
                    tell(outcome);
                    done.complete(outcome);
                } catch (RuntimeException | Error e) {
                    done.fail(e);
                }
            });
        } catch (RejectedExecutionException e) {
            done.fail(new IllegalStateException("the service is draining", e));
        }
        return done.future();
    }

    /** Returns how often settings were reloaded, whether or not anything had changed. */
    public long applied() {
        return applied.sum();
    }

    /** Returns how often they were not, for they were wrong. */
    public long refusals() {
        return refusals.sum();
    }

    /** Returns the changed keys that wait for the next start. */
    public List<String> awaitingRestart() {
        return awaitingRestart;
    }

    /** Returns every key with its value in force, sorted. */
    public List<Setting> settings() {
        return settings.all();
    }

    /** Ends it: the settings stay as they are. */
    @Override
    public synchronized void close() {
        if (looking != null) {
            looking.cancel(false);
        }
        thread.shutdown();
    }

    private void look() {
        try {
            settings.look().ifPresent(this::tell);
        } catch (RuntimeException e) {
            log.error("The settings' file can't be looked at; it is tried again", e);
        }
    }

    private void tell(Reload outcome) {
        if (outcome instanceof Reload.NoFile) {
            log.info("There are no settings to reload: they come from no file that could be read again");
        } else if (outcome instanceof Reload.Refused refused) {
            refusals.increment();
            conditions.begin(
                    ConditionName.SETTINGS_REFUSED,
                    "The settings are not reloaded, and those in force stay",
                    refused.reason());
        } else if (outcome instanceof Reload.Applied done) {
            applied.increment();
            conditions.end(Subject.SETTINGS, "The settings can be reloaded again");
            if (!done.changed().isEmpty()) {
                log.info("Settings were reloaded: {}", done.changed());
                conditions.events().add(Event.Kind.SETTINGS, "Settings were reloaded: " + done.changed());
            }
            if (!done.awaitingRestart().equals(awaitingRestart)
                    && !done.awaitingRestart().isEmpty()) {
                log.warn("Changes of these settings take effect with the next start: {}", done.awaitingRestart());
                conditions
                        .events()
                        .add(Event.Kind.SETTINGS, "These settings wait for the next start: " + done.awaitingRestart());
            }
            awaitingRestart = done.awaitingRestart();
        }
    }
}
