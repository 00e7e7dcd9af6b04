package dev.writebehind.openedx;

import dev.writebehind.auth.Authentication;
import dev.writebehind.auth.Caller;
import dev.writebehind.auth.OpaqueTokens;
import dev.writebehind.auth.Refusal;
import dev.writebehind.store.LmsToken;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lookup of the opaque Bearer tokens that the LMS gave out, in its table of them. Safe for any event loop.
 *
 * <p>A user whose {@code is_active} is off is taken like any other, here as with a JWT: the flag tells that an e-mail
 * address was confirmed, and the LMS's endpoint does not ask for it (completion/api/v1/views.py has
 * {@code BearerAuthenticationAllowInactiveUser} of openedx/core/lib/api/authentication.py and {@code JwtAuthentication}
 * of edx-drf-extensions, whose {@code authenticate_credentials} does not look at it, and no permission that does).
 *
 * <p>A user without a usable password, which is how administrators disable one, is refused unless an application
 * belongs to him, here but not with a JWT: so does {@code BearerAuthentication}, and {@code JwtAuthentication} does
 * not.
 */
public final class AccessTokens implements OpaqueTokens {
    private static final Logger log = LoggerFactory.getLogger(AccessTokens.class);
    private static final Refusal UNKNOWN = new Refusal(Refusal.Reason.INVALID, "the token is not known");
    private static final Refusal DISABLED = new Refusal(Refusal.Reason.INVALID, "the user is disabled");
    private static final Refusal EXPIRED = new Refusal(Refusal.Reason.EXPIRED, "the token has expired: get a new one");
    private static final Refusal UNAVAILABLE =
            new Refusal(Refusal.Reason.UNAVAILABLE, "the LMS's tokens can't be read now: try again");

    private final Vertx vertx;
    private final LmsDirectory directory;
    private final Clock clock;

    /** Creates it over what is known of the LMS. */
    public AccessTokens(Vertx vertx, LmsDirectory directory) {
        this(vertx, directory, Clock.systemUTC());
    }

    AccessTokens(Vertx vertx, LmsDirectory directory, Clock clock) {
        this.vertx = vertx;
        this.directory = directory;
        this.clock = clock;
    }

    @Override
    public Future<Authentication> find(String token) {
        return directory.token(vertx, token).map(this::judge).otherwise(failure -> {
            log.debug("A token can't be looked up", failure);
            return UNAVAILABLE;
        });
    }

    private Authentication judge(Optional<LmsToken> found) {
        if (found.isEmpty()) {
            return UNKNOWN;
        }
        LmsToken token = found.get();
        if (!token.expires().isAfter(clock.instant())) {
            return EXPIRED;
        }
        if (token.isDisabled()) {
            return DISABLED;
        }
        Caller.Staff staff = token.user().isStaff() ? Caller.Staff.YES : Caller.Staff.NO;
        return Caller.user(token.user().username(), token.user().id(), staff);
    }
}
