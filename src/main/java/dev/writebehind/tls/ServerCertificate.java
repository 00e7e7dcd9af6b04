package dev.writebehind.tls;

import dev.writebehind.config.InvalidSettingException;
import dev.writebehind.config.TlsSettings;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port's certificate, key and clients' authorities, in files that may change. Safe for any thread, but that one alone
 * may look.
 */
public final class ServerCertificate {
    private static final Logger log = LoggerFactory.getLogger(ServerCertificate.class);
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");
    /** Those that keep what was said secret after a key is lost, and tell when it was tampered with. */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_256_GCM_SHA384",
            "TLS_AES_128_GCM_SHA256",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private final String section;
    private final TlsSettings settings;
    private final List<Consumer<ServerSSLOptions>> listeners = new CopyOnWriteArrayList<>();
    private volatile Material inForce;
    private @Nullable String suspected;

    private ServerCertificate(String section, TlsSettings settings) {
        this.section = section;
        this.settings = settings;
        this.inForce = read();
    }

    private record Material(Identity own, @Nullable Authorities clients) {}

    /**
     * Reads the files, or throws {@link InvalidSettingException}; blocks. Null: the port is not encrypted.
     *
     * @param section of the settings, as {@code http.tls}
     */
    public static @Nullable ServerCertificate open(String section, TlsSettings settings) {
        try {
            return settings.isOn() ? new ServerCertificate(section, settings) : null;
        } catch (UnreadablePemException e) {
            throw new InvalidSettingException(section, "can't be used: " + e.getMessage());
        }
    }

    private Material read() {
        Path certificate = Objects.requireNonNull(settings.certificate());
        Path key = Objects.requireNonNull(settings.key());
        Path clients = settings.clientCa();
        return new Material(
                Identity.read(section + ".certificate", certificate, section + ".key", key),
                clients == null ? null : Authorities.read(section + ".client-ca", clients));
    }

    /** Returns the options with what is in force now. */
    public HttpServerOptions addTo(HttpServerOptions options) {
        Material now = inForce;
        options.setSsl(true)
                .setUseAlpn(true)
                // no stop has to wait longer for somebody who says nothing
                .setSslHandshakeTimeout(5)
                .setKeyCertOptions(now.own().options())
                .setEnabledSecureTransportProtocols(PROTOCOLS)
                .setClientAuth(
                        switch (settings.clientAuth()) {
                            case NONE -> ClientAuth.NONE;
                            case REQUEST -> ClientAuth.REQUEST;
                            case REQUIRED -> ClientAuth.REQUIRED;
                        });
        CIPHERS.forEach(options::addEnabledCipherSuite);
        if (now.clients() != null) {
            options.setTrustOptions(now.clients().options());
        }
        return options;
    }

    /** Has it told, by the thread that looks, of what is in force from then on. */
    public void onChange(Consumer<ServerSSLOptions> listener) {
        listeners.add(listener);
    }

    /**
     * Looks at the files, blocking on them. Returns what is wrong with them; null: nothing, or it is not sure yet, for
     * they may be in the midst of being replaced.
     */
    @Nullable
    String look() {
        Material now;
        try {
            now = read();
        } catch (UnreadablePemException e) {
            log.debug("A certificate can't be taken", e);
            String fault = e.getMessage();
            boolean stays = Objects.equals(fault, suspected);
            suspected = fault;
            return stays ? fault : null;
        }
        suspected = null;
        if (!now.equals(inForce)) {
            inForce = now;
            ServerSSLOptions options = addTo(new HttpServerOptions()).getSslOptions();
            listeners.forEach(listener -> listener.accept(options));
            log.info(
                    "{}.certificate was read again, and is valid until {}",
                    section,
                    now.own().validUntil());
        }
        return null;
    }

    /** Whether the files are suspected of a fault that is not sure yet. */
    boolean isSuspected() {
        return suspected != null;
    }
}
