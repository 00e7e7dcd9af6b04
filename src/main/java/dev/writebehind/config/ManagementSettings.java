package dev.writebehind.config;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The management port.
 *
 * @param port 0 to 65535; 0 picks a free one
 * @param hosts further names by which requests may address it, without ports
 */
public record ManagementSettings(String host, int port, List<String> hosts) {
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
    }
}
