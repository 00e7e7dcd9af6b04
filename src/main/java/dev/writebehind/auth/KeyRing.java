package dev.writebehind.auth;

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
 * this service besiege the LMS. A read that fails leaves the known keys in force. Safe for any thread.
 */
final class KeyRing {
    static final Duration PAUSE = Duration.ofSeconds(5);
    static final Duration RENEWAL = Duration.ofMinutes(5);

    private static final Logger log = LoggerFactory.getLogger(KeyRing.class);

    private final KeySource source;
    private final Clock clock;
    private volatile SigningKeys keys;
    private volatile Instant renewAt;
    private @Nullable Future<SigningKeys> reading;
    private Instant lastRead = Instant.MIN;
    private @Nullable String trouble;

    /** @param keys what is known already, or {@link SigningKeys#NONE} */
    KeyRing(KeySource source, SigningKeys keys, Clock clock) {
        this.source = source;
        this.keys = keys;
        this.clock = clock;
        this.renewAt = keys == SigningKeys.NONE ? Instant.MIN : clock.instant().plus(RENEWAL);
    }

    /** Returns the keys in force, and has old ones read again meanwhile, that a withdrawn one is not taken for ever. */
    SigningKeys current() {
        if (!clock.instant().isBefore(renewAt)) {
            refresh();
        }
        return keys;
    }

    /**
     * Reads the keys again unless that was done a moment ago. Completes with the keys then in force, or fails where the
     * last read did: nobody knows then whether there are newer ones.
     */
    Future<SigningKeys> refresh() {
        Promise<SigningKeys> read = Promise.promise();
        synchronized (this) {
            if (reading != null) {
                return reading;
            }
            if (clock.instant().isBefore(lastRead.plus(PAUSE))) {
                return trouble == null ? Future.succeededFuture(keys) : Future.failedFuture(trouble);
            }
            reading = read.future();
        }
        Future.succeededFuture().compose(now -> source.read()).map(this::parsed).onComplete(result -> {
            if (result.succeeded()) {
                take(result.result());
                read.complete(result.result());
            } else {
                fail(String.valueOf(result.cause().getMessage()));
                read.fail(result.cause());
            }
        });
        return read.future();
    }

    private SigningKeys parsed(String text) {
        return keys.isFrom(text) ? keys : SigningKeys.parse(text);
    }

    private synchronized void take(SigningKeys read) {
        if (read != keys) {
            log.info("{} signing keys read from {}", read.size(), source);
        } else if (trouble != null) {
            log.info("{} can be read again", source);
        }
        keys = read;
        trouble = null;
        rest(RENEWAL);
    }

    private synchronized void fail(String reason) {
        if (!reason.equals(trouble)) {
            String consequence = keys == SigningKeys.NONE
                    ? "callers with a JWT are answered 503 until it can"
                    : "the known keys stay in force";
            log.warn("The signing keys can't be read from {}, {}: {}", source, consequence, reason);
        }
        trouble = reason;
        rest(PAUSE);
    }

    private void rest(Duration untilRenewal) {
        reading = null;
        lastRead = clock.instant();
        renewAt = lastRead.plus(untilRenewal);
    }
}
