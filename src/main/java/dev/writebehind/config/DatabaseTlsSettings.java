package dev.writebehind.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The encryption of connections to the database.
 *
 * @param ca certificates (PEM) of which one must have signed the server's; null: those that Java trusts
 * @param certificate this service's own certificate (PEM), with those that lead to its authority; null: it has none
 * @param key the private key (PEM) of that
 */
public record DatabaseTlsSettings(
        Mode mode,
        @Nullable Path ca,
        @Nullable Path certificate,
        @Nullable Path key) {
    /** What holds where nothing is said. */
    public static final DatabaseTlsSettings PREFERRED = of(Mode.PREFERRED);

    public DatabaseTlsSettings {
        Require.present("database.tls.mode", mode);
        if (ca != null && (mode == Mode.PREFERRED || mode == Mode.REQUIRED)) {
            throw new InvalidSettingException(
                    "database.tls.ca",
                    "is set, but mode " + mode.label() + " looks at no certificate: set database.tls.mode"
                            + " to verify-identity, or to verify-ca where the server's certificate names no host");
        }
        Require.together("database.tls.certificate", certificate, "database.tls.key", key);
    }

    /** The ways of encrypting, by the names that MySQL's own clients use. */
    public enum Mode {
        /** Never. */
        @JsonProperty("disabled")
        DISABLED,
        /** Where the server offers it; whoever answers is believed to be the server. */
        @JsonProperty("preferred")
        PREFERRED,
        /** Always; whoever answers is believed to be the server. */
        @JsonProperty("required")
        REQUIRED,
        /** Always, and only with a server whose certificate is by an authority that is trusted. */
        @JsonProperty("verify-ca")
        VERIFY_CA,
        /** As {@link #VERIFY_CA}, and the certificate must name the host that database.uri names. */
        @JsonProperty("verify-identity")
        VERIFY_IDENTITY;

        /** Returns it as the settings' file says it. */
        public String label() {
            return SettingKeys.label(this);
        }
    }

    /** Returns settings with that mode and no files. */
    public static DatabaseTlsSettings of(Mode mode) {
        return new DatabaseTlsSettings(mode, null, null, null);
    }

    /** Whether a connection without encryption is refused. */
    public boolean isRequired() {
        return mode != Mode.DISABLED && mode != Mode.PREFERRED;
    }

    /** Whether the server's certificate is looked at. */
    public boolean isVerified() {
        return mode == Mode.VERIFY_CA || mode == Mode.VERIFY_IDENTITY;
    }
}
