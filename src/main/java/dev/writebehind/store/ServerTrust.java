package dev.writebehind.store;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.client.tls.HostnameVerifier;

/**
 * The judgement of a database's certificate, for both clients; what it refuses has an {@link UnfitSchemaException} as
 * its cause, which says why and what to do. Immutable.
 */
final class ServerTrust extends X509ExtendedTrustManager {
    private static final X509Certificate[] NONE = {};

    private final @Nullable X509ExtendedTrustManager authorities;
    private final String trusted;
    private final @Nullable String host;

    /**
     * Makes the judgement.
     *
     * @param authorities believes the right ones; null: every certificate is taken
     * @param trusted what they are called in messages
     * @param host what the certificate must name; null: anything
     */
    ServerTrust(@Nullable X509ExtendedTrustManager authorities, String trusted, @Nullable String host) {
        this.authorities = authorities;
        this.trusted = trusted;
        this.host = host;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        if (authorities != null) {
            judge(chain, () -> authorities.checkServerTrusted(chain, authType, socket));
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (authorities != null) {
            judge(chain, () -> authorities.checkServerTrusted(chain, authType, engine));
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        if (authorities != null) {
            judge(chain, () -> authorities.checkServerTrusted(chain, authType));
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("the database is no client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return NONE;
    }

    private interface Judging {
        void judge() throws CertificateException;
    }

    private void judge(X509Certificate[] chain, Judging authority) throws CertificateException {
        X509Certificate shown = chain[0];
        String what = "the database's certificate (" + shown.getSubjectX500Principal() + ")";
        try {
            authority.judge();
        } catch (CertificateException e) {
            throw refusal(what + reason(shown, e), e);
        }
        if (host != null) {
            try {
                HostnameVerifier.verify(host, shown, -1);
            } catch (SSLException e) {
                throw refusal(
                        what + " is not for the host in database.uri: " + e.getMessage() + ". Use a name that it has,"
                                + " have one made for this one, or set database.tls.mode: verify-ca",
                        e);
            }
        }
    }

    private String reason(X509Certificate shown, CertificateException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException) {
                return " or one above it is no longer valid, this one was until "
                        + shown.getNotAfter().toInstant() + ": renew it on the server";
            }
            if (cause instanceof CertificateNotYetValidException) {
                return " or one above it is not valid yet, this one from "
                        + shown.getNotBefore().toInstant() + ": look at the clocks";
            }
        }
        return ", issued by " + shown.getIssuerX500Principal() + ", is not by " + trusted
                + ": put the certificate of its authority into database.tls.ca (" + failure.getMessage() + ")";
    }

    private static CertificateException refusal(String text, Exception cause) {
        UnfitSchemaException refused = new UnfitSchemaException(text);
        refused.addSuppressed(cause);
        return new CertificateException(text, refused);
    }
}
