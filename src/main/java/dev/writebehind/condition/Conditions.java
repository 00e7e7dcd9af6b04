package dev.writebehind.condition;

import dev.writebehind.condition.ConditionName.Subject;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The conditions that hold at present: what is wrong. The log gets one line when a condition begins or, for some, has
 * another cause, and one when nothing is wrong with its subject any more; whoever tells of them elsewhere reads them
 * here. Safe for any thread; reading never waits.
 */
public final class Conditions {
    private static final Logger log = LoggerFactory.getLogger(Conditions.class);

    private final Clock clock;
    private final RecentEvents events;
    /** Replaced as a whole; changed under the lock, so that the log's lines have the order of the changes. */
    private volatile Map<Subject, Condition> present = Map.of();

    /** Creates it with nothing wrong. */
    public Conditions(Clock clock) {
        this.clock = clock;
        events = new RecentEvents(clock);
    }

    /** Returns what changed lately, the beginnings and ends of conditions among it. */
    public RecentEvents events() {
        return events;
    }

    /**
     * Takes note that a condition holds, instead of another of its subject. The log is told if it did not before.
     *
     * @param consequence what follows from it: a sentence, to which the cause is added
     */
    public void begin(ConditionName name, String consequence, String cause) {
        begin(name, consequence, cause, null);
    }

    /** As the other, for a fault of this service: the log gets its stack trace. */
    public void begin(ConditionName name, String consequence, Throwable fault) {
        begin(name, consequence, fault.toString(), fault);
    }

    /**
     * Takes note that nothing is wrong with a subject. The log is told if something was.
     *
     * @param news what works again: a sentence
     */
    public synchronized void end(Subject subject, String news) {
        Condition before = present.get(subject);
        if (before == null) {
            return;
        }
        replace(subject, null);
        Duration lasted = Duration.between(before.since(), clock.instant());
        String label = before.name().label();
        log.info("{} ({} lasted {} ms)", news, label, lasted.toMillis());
        events.add(
                Event.Kind.CONDITION,
                String.format(Locale.ROOT, "%s (%s lasted %.1f s)", news, label, lasted.toMillis() / 1_000.0));
    }

    /** Returns what is wrong at present, in the order in which the names are declared. */
    public List<Condition> current() {
        return List.copyOf(present.values());
    }

    /** Whether that is wrong at present. */
    public boolean holds(ConditionName name) {
        Condition condition = present.get(name.subject());
        return condition != null && condition.name() == name;
    }

    private synchronized void begin(ConditionName name, String consequence, String cause, @Nullable Throwable fault) {
        Condition before = present.get(name.subject());
        Condition held = before != null && before.name() == name ? before : null;
        if (held != null && held.cause().equals(cause)) {
            return;
        }
        replace(name.subject(), new Condition(name, held == null ? clock.instant() : held.since(), cause));
        if (held != null && !name.areCausesNews()) {
            return;
        }
        events.add(Event.Kind.CONDITION, "%s: %s (%s)".formatted(consequence, cause, name.label()));
        if (fault == null) {
            log.atLevel(name.level()).log("{}: {} ({})", consequence, cause, name.label());
        } else {
            log.atLevel(name.level()).setCause(fault).log("{} ({})", consequence, name.label());
        }
    }

    private void replace(Subject subject, @Nullable Condition condition) {
        Map<Subject, Condition> changed = new EnumMap<>(Subject.class);
        changed.putAll(present);
        if (condition == null) {
            changed.remove(subject);
        } else {
            changed.put(subject, condition);
        }
        present = Collections.unmodifiableMap(changed);
    }
}
