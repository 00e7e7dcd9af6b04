package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.OpenedxTableSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The reader of the LMS's own tables, with plain consistent reads, which lock nothing and wait for nobody; several
 * questions go in one statement, and texts compare as their columns do. Answers stand in the order of the questions.
 * Confined to the context that created it.
 */
public final class LmsReader {
    /** Most questions in one statement. */
    public static final int MAX_QUESTIONS = 64;

    /** Where django-oauth-toolkit 3 looks tokens up. */
    private static final String CHECKSUM = "token_checksum";

    private static final long CHECKSUMS_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Pool pool;
    private final long timeoutMillis;
    private final String user;
    private final String enrolment;
    private final String waffle;
    private final String token;
    private final OpenedxTableSettings.AccessToken tokens;
    private @Nullable Boolean checksums;
    private long checksumsSeenAt;

    private LmsReader(Pool pool, long timeoutMillis, OpenedxTableSettings names) {
        this.pool = pool;
        this.timeoutMillis = timeoutMillis;
        OpenedxTableSettings.User users = names.user();
        OpenedxTableSettings.Enrolment enrolments = names.enrolment();
        OpenedxTableSettings.Waffle switches = names.waffle();
        OpenedxTableSettings.AccessToken tokens = names.accessToken();
        String userColumns =
                "u." + quoted(users.id()) + ", u." + quoted(users.username()) + ", u." + quoted(users.isStaff());
        this.user = userColumns + " FROM " + quoted(users.table()) + " u WHERE u." + quoted(users.username()) + " = ?";
        this.enrolment = quoted(enrolments.isActive()) + " FROM " + quoted(enrolments.table()) + " WHERE "
                + quoted(enrolments.userId()) + " = ? AND " + quoted(enrolments.courseId()) + " = ?";
        this.waffle = quoted(switches.active()) + " FROM " + quoted(switches.table()) + " WHERE "
                + quoted(switches.name()) + " = ?";
        this.tokens = tokens;
        OpenedxTableSettings.Application applications = names.application();
        // The LMS's own rule (BearerAuthentication): Django marks a password that can't be used with an exclamation
        // mark.
        this.token = userColumns + ", t." + quoted(tokens.token()) + ", t." + quoted(tokens.expires()) + ", u."
                + quoted(users.password()) + " LIKE '!%' AND NOT EXISTS (SELECT 1 FROM " + quoted(applications.table())
                + " a WHERE a." + quoted(applications.userId()) + " = u." + quoted(users.id()) + ") FROM "
                + quoted(tokens.table()) + " t JOIN " + quoted(users.table()) + " u ON u." + quoted(users.id())
                + " = t." + quoted(tokens.userId()) + " WHERE t.";
    }

    /** Creates the reader and its pool for the current context; connects to nothing yet. */
    public static LmsReader create(Vertx vertx, DatabaseSettings settings, OpenedxTableSettings names) {
        return new LmsReader(
                Pools.create(vertx, "lms", settings, settings.readConnections()),
                settings.timeout().toMillis(),
                names);
    }

    /** Returns the users of those names. */
    public Future<List<Optional<LmsUser>>> users(List<String> names) {
        return ask(user, names, Collections::singletonList, LmsReader::readUser);
    }

    /** Returns whether those enrolments are there and active. */
    public Future<List<Boolean>> enrolments(List<LmsEnrolment> enrolments) {
        return ask(
                        enrolment,
                        enrolments,
                        asked -> List.of(asked.userId(), asked.courseKey()),
                        row -> isTrue(row.getValue(1)))
                .map(LmsReader::orFalse);
    }

    /** Returns whether those switches are there and on. */
    public Future<List<Boolean>> switches(List<String> names) {
        return ask(waffle, names, Collections::singletonList, row -> isTrue(row.getValue(1)))
                .map(LmsReader::orFalse);
    }

    /** Returns the tokens with those texts, to the letter, of users that there are. */
    public Future<List<Optional<LmsToken>>> tokens(List<String> texts) {
        return hasChecksums().compose(has -> has ? tokensByChecksum(texts) : tokensByText(texts));
    }

    private Future<List<Optional<LmsToken>>> tokensByText(List<String> texts) {
        return ask(
                        token + quoted(tokens.token()) + " = ?",
                        texts,
                        Collections::singletonList,
                        row -> Map.entry(row.getString(4), readToken(row)))
                .map(found -> IntStream.range(0, texts.size())
                        .mapToObj(i -> found.get(i)
                                .filter(entry -> entry.getKey().equals(texts.get(i)))
                                .map(Map.Entry::getValue))
                        .toList());
    }

    /** The checksum tells tokens apart to the letter; the text itself may be kept out of the table. */
    private Future<List<Optional<LmsToken>>> tokensByChecksum(List<String> texts) {
        return ask(token + quoted(CHECKSUM) + " = ?", texts, text -> List.of(sha256(text)), LmsReader::readToken);
    }

    /** Looks now and then: an upgrade of the LMS adds the column, and with it drops the index on the text. */
    private Future<Boolean> hasChecksums() {
        Boolean known = checksums;
        if (known != null && System.nanoTime() - checksumsSeenAt < CHECKSUMS_NANOS) {
            return Future.succeededFuture(known);
        }
        String[] names = tokens.table().split("\\.", 2);
        String schema = names.length == 2 ? names[0] : null;
        return pool.preparedQuery("SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA ="
                        + " COALESCE(?, DATABASE()) AND TABLE_NAME = ? AND COLUMN_NAME = ?")
                .execute(Tuple.of(schema, names[names.length - 1], CHECKSUM))
                .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
                .map(rows -> {
                    boolean has = rows.iterator().next().getLong(0) > 0;
                    checksums = has;
                    checksumsSeenAt = System.nanoTime();
                    return has;
                });
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** Closes every connection. */
    public Future<Void> close() {
        return pool.close();
    }

    /**
     * Asks all questions at once: one SELECT for each, united, so that each is looked up in the column's index and by
     * its collation. The last is repeated up to a power of two, for few different statements.
     */
    private <Q, A> Future<List<Optional<A>>> ask(
            String select, List<Q> questions, Function<Q, List<?>> parameters, Function<Row, A> reading) {
        int width = Integer.highestOneBit(questions.size() * 2 - 1);
        String sql = IntStream.range(0, width)
                .mapToObj(i -> "SELECT " + i + ", " + select)
                .collect(Collectors.joining(" UNION ALL "));
        Tuple tuple = Tuple.tuple();
        for (int i = 0; i < width; i++) {
            parameters.apply(questions.get(Math.min(i, questions.size() - 1))).forEach(tuple::addValue);
        }
        return pool.preparedQuery(sql)
                .execute(tuple)
                .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
                .map(rows -> {
                    List<Optional<A>> answers =
                            new ArrayList<>(Collections.nCopies(questions.size(), Optional.empty()));
                    for (Row row : rows) {
                        int question = Math.toIntExact(row.getLong(0));
                        if (question < answers.size()) {
                            answers.set(question, Optional.of(reading.apply(row)));
                        }
                    }
                    return answers;
                })
                .recover(failure -> DatabaseFailure.isImpossibleText(failure)
                        ? askEach(select, questions, parameters, reading)
                        : Future.failedFuture(failure));
    }

    /** One of the questions is after a text that its column can't hold: there is no such row, but maybe the others'. */
    private <Q, A> Future<List<Optional<A>>> askEach(
            String select, List<Q> questions, Function<Q, List<?>> parameters, Function<Row, A> reading) {
        if (questions.size() == 1) {
            return Future.succeededFuture(List.of(Optional.empty()));
        }
        return Future.all(questions.stream()
                        .map(question -> ask(select, List.of(question), parameters, reading))
                        .toList())
                .map(all -> all.<List<Optional<A>>>list().stream()
                        .map(answers -> answers.get(0))
                        .toList());
    }

    private static LmsToken readToken(Row row) {
        Instant expires = row.getLocalDateTime(5).toInstant(ZoneOffset.UTC);
        return new LmsToken(expires, readUser(row), isTrue(row.getValue(6)));
    }

    private static LmsUser readUser(Row row) {
        return new LmsUser(Math.toIntExact(row.getLong(1)), row.getString(2), isTrue(row.getValue(3)));
    }

    private static boolean isTrue(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() != 0 : Boolean.TRUE.equals(value);
    }

    private static List<Boolean> orFalse(List<Optional<Boolean>> answers) {
        return answers.stream().map(answer -> answer.orElse(false)).toList();
    }

    private static String quoted(String name) {
        return "`" + name.replace(".", "`.`") + "`";
    }
}
