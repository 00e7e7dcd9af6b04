package dev.writebehind.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * Tokens that fitted no key a moment ago, by their hash: since which read of the keys they have been seen, and which
 * keys they need not be checked with again. Safe for any thread.
 */
final class UnknownKeyTokens {
    private static final int MAX_TOKENS = 10_000;

    private final Cache<ByteBuffer, Entry> entries = Caffeine.newBuilder()
            .maximumSize(MAX_TOKENS)
            .expireAfterWrite(1, TimeUnit.MINUTES)
            .build();

    private record Entry(long seen, SigningKeys keys) {}

    boolean isUnknown(ByteBuffer hash, SigningKeys keys) {
        Entry entry = entries.getIfPresent(hash);
        return entry != null && entry.keys() == keys;
    }

    /**
     * Remembers that a token fits none of those keys.
     *
     * @param begun the newest read of the keys that has begun
     * @return the newest read that had begun when the token was first seen
     */
    long seen(ByteBuffer hash, SigningKeys keys, long begun) {
        Entry entry = entries.getIfPresent(hash);
        if (entry != null && entry.keys() == keys) {
            return entry.seen();
        }
        long seen = entry == null ? begun : entry.seen();
        entries.put(hash, new Entry(seen, keys));
        return seen;
    }
}
