package dev.writebehind.config;

/**
 * The management port.
 *
 * @param port 0 to 65535; 0 picks a free one
 */
public record ManagementSettings(String host, int port) {
    public ManagementSettings {
        Require.text("management.host", host);
        Require.between("management.port", port, 0, 65_535);
    }
}
