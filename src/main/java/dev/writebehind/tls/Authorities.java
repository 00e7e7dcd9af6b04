package dev.writebehind.tls;

import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The authorities whose certificates are believed, from a PEM file; immutable. Those of two files of the same content
 * are equal.
 */
public record Authorities(PemFile file) {
    /** Reads them, or throws {@link UnreadablePemException}; blocks. */
    public static Authorities read(String setting, Path path) {
        return new Authorities(PemFile.read(setting, path));
    }

    public Authorities {
        file.certificates();
    }

    /** Returns a manager that believes them. */
    public X509ExtendedTrustManager trustManager() {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            List<X509Certificate> certificates = file.certificates();
            for (int i = 0; i < certificates.size(); i++) {
                store.setCertificateEntry("authority-" + i, certificates.get(i));
            }
            return trustManager(store);
        } catch (GeneralSecurityException | IOException e) {
            throw file.fault("can't be used: " + e.getMessage(), e);
        }
    }

    /** Returns them for a server, to tell its clients by. */
    public PemTrustOptions options() {
        return new PemTrustOptions().addCertValue(file.content());
    }

    /** Returns a manager that believes those that Java does. */
    public static X509ExtendedTrustManager javasOwn() {
        try {
            return trustManager(null);
        } catch (GeneralSecurityException e) {
            throw new UnreadablePemException("the authorities that Java trusts can't be read: " + e.getMessage(), e);
        }
    }

    private static X509ExtendedTrustManager trustManager(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    }
}
