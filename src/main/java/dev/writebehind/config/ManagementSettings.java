package dev.writebehind.config;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The management port.
 *
 * @param port 0 to 65535; 0 picks a free one
 * @param hosts further names by which requests may address it, without ports
 * @param tokens what callers show in {@code Authorization: Bearer}; without any nobody has to
 * @param tokensFile more of them, one a line; null: there is no such file
 * @param tls how connections are encrypted
 */
public record ManagementSettings(
        String host,
        int port,
        List<String> hosts,
        List<Secret> tokens,
        @Nullable Path tokensFile,
        TlsSettings tls) {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+");

    public ManagementSettings {
        Require.text("management.host", host);
        Require.between("management.port", port, 0, 65_535);
        hosts = Require.list("management.hosts", hosts);
        for (String each : hosts) {
            if (!HOST.matcher(each).matches()) {
                throw new InvalidSettingException(
                        "management.hosts", "must hold names or addresses without port, had " + each);
            }
        }
        tokens = AuthSettings.tokens("management.tokens", tokens);
        Require.present("management.tls", tls);
        tls.require("management.tls");
        if (!Loopback.is(host) && tokens.isEmpty() && tokensFile == null) {
            throw new InvalidSettingException(
                    "management.host",
                    "is " + host + ", but without a token anyone who reaches it could pause flushing or drop dead"
                            + " letters; bind a loopback address, or make a token with `openssl rand -hex 32` and set "
                            + ConfigFile.variable("management.tokens") + " or management.tokens-file");
        }
    }

    /** Whether callers must show a token. */
    public boolean isGuarded() {
        return !tokens.isEmpty() || tokensFile != null;
    }
}
