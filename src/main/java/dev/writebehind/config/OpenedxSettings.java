package dev.writebehind.config;

import java.time.Duration;

/**
 * The drop-in for Open edX's own endpoint, and the news for the LMS.
 *
 * @param enabled whether it is served
 * @param cacheTtl how long what the LMS's tables said is believed; zero: they are asked for each request
 * @param cacheEntries most users, most enrolments and most tokens remembered
 * @param opaqueTokens whether Bearer tokens that are no JWT are looked up
 * @param trackingSwitch the name of the switch without which nothing is taken
 * @param announce whether each flush adds an entry to the outbox for each row that it changes
 * @param announceMaxBacklog entries beyond which none are added
 * @param tables how the LMS's tables are called
 */
public record OpenedxSettings(
        boolean enabled,
        @Reloads Duration cacheTtl,
        @Reloads int cacheEntries,
        boolean opaqueTokens,
        String trackingSwitch,
        boolean announce,
        @Reloads int announceMaxBacklog,
        OpenedxTableSettings tables) {
    public OpenedxSettings {
        Require.between("openedx.cache-ttl", cacheTtl, Duration.ZERO, Duration.ofHours(1));
        Require.between("openedx.cache-entries", cacheEntries, 1, 10_000_000);
        Require.text("openedx.tracking-switch", trackingSwitch);
        Require.between("openedx.announce-max-backlog", announceMaxBacklog, 1, 1_000_000_000);
        Require.present("openedx.tables", tables);
    }
}
