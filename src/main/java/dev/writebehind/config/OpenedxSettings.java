package dev.writebehind.config;

import java.time.Duration;

/**
 * The drop-in for Open edX's own endpoint.
 *
 * @param enabled whether it is served
 * @param cacheTtl how long what the LMS's tables said is believed; zero: they are asked for each request
 * @param cacheEntries most users, most enrolments and most tokens remembered
 * @param opaqueTokens whether Bearer tokens that are no JWT are looked up
 * @param trackingSwitch the name of the switch without which nothing is taken
 * @param tables how the LMS's tables are called
 */
public record OpenedxSettings(
        boolean enabled,
        @Reloads Duration cacheTtl,
        @Reloads int cacheEntries,
        boolean opaqueTokens,
        String trackingSwitch,
        OpenedxTableSettings tables) {
    public OpenedxSettings {
        Require.between("openedx.cache-ttl", cacheTtl, Duration.ZERO, Duration.ofHours(1));
        Require.between("openedx.cache-entries", cacheEntries, 1, 10_000_000);
        Require.text("openedx.tracking-switch", trackingSwitch);
        Require.present("openedx.tables", tables);
    }
}
