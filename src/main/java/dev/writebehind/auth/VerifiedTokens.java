package dev.writebehind.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tokens found genuine a moment ago, by their hash, so that a learner's next request costs no signature check. None
 * outlives its {@code exp}, nor the keys it was checked with. Safe for any thread.
 */
final class VerifiedTokens {
    static final Duration MAX_AGE = Duration.ofMinutes(1);
    private static final int MAX_TOKENS = 20_000;

    private final Clock clock;
    private final Cache<ByteBuffer, Entry> entries = Caffeine.newBuilder()
            .maximumSize(MAX_TOKENS)
            .expireAfterWrite(MAX_AGE.toMillis(), TimeUnit.MILLISECONDS)
            .build();

    VerifiedTokens(Clock clock) {
        this.clock = clock;
    }

    private record Entry(Caller caller, SigningKeys keys, Instant until) {}

    @Nullable
    Caller find(ByteBuffer hash, SigningKeys keys) {
        Entry entry = entries.getIfPresent(hash);
        if (entry == null || entry.keys() != keys || !clock.instant().isBefore(entry.until())) {
            return null;
        }
        return entry.caller();
    }

    void put(ByteBuffer hash, SigningKeys keys, Verification.Genuine found) {
        Instant latest = clock.instant().plus(MAX_AGE);
        Instant until = found.expiresAt().isBefore(latest) ? found.expiresAt() : latest;
        entries.put(hash, new Entry(found.caller(), keys, until));
    }
}
