package dev.writebehind.auth;

import static dev.writebehind.testing.Tokens.LMS;
import static dev.writebehind.testing.Tokens.OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.auth.Refusal.Reason;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.JwtSettings;
import dev.writebehind.config.Secret;
import dev.writebehind.testing.Tokens;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When keys are read, and what is answered meanwhile. */
class JwtAuthenticatorTest {
    private final SettableClock clock = new SettableClock();
    private final Source source = new Source();
    private final Conditions conditions = new Conditions(clock);

    /** Answers what it is told to, in the order in which it is asked. */
    private static final class Source implements KeySource {
        private final Deque<Promise<String>> asked = new ArrayDeque<>();
        private int reads;

        @Override
        public Future<String> read() {
            reads++;
            asked.add(Promise.promise());
            return asked.getLast().future();
        }

        void answer(String set) {
            asked.remove().complete(set);
        }

        void fail() {
            asked.remove().fail(new IOException("connection refused"));
        }
    }

    private JwtAuthenticator authenticator(SigningKeys known, String secret) {
        JwtSettings settings = new JwtSettings(
                "jwks", secret == null ? null : new Secret(secret), Tokens.ISSUER, Tokens.AUDIENCE, List.of());
        return new JwtAuthenticator(
                new JwtVerifier(settings), new KeyRing(source, known, KeyRing.PAUSE, clock, conditions), clock);
    }

    private JwtAuthenticator knowing(String set) {
        return authenticator(SigningKeys.parse(set), null);
    }

    private JsonObject claims() {
        return Tokens.claims("ann", clock.instant());
    }

    private String byOther() {
        return Tokens.sign(claims(), "RS512", OTHER, null);
    }

    @Test
    void authenticate_withAKnownKey_readsNothing() {
        assertCaller(knowing(Tokens.jwks(LMS)).authenticate(Tokens.rs512(claims())));

        assertThat(source.reads).isZero();
    }

    @Test
    void authenticate_withAnUnknownKey_readsTheKeysAgain() {
        JwtAuthenticator authenticator = knowing(Tokens.jwks(LMS));

        Future<Authentication> answer = authenticator.authenticate(byOther());
        assertThat(answer.isComplete()).isFalse();
        source.answer(Tokens.jwks(LMS, OTHER));

        assertCaller(answer);
        assertCaller(authenticator.authenticate(Tokens.rs512(claims())));
        assertThat(source.reads).isEqualTo(1);
    }

    private String forged(int number) {
        return Tokens.sign(claims().put("jti", "forged" + number), "RS512", OTHER, "kid" + number);
    }

    @Test
    void authenticate_withAForgedToken_isInvalid_andSoItStays() {
        JwtAuthenticator authenticator = knowing(Tokens.jwks(LMS));

        Future<Authentication> answer = authenticator.authenticate(forged(1));
        assertThat(answer.isComplete()).isFalse();
        source.answer(Tokens.jwks(LMS));

        assertRefused(answer, Reason.INVALID);
        assertRefused(authenticator.authenticate(forged(1)), Reason.INVALID);
        assertThat(source.reads).isEqualTo(1);
    }

    /** What is published while the keys are being read, or just afterwards, may not be in them. */
    @Test
    void authenticate_withAKeyPublishedDuringAFloodOfForgeries_isNeverInvalid() {
        JwtAuthenticator authenticator = knowing(Tokens.jwks(LMS));
        String genuine = byOther();
        Future<Authentication> first = authenticator.authenticate(forged(1));
        Future<Authentication> joined = authenticator.authenticate(genuine);
        source.answer(Tokens.jwks(LMS));

        assertRefused(first, Reason.INVALID);
        assertRefused(joined, Reason.UNAVAILABLE);
        assertRefused(authenticator.authenticate(genuine), Reason.UNAVAILABLE);
        clock.advance(KeyRing.PAUSE.minusMillis(1));
        assertRefused(authenticator.authenticate(genuine), Reason.UNAVAILABLE);
        assertRefused(authenticator.authenticate(forged(2)), Reason.UNAVAILABLE);
        assertThat(source.reads).isEqualTo(1);

        clock.advance(Duration.ofMillis(1));
        Future<Authentication> withForgery = authenticator.authenticate(forged(3));
        Future<Authentication> again = authenticator.authenticate(genuine);
        source.answer(Tokens.jwks(LMS, OTHER));
        assertThat(withForgery.result()).isInstanceOf(Caller.class);
        assertCaller(again);
    }

    /** A learner with a token of a withdrawn key must be told some time, however many forgeries come. */
    @Test
    void authenticate_againAfterAReadThatBeganLater_isInvalid() {
        JwtAuthenticator authenticator = knowing(Tokens.jwks(LMS));
        String token = byOther();
        authenticator.authenticate(forged(1));
        source.answer(Tokens.jwks(LMS));
        assertRefused(authenticator.authenticate(token), Reason.UNAVAILABLE);

        clock.advance(KeyRing.PAUSE);
        authenticator.authenticate(forged(2));
        source.answer(Tokens.jwks(LMS));
        assertRefused(authenticator.authenticate(token), Reason.INVALID);
    }

    @Test
    void authenticate_duringAMinuteOfForgeries_readsAtMostTwelveTimes() {
        JwtAuthenticator authenticator = knowing(Tokens.jwks(LMS));
        for (int i = 0; i < 600; i++) {
            authenticator.authenticate(forged(i));
            if (!source.asked.isEmpty()) {
                source.answer(Tokens.jwks(LMS));
            }
            clock.advance(Duration.ofMillis(100));
        }

        assertThat(source.reads).isEqualTo(12);
    }

    @Test
    void authenticate_whileTheKeysCantBeRead_keepsTheKnownOnes() {
        JwtAuthenticator authenticator = knowing(Tokens.jwks(LMS));

        Future<Authentication> unknown = authenticator.authenticate(byOther());
        source.fail();

        assertRefused(unknown, Reason.UNAVAILABLE);
        assertRefused(authenticator.authenticate(byOther()), Reason.UNAVAILABLE);
        assertCaller(authenticator.authenticate(Tokens.rs512(claims())));
        assertThat(source.reads).isEqualTo(1);
    }

    @Test
    void authenticate_afterAnAnswerThatIsNoKeySet_keepsTheKnownOnes() {
        JwtAuthenticator authenticator = knowing(Tokens.jwks(LMS));
        for (String nonsense : List.of("", "{}", "{\"keys\":[]}", "<html>", "[]", "null", "{\"keys\":5}")) {
            Future<Authentication> unknown = authenticator.authenticate(byOther());
            source.answer(nonsense);

            assertRefused(unknown, Reason.UNAVAILABLE);
            assertCaller(authenticator.authenticate(Tokens.rs512(claims())));
            clock.advance(KeyRing.PAUSE);
        }
    }

    @Test
    void authenticate_beforeAnyKeysAreThere_isUnavailable_andThenTaken() {
        JwtAuthenticator authenticator = authenticator(SigningKeys.NONE, Tokens.SECRET);

        Future<Authentication> early = authenticator.authenticate(Tokens.rs512(claims()));
        source.fail();
        assertRefused(early, Reason.UNAVAILABLE);
        assertThat(conditions.holds(ConditionName.SIGNING_KEYS_UNREADABLE)).isTrue();
        assertRefused(authenticator.authenticate("a.b.c"), Reason.INVALID);
        assertCaller(
                authenticator.authenticate(Tokens.hs256(claims(), Tokens.SECRET.getBytes(StandardCharsets.UTF_8))));

        clock.advance(KeyRing.PAUSE);
        Future<Authentication> later = authenticator.authenticate(Tokens.rs512(claims()));
        source.answer(Tokens.jwks(LMS));
        assertCaller(later);
        assertThat(conditions.current()).isEmpty();
    }

    @Test
    void authenticate_withAKeyThatWasWithdrawn_isTakenUntilTheRenewal() {
        JwtAuthenticator authenticator = knowing(Tokens.jwks(LMS));
        String token = Tokens.rs512(claims());
        assertCaller(authenticator.authenticate(token));

        clock.advance(KeyRing.RENEWAL);
        assertCaller(authenticator.authenticate(token));
        source.answer(Tokens.jwks(OTHER));
        assertRefused(authenticator.authenticate(token), Reason.UNAVAILABLE);
        clock.advance(KeyRing.PAUSE);
        Future<Authentication> later = authenticator.authenticate(token);
        source.answer(Tokens.jwks(OTHER));
        assertRefused(later, Reason.INVALID);
    }

    /** The signature of a token found genuine is not checked again, its time is. */
    @Test
    void authenticate_againAfterItsExpiry_isExpired() {
        JwtAuthenticator authenticator = knowing(Tokens.jwks(LMS));
        String token = Tokens.rs512(claims().put("exp", clock.instant().getEpochSecond() + 10));
        assertCaller(authenticator.authenticate(token));

        clock.advance(Duration.ofSeconds(10));
        assertCaller(authenticator.authenticate(token));
        clock.advance(Duration.ofSeconds(5));
        assertRefused(authenticator.authenticate(token), Reason.EXPIRED);
    }

    @Test
    void find_ofAVerifiedToken_endsAtItsExpiryOrTheLimit() {
        VerifiedTokens verified = new VerifiedTokens(clock);
        Caller ann = Caller.user("ann", 1, Caller.Staff.NO);
        SigningKeys keys = SigningKeys.parse(Tokens.jwks(LMS));
        ByteBuffer soon = ByteBuffer.wrap(Sha256.of("soon"));
        ByteBuffer late = ByteBuffer.wrap(Sha256.of("late"));
        verified.put(soon, keys, new Verification.Genuine(ann, clock.instant().plusSeconds(10)));
        verified.put(late, keys, new Verification.Genuine(ann, clock.instant().plusSeconds(9999)));

        assertThat(verified.find(soon, keys)).isEqualTo(ann);
        assertThat(verified.find(soon, SigningKeys.parse(Tokens.jwks(LMS)))).isNull();
        clock.advance(Duration.ofSeconds(10));
        assertThat(verified.find(soon, keys)).isNull();
        assertThat(verified.find(late, keys)).isEqualTo(ann);
        clock.advance(VerifiedTokens.MAX_AGE.minusSeconds(10));
        assertThat(verified.find(late, keys)).isNull();
    }

    private static void assertCaller(Future<Authentication> answer) {
        assertThat(answer.isComplete()).isTrue();
        assertThat(answer.result()).isEqualTo(Caller.user("ann", null, Caller.Staff.NO));
    }

    private static void assertRefused(Future<Authentication> answer, Reason reason) {
        assertThat(answer.isComplete()).isTrue();
        assertThat(answer.result()).isInstanceOf(Refusal.class);
        assertThat(((Refusal) answer.result()).reason()).isEqualTo(reason);
    }
}
