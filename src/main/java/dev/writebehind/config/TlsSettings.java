package dev.writebehind.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The encryption of a port; none where there is no certificate.
 *
 * @param certificate the port's certificate (PEM), with those that lead to its authority
 * @param key the private key (PEM) of that
 * @param clientCa certificates (PEM) of which one must have signed a client's
 * @param clientAuth whether clients show certificates
 */
public record TlsSettings(
        @Nullable Path certificate,
        @Nullable Path key,
        @Nullable Path clientCa,
        ClientAuth clientAuth) {
    /** Without encryption. */
    public static final TlsSettings NONE = new TlsSettings(null, null, null, ClientAuth.NONE);

    /** What is asked of clients. */
    public enum ClientAuth {
        /** Nothing. */
        @JsonProperty("none")
        NONE,
        /** A certificate, which may be missing but must be right. */
        @JsonProperty("request")
        REQUEST,
        /** A certificate. */
        @JsonProperty("required")
        REQUIRED
    }

    /** Whether the port is encrypted. */
    public boolean isOn() {
        return certificate != null;
    }

    /** Checks what goes together, in the words of the section that it is. */
    void require(String section) {
        Require.present(section + ".client-auth", clientAuth);
        Require.together(section + ".certificate", certificate, section + ".key", key);
        if (clientAuth == ClientAuth.NONE && clientCa != null) {
            throw new InvalidSettingException(
                    section + ".client-ca",
                    "is set, but nobody is asked for a certificate: set " + section + ".client-auth to required, or to"
                            + " request");
        }
        if (clientAuth != ClientAuth.NONE && clientCa == null) {
            throw new InvalidSettingException(
                    section + ".client-ca",
                    "is not set, but clients are asked for a certificate: name the file (PEM) with the authority's");
        }
        if (clientCa != null && !isOn()) {
            throw new InvalidSettingException(
                    section + ".certificate", "is not set, but clients can show theirs on encrypted connections alone");
        }
    }
}
