package dev.writebehind.auth;

import dev.writebehind.auth.Refusal.Reason;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.AuthSettings;
import dev.writebehind.config.InvalidSettingException;
import dev.writebehind.config.JwtSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The authenticator of requests, by their headers and cookies alone. Safe for any event loop. */
public final class Authenticator {
    private static final Logger log = LoggerFactory.getLogger(Authenticator.class);
    private static final Refusal MISSING = new Refusal(Reason.MISSING, "the request carries no credentials");

    private final AuthSettings.Mode mode;
    private final ServerTokens servers;
    private final JwtAuthenticator jwts;
    private final CsrfCheck csrf;
    private final OpaqueTokens opaque;

    private Authenticator(
            AuthSettings.Mode mode, ServerTokens servers, JwtAuthenticator jwts, CsrfCheck csrf, OpaqueTokens opaque) {
        this.mode = mode;
        this.servers = servers;
        this.jwts = jwts;
        this.csrf = csrf;
        this.opaque = opaque;
    }

    /**
     * Reads the files that the settings name, or throws {@link InvalidSettingException}; blocks. A URL's keys are asked
     * for, and the service starts without them.
     *
     * @param opaque asked, in mode {@code jwt}, about Bearer tokens that are neither a server's nor a JWT
     */
    public static Authenticator create(Vertx vertx, AuthSettings settings, OpaqueTokens opaque, Conditions conditions) {
        Clock clock = Clock.systemUTC();
        ServerTokens servers = ServerTokens.load(settings, conditions);
        if (settings.mode() != AuthSettings.Mode.NONE) {
            servers.watch(vertx);
        }
        boolean usesKeys = settings.mode() == AuthSettings.Mode.JWT;
        if (usesKeys && (settings.jwt().issuer() == null || settings.jwt().audience() == null)) {
            log.warn("auth.jwt.issuer or auth.jwt.audience is not set: tokens that were made for others are taken too");
        }
        KeyRing ring = usesKeys ? ring(vertx, settings.jwt(), clock, conditions) : null;
        JwtAuthenticator jwts = new JwtAuthenticator(new JwtVerifier(settings.jwt()), ring, clock);
        CsrfCheck csrf = new CsrfCheck(settings.jwt().trustedOrigins());
        return new Authenticator(settings.mode(), servers, jwts, csrf, opaque);
    }

    private static @Nullable KeyRing ring(Vertx vertx, JwtSettings settings, Clock clock, Conditions conditions) {
        String jwks = settings.jwks();
        if (jwks == null) {
            return null;
        }
        if (settings.isUrl()) {
            KeyRing ring = new KeyRing(new JwksUrl(vertx, jwks), SigningKeys.NONE, KeyRing.PAUSE, clock, conditions);
            ring.current();
            return ring;
        }
        JwksFile file = new JwksFile(vertx, Path.of(jwks));
        try {
            return new KeyRing(file, SigningKeys.parse(file.readNow()), Duration.ZERO, clock, conditions);
        } catch (RuntimeException e) {
            throw new InvalidSettingException("auth.jwt.jwks", "is " + jwks + ", which " + e.getMessage());
        }
    }

    /** Completes with a {@link Caller} or a {@link Refusal}, most often at once; never fails. */
    public Future<Authentication> authenticate(HttpServerRequest request) {
        if (mode == AuthSettings.Mode.NONE) {
            return Future.succeededFuture(Caller.ANYONE);
        }
        Credentials credentials = Credentials.of(request);
        if (credentials instanceof Credentials.Bearer bearer) {
            return bearer(bearer.token());
        }
        if (mode == AuthSettings.Mode.JWT) {
            if (credentials instanceof Credentials.Jwt jwt) {
                return jwts.authenticate(jwt.token());
            }
            if (credentials instanceof Credentials.JwtCookies cookies) {
                return jwts.authenticate(cookies.token()).map(found -> withCsrfCheck(found, request));
            }
        }
        return Future.succeededFuture(MISSING);
    }

    private Future<Authentication> bearer(String token) {
        if (servers.contains(token)) {
            return Future.succeededFuture(Caller.SERVER);
        }
        if (mode == AuthSettings.Mode.TOKEN) {
            return Future.succeededFuture(Refusal.invalid("the token is not known"));
        }
        return token.indexOf('.') >= 0 ? jwts.authenticate(token) : opaque.find(token);
    }

    private Authentication withCsrfCheck(Authentication found, HttpServerRequest request) {
        String fault = found instanceof Caller ? csrf.fault(request) : null;
        return fault == null ? found : new Refusal(Reason.CSRF_FAILED, fault);
    }
}
