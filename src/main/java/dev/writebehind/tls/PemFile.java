package dev.writebehind.tls;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A file of certificates or of a private key, as it was when it was read; immutable. Two of the same content are equal.
 *
 * @param setting the key of the settings that names it
 */
record PemFile(String setting, Path path, Buffer content) {
    private static final long MAX_BYTES = 1024 * 1024;

    /** Reads it, or throws {@link UnreadablePemException}; blocks. */
    static PemFile read(String setting, Path path) {
        try {
            long size = Files.size(path);
            if (size > MAX_BYTES) {
                throw new UnreadablePemException(text(setting, path) + "is too large");
            }
            return new PemFile(setting, path, Buffer.buffer(Files.readAllBytes(path)));
        } catch (IOException e) {
            throw new UnreadablePemException(text(setting, path) + "can't be read: " + e, e);
        }
    }

    /** Returns its certificates, of which there is at least one, in the file's order. */
    List<X509Certificate> certificates() {
        try {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(content.getBytes()))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (certificates.isEmpty()) {
                throw fault("holds no certificate: it must be PEM, with lines -----BEGIN CERTIFICATE-----");
            }
            return certificates;
        } catch (CertificateException e) {
            throw fault("holds no certificate that can be read: " + e.getMessage(), e);
        }
    }

    UnreadablePemException fault(String what) {
        return new UnreadablePemException(text(setting, path) + what);
    }

    UnreadablePemException fault(String what, Throwable cause) {
        return new UnreadablePemException(text(setting, path) + what, cause);
    }

    private static String text(String setting, Path path) {
        return setting + " is " + path + ", which ";
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
