package dev.writebehind.tls;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.impl.KeyStoreHelper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * A certificate and its private key, from two PEM files that go together; immutable. Those of the same content are
 * equal.
 */
public record Identity(PemFile certificate, PemFile key) {
    private static final char[] PASSWORD = KeyStoreHelper.DUMMY_PASSWORD.toCharArray();

    /** Reads it, or throws {@link UnreadablePemException}; blocks. */
    public static Identity read(String certificateSetting, Path certificate, String keySetting, Path key) {
        return new Identity(PemFile.read(certificateSetting, certificate), PemFile.read(keySetting, key));
    }

    public Identity {
        if (key.content().toString().contains("ENCRYPTED")) {
            throw key.fault("is encrypted: write it without a password, with `openssl pkey -in … -out …`, readable"
                    + " by the service alone");
        }
        requireMatching(certificate, key);
    }

    /** Returns when it ends. */
    public Instant validUntil() {
        return certificate.certificates().get(0).getNotAfter().toInstant();
    }

    /** Returns it for a server. */
    public PemKeyCertOptions options() {
        return new PemKeyCertOptions().addCertValue(certificate.content()).addKeyValue(key.content());
    }

    /** Returns a manager that shows it. */
    public X509ExtendedKeyManager keyManager() {
        try {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store(certificate, key), PASSWORD);
            return (X509ExtendedKeyManager) factory.getKeyManagers()[0];
        } catch (GeneralSecurityException e) {
            throw key.fault("can't be used: " + e.getMessage(), e);
        }
    }

    /** A pair of which one half has been replaced would be found out by every client, and not before. */
    private static void requireMatching(PemFile certificate, PemFile key) {
        X509Certificate shown = certificate.certificates().get(0);
        try {
            KeyStore store = store(certificate, key);
            PrivateKey secret = (PrivateKey) store.getKey(store.aliases().nextElement(), PASSWORD);
            String algorithm = "SHA256with" + (secret.getAlgorithm().equals("EC") ? "ECDSA" : secret.getAlgorithm());
            byte[] text = certificate.setting().getBytes(StandardCharsets.UTF_8);
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(secret);
            signing.update(text);
            byte[] signed = signing.sign();
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(shown.getPublicKey());
            verifying.update(text);
            if (verifying.verify(signed)) {
                return;
            }
            throw key.fault("is not the key of the certificate in " + certificate);
        } catch (GeneralSecurityException e) {
            throw key.fault("is not the key of the certificate in " + certificate + ": " + e.getMessage(), e);
        }
    }

    private static KeyStore store(PemFile certificate, PemFile key) {
        try {
            return KeyStoreHelper.loadKeyCert(List.<Buffer>of(key.content()), List.<Buffer>of(certificate.content()));
        } catch (Exception e) {
            throw key.fault("holds no private key that can be read (RSA or EC, as PEM): " + e.getMessage(), e);
        }
    }
}
