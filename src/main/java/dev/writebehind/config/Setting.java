package dev.writebehind.config;

import org.jspecify.annotations.Nullable;

/**
 * One key as it is in force; immutable. Secrets are not shown.
 *
 * @param key its path, for example {@code flush.interval}
 * @param value as the file would say it; null: it is not set
 * @param reloads whether a change takes effect without a restart
 * @param awaitingRestart what stands in the file or the environment now, and takes effect with the next start; null:
 *     that is the value
 */
public record Setting(
        String key,
        @Nullable String value,
        Origin origin,
        boolean reloads,
        @Nullable String awaitingRestart) {}
