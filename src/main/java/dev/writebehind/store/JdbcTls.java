package dev.writebehind.store;

import dev.writebehind.config.DatabaseTlsSettings;
import dev.writebehind.config.DatabaseTlsSettings.Mode;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Properties;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.HostAddress;
import org.mariadb.jdbc.export.ExceptionFactory;
import org.mariadb.jdbc.plugin.TlsSocketPlugin;

/**
 * The encryption of JDBC's connections, in place of the driver's own, which knows no PEM keys and other rules of trust.
 * The driver finds it by its name. Stateless; blocks on the files.
 */
public final class JdbcTls implements TlsSocketPlugin {
    private static final String TYPE = "writebehind";
    private static final String CA = "writebehindCa";
    private static final String CERTIFICATE = "writebehindCertificate";
    private static final String KEY = "writebehindKey";

    /** Returns the part of a JDBC URL that has the driver encrypt by these settings. */
    static String parameters(DatabaseTlsSettings settings) {
        String files = parameter(CA, settings.ca())
                + parameter(CERTIFICATE, settings.certificate())
                + parameter(KEY, settings.key());
        return "&sslMode=" + driverMode(settings.mode()) + "&tlsSocketType=" + TYPE + "&enabledSslProtocolSuites="
                + DatabaseTls.PROTOCOLS + files;
    }

    /** Its "allow" encrypts where the server offers it, and does not go on without where that fails. */
    private static String driverMode(Mode mode) {
        return switch (mode) {
            case DISABLED -> "disable";
            case PREFERRED -> "allow";
            case REQUIRED -> "trust";
            case VERIFY_CA -> "verify-ca";
            case VERIFY_IDENTITY -> "verify-full";
        };
    }

    private static Mode mode(Configuration driver) {
        return switch (driver.sslMode()) {
            case DISABLE -> Mode.DISABLED;
            case ALLOW -> Mode.PREFERRED;
            case TRUST -> Mode.REQUIRED;
            case VERIFY_CA -> Mode.VERIFY_CA;
            case VERIFY_FULL -> Mode.VERIFY_IDENTITY;
        };
    }

    private static String parameter(String name, @Nullable Path file) {
        return file == null ? "" : "&" + name + "=" + URLEncoder.encode(file.toString(), StandardCharsets.UTF_8);
    }

    private static @Nullable Path file(Properties options, String name) {
        String text = options.getProperty(name);
        return text == null ? null : Path.of(URLDecoder.decode(text, StandardCharsets.UTF_8));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public TrustManager[] getTrustManager(Configuration driver, ExceptionFactory failures, HostAddress address)
            throws SQLException {
        return new TrustManager[] {read(driver, failures, address.host).trust()};
    }

    @Override
    public KeyManager @Nullable [] getKeyManager(Configuration driver, ExceptionFactory failures) throws SQLException {
        return read(driver, failures, "").keyManagers();
    }

    private static DatabaseTls read(Configuration driver, ExceptionFactory failures, String host) throws SQLException {
        Properties options = driver.nonMappedOptions();
        try {
            return DatabaseTls.read(
                    new DatabaseTlsSettings(
                            mode(driver), file(options, CA), file(options, CERTIFICATE), file(options, KEY)),
                    host);
        } catch (UnfitSchemaException e) {
            throw failures.create(String.valueOf(e.getMessage()), "08000", e);
        }
    }

    /** The names have been judged with the certificate. */
    @Override
    public void verify(String host, SSLSession session, long connection) {}
}
