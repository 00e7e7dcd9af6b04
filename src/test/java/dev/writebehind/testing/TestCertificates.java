package dev.writebehind.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;
import javax.net.ssl.TrustManager;

/** An authority that signs certificates for tests, and the PEM files they are in. Not for concurrent use. */
public final class TestCertificates {
    private final Path directory;
    private final String name;
    private final X509Bundle authority;

    /** Makes an authority of that name, whose files go to that directory. */
    public TestCertificates(Path directory, String name) {
        this.directory = directory;
        this.name = name;
        this.authority =
                build(() -> base("CN=" + name).setIsCertificateAuthority(true).buildSelfSigned());
        write("ca.pem", authority.getCertificatePEM());
    }

    /** The files of a certificate and its private key. */
    public record Pair(Path certificate, Path key, X509Bundle bundle) {}

    /** Returns the file with the authority's own certificate. */
    public Path ca() {
        return directory.resolve(name + "-ca.pem");
    }

    /** Returns what trusts it. */
    public TrustManager trust() {
        return authority.toTrustManager();
    }

    /** Makes a certificate for localhost and 127.0.0.1. */
    public Pair server(String file) {
        return issue(file, builder -> builder.addSanDnsName("localhost").addSanIpAddress("127.0.0.1"));
    }

    /** Makes a certificate as that says. */
    public Pair issue(String file, UnaryOperator<CertificateBuilder> how) {
        X509Bundle bundle = build(() -> how.apply(base("CN=" + file)).buildIssuedBy(authority));
        return new Pair(
                write(file + ".pem", bundle.getCertificatePathPEM()),
                write(file + "-key.pem", bundle.getPrivateKeyPEM()),
                bundle);
    }

    private static CertificateBuilder base(String subject) {
        Instant now = Instant.now();
        return new CertificateBuilder()
                .rsa2048()
                .subject(subject)
                .notBefore(now.minus(Duration.ofDays(2)))
                .notAfter(now.plus(Duration.ofDays(2)));
    }

    private Path write(String file, String pem) {
        Path path = directory.resolve(name + "-" + file);
        try {
            return Files.writeString(path, pem);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Building {
        X509Bundle build() throws Exception;
    }

    private static X509Bundle build(Building building) {
        try {
            return building.build();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
