package dev.writebehind.openedx;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.OpenedxSettings;
import dev.writebehind.store.LmsEnrolment;
import dev.writebehind.store.LmsReader;
import dev.writebehind.store.LmsToken;
import dev.writebehind.store.LmsUser;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache of what the LMS's tables say of users, enrolments, the switch and tokens, one for all event loops. It asks
 * from its verticle's context; everything else is safe for any thread.
 */
public final class LmsDirectory extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(LmsDirectory.class);
    /** The widths that Django gives the columns, with room; what is longer is in none, and not worth remembering. */
    private static final int MAX_TEXT_CHARACTERS = 255;
    /** Anybody can make up tokens: what they cost is bounded, in statements a second, of 64 tokens each, … */
    private static final int TOKEN_STATEMENTS_PER_SECOND = 20;
    /** … in tokens that wait for their turn, a second's worth, … */
    private static final int MAX_WAITING_TOKENS = TOKEN_STATEMENTS_PER_SECOND * LmsReader.MAX_QUESTIONS;
    /** … and those that are not known have a memory of their own, so that they drive no known one out. */
    private static final int MAX_UNKNOWN_TOKENS = 10_000;

    private static final Duration MAX_UNKNOWN_AGE = Duration.ofSeconds(10);

    private final DatabaseSettings database;
    private final Supplier<OpenedxSettings> settings;
    private final Ticker ticker;
    private final Conditions conditions;
    private final Remembered<String, Optional<LmsUser>> users;
    private final Remembered<LmsEnrolment, Boolean> enrolments;
    private final Remembered<String, Boolean> switches;
    private final Remembered<String, Optional<LmsToken>> tokens;
    private volatile Cache<String, Boolean> unknownTokens;
    private volatile @Nullable Asking asking;

    /** The reader and what it is asked through, once there is one. */
    private record Asking(
            Context context,
            LmsReader reader,
            Batching<String, Optional<LmsUser>> users,
            Batching<LmsEnrolment, Boolean> enrolments,
            Batching<String, Boolean> switches,
            Batching<String, Optional<LmsToken>> tokens) {}

    /** Creates it; it answers once deployed. */
    public LmsDirectory(DatabaseSettings database, Supplier<OpenedxSettings> settings, Conditions conditions) {
        this(database, settings, conditions, Ticker.systemTicker());
    }

    LmsDirectory(DatabaseSettings database, Supplier<OpenedxSettings> settings, Conditions conditions, Ticker ticker) {
        this.database = database;
        this.settings = settings;
        this.conditions = conditions;
        this.ticker = ticker;
        this.users = remembered(Asking::users, ticker);
        this.enrolments = remembered(Asking::enrolments, ticker);
        this.switches = remembered(Asking::switches, ticker);
        this.tokens = remembered(Asking::tokens, ticker);
        this.unknownTokens = noUnknownTokens();
    }

    private Cache<String, Boolean> noUnknownTokens() {
        Duration ttl = settings.get().cacheTtl();
        return Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(ticker)
                .expireAfterWrite(ttl.compareTo(MAX_UNKNOWN_AGE) < 0 ? ttl : MAX_UNKNOWN_AGE)
                .maximumSize(MAX_UNKNOWN_TOKENS)
                .build();
    }

    /** Has changed settings take effect, and forgets what is remembered. */
    public void settingsChanged() {
        users.restart();
        enrolments.restart();
        switches.restart();
        tokens.restart();
        unknownTokens = noUnknownTokens();
    }

    @Override
    public Future<?> start() {
        LmsReader reader = LmsReader.create(vertx, database, settings.get().tables());
        Batching.Limit limit = new Batching.Limit(
                new Pace(TOKEN_STATEMENTS_PER_SECOND, System::nanoTime),
                MAX_WAITING_TOKENS,
                (millis, task) -> vertx.setTimer(millis, due -> task.run()));
        asking = new Asking(
                context,
                reader,
                batching("users", ConditionName.LMS_USERS_UNREADABLE, reader::users, null),
                batching("enrolments", ConditionName.LMS_ENROLMENTS_UNREADABLE, reader::enrolments, null),
                batching("switches", ConditionName.LMS_SWITCHES_UNREADABLE, reader::switches, null),
                batching("tokens", ConditionName.LMS_TOKENS_UNREADABLE, reader::tokens, limit));
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        Asking present = asking;
        return present == null ? Future.succeededFuture() : present.reader().close();
    }

    /** Returns the user of that name, which compares as the column does. */
    Future<Optional<LmsUser>> user(Vertx vertx, String name) {
        return isFindable(name) ? users.find(vertx, name) : Future.succeededFuture(Optional.empty());
    }

    /** Returns whether the user is enrolled in the course, and active there. */
    Future<Boolean> isEnrolled(Vertx vertx, int userId, String courseKey) {
        return isFindable(courseKey)
                ? enrolments.find(vertx, new LmsEnrolment(userId, courseKey))
                : Future.succeededFuture(false);
    }

    /** Returns whether completions are tracked at all. */
    Future<Boolean> isTracking(Vertx vertx) {
        return switches.find(vertx, settings.get().trackingSwitch());
    }

    /** Returns the token spelled so, be it valid still or not. */
    Future<Optional<LmsToken>> token(Vertx vertx, String token) {
        if (!isFindable(token) || unknownTokens.getIfPresent(token) != null) {
            return Future.succeededFuture(Optional.empty());
        }
        return tokens.find(vertx, token).onSuccess(found -> {
            if (found.isEmpty()) {
                unknownTokens.put(token, true);
                tokens.forget(token);
            }
        });
    }

    private static boolean isFindable(String text) {
        return text.length() <= MAX_TEXT_CHARACTERS
                && text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private <Q, A> Remembered<Q, A> remembered(Function<Asking, Batching<Q, A>> batching, Ticker ticker) {
        Function<Q, CompletableFuture<A>> ask = question -> {
            CompletableFuture<A> answer = new CompletableFuture<>();
            Asking present = asking;
            if (present == null) {
                answer.completeExceptionally(new UnreadableException(null));
            } else {
                present.context().runOnContext(own -> batching.apply(present).ask(question, answer));
            }
            return answer;
        };
        return new Remembered<>(ask, settings, ticker);
    }

    /** What is limited has half the connections at most, so that the others never wait for it. */
    private <Q, A> Batching<Q, A> batching(
            String what,
            ConditionName unreadable,
            Function<List<Q>, Future<List<A>>> reading,
            Batching.@Nullable Limit limit) {
        int connections = limit == null ? database.readConnections() : Math.max(1, database.readConnections() / 2);
        return new Batching<>(reading, connections, failure -> report(what, unreadable, failure), limit);
    }

    private void report(String what, ConditionName unreadable, @Nullable Throwable failure) {
        if (failure == null) {
            conditions.end(unreadable.subject(), "The LMS's " + what + " can be read again");
            return;
        }
        log.debug("The LMS's {} can't be read", what, failure);
        conditions.begin(
                unreadable,
                "The LMS's " + what + " can't be read, so " + BatchResource.PATH
                        + " answers 503 where they are not remembered",
                failure.toString());
    }
}
