package dev.writebehind.auth;

import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys in force and their renewal: one read at a time, and a pause after each, so that forged tokens can't make
 * this service besiege the LMS. Reads are numbered in the order in which they begin: only one that begins after a token
 * was seen can tell that its key is not among the LMS's. A read that fails leaves the known keys in force. Safe for any
 * thread.
 */
final class KeyRing {
    /** For a set behind a URL: at most twelve reads a minute. */
    static final Duration PAUSE = Duration.ofSeconds(5);

    static final Duration RENEWAL = Duration.ofMinutes(5);

    private static final Logger log = LoggerFactory.getLogger(KeyRing.class);

    private final KeySource source;
    private final Duration pause;
    private final Clock clock;
    private final Conditions conditions;
    private volatile SigningKeys keys;
    private volatile Instant renewAt;
    private @Nullable Future<Read> reading;
    private long begun;
    private Read latest;
    private Instant lastRead = Instant.MIN;
    private @Nullable String lastFailure;

    /**
     * The keys of one read.
     *
     * @param number 1 for the first; 0: what was known before
     */
    record Read(long number, SigningKeys keys) {}

    /**
     * Creates it with nothing read yet.
     *
     * @param keys what is known already, or {@link SigningKeys#NONE}
     * @param pause shortest time from the end of a read to the next
     */
    KeyRing(KeySource source, SigningKeys keys, Duration pause, Clock clock, Conditions conditions) {
        this.source = source;
        this.keys = keys;
        this.latest = new Read(0, keys);
        this.pause = pause;
        this.clock = clock;
        this.conditions = conditions;
        this.renewAt = keys == SigningKeys.NONE ? Instant.MIN : clock.instant().plus(RENEWAL);
    }

    /** Returns the keys in force, and has old ones read again meanwhile, that a withdrawn one is not taken for ever. */
    SigningKeys current() {
        if (!clock.instant().isBefore(renewAt)) {
            refresh();
        }
        return keys;
    }

    /** Returns the number of the newest read that has begun. */
    synchronized long begun() {
        return begun;
    }

    /**
     * Reads the keys again unless that is being done or was done a moment ago. Completes with the newest read, or fails
     * where that did: nobody knows then whether there are newer keys.
     */
    Future<Read> refresh() {
        Promise<Read> read = Promise.promise();
        long number;
        synchronized (this) {
            if (reading != null) {
                return reading;
            }
            if (clock.instant().isBefore(lastRead.plus(pause))) {
                return lastFailure == null ? Future.succeededFuture(latest) : Future.failedFuture(lastFailure);
            }
            reading = read.future();
            begun++;
            number = begun;
        }
        Future.succeededFuture().compose(now -> source.read()).map(this::parsed).onComplete(result -> {
            if (result.succeeded()) {
                read.complete(take(new Read(number, result.result())));
            } else {
                log.debug("A read of the signing keys failed", result.cause());
                fail(String.valueOf(result.cause().getMessage()));
                read.fail(result.cause());
            }
        });
        return read.future();
    }

    private SigningKeys parsed(String text) {
        return keys.isFrom(text) ? keys : SigningKeys.parse(text);
    }

    private synchronized Read take(Read read) {
        if (read.keys() != keys) {
            log.info("{} signing keys read from {}", read.keys().size(), source);
        }
        conditions.end(Subject.SIGNING_KEYS, source + " can be read again");
        keys = read.keys();
        latest = read;
        lastFailure = null;
        rest(RENEWAL);
        return read;
    }

    private synchronized void fail(String reason) {
        String consequence = keys == SigningKeys.NONE
                ? "callers with a JWT are answered 503 until it can"
                : "the known keys stay in force";
        conditions.begin(
                ConditionName.SIGNING_KEYS_UNREADABLE,
                "The signing keys can't be read from " + source + ", " + consequence,
                reason);
        lastFailure = reason;
        rest(PAUSE);
    }

    private void rest(Duration untilRenewal) {
        reading = null;
        lastRead = clock.instant();
        renewAt = lastRead.plus(untilRenewal);
    }
}
