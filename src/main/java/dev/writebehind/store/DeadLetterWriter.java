package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

import dev.writebehind.completion.LearnerCourse;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters in their table, over one session of a flusher and under its claim. Confined to the connection's
 * context.
 */
public final class DeadLetterWriter {
    private static final String NAME = DeadLetterTable.NAME;

    /** One of the same id is the same change, buried by whoever flushed before. */
    private static final String ADD =
            "REPLACE INTO " + NAME + " (id, user_id, course_key, body, buried) VALUES (?, ?, ?, ?, ?)";

    private static final String FIND = "SELECT body FROM " + NAME + " WHERE id = ?";

    private static final String OF_LEARNERS = "SELECT l.id, l.user_id, l.course_key FROM JSON_TABLE(?, '$[*]'"
            + " COLUMNS(user_id INT PATH '$')) n STRAIGHT_JOIN " + NAME + " l ON l.user_id = n.user_id ORDER BY l.id";

    private static final String REMOVE = "DELETE l FROM JSON_TABLE(?, '$[*]' COLUMNS(id BIGINT PATH '$')) n"
            + " STRAIGHT_JOIN " + NAME + " l ON l.id = n.id";

    private final Transactions transactions;
    private final LazyStatements lazy;

    DeadLetterWriter(Transactions transactions, LazyStatements lazy) {
        this.transactions = transactions;
        this.lazy = lazy;
    }

    /**
     * A dead letter, as it is kept; immutable.
     *
     * @param id when the change was received, microseconds since the epoch
     * @param body all that is known of it
     */
    public record Letter(long id, LearnerCourse learnerCourse, String body, Instant buriedAt) {
        public Letter {
            requireNonNull(learnerCourse, "learnerCourse");
            requireNonNull(body, "body");
            requireNonNull(buriedAt, "buriedAt");
        }
    }

    /** Whose change a dead letter is; immutable. */
    public record Place(long id, int userId, String course) {
        public Place {
            requireNonNull(course, "course");
        }
    }

    /**
     * The dead letters that go in the transaction that makes them pointless; immutable.
     *
     * @param undone those that resets undo, whether or not they are there still
     * @param retried the one that is brought into the table, and has to be there still; null: none is
     */
    public record Gone(List<Long> undone, @Nullable Long retried) {
        /** None goes. */
        public static final Gone NONE = new Gone(List.of(), null);

        public Gone {
            undone = List.copyOf(undone);
        }

        boolean isNone() {
            return undone.isEmpty() && retried == null;
        }
    }

    /** Adds them, all or none. One that is there already is replaced. */
    public Future<Void> add(List<Letter> letters) {
        return transactions.run(() -> {
            Future<Void> added = Future.succeededFuture();
            for (Letter letter : letters) {
                added = added.compose(
                        before -> lazy.execute(ADD, parameters(letter)).mapEmpty());
            }
            return added;
        });
    }

    private static Tuple parameters(Letter letter) {
        LocalDateTime buried =
                LocalDateTime.ofInstant(letter.buriedAt().truncatedTo(ChronoUnit.MICROS), ZoneOffset.UTC);
        return Tuple.of(
                letter.id(),
                letter.learnerCourse().userId(),
                letter.learnerCourse().course().value(),
                letter.body(),
                buried);
    }

    /** Returns the body of that of an id. */
    public Future<Optional<String>> find(long id) {
        return lazy.execute(FIND, Tuple.of(id))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(rows.iterator().next().getString(0)));
    }

    /** Returns where those of these learners belong, oldest first. */
    public Future<List<Place>> ofLearners(Collection<Integer> learners) {
        return lazy.execute(OF_LEARNERS, Tuple.of(json(learners))).map(rows -> {
            List<Place> places = new ArrayList<>();
            rows.forEach(row -> places.add(new Place(row.getLong(0), row.getInteger(1), row.getString(2))));
            return places;
        });
    }

    /** Removes them, within a transaction; fails with {@link NoDeadLetterException}. */
    Future<Void> remove(Gone gone) {
        Long retried = gone.retried();
        Future<Void> first = retried == null
                ? Future.succeededFuture()
                : lazy.execute(REMOVE, Tuple.of(json(List.of(retried))))
                        .compose(removed -> removed.rowCount() == 0
                                ? Future.failedFuture(new NoDeadLetterException())
                                : Future.succeededFuture());
        return gone.undone().isEmpty()
                ? first
                : first.compose(retriedIsGone -> lazy.execute(REMOVE, Tuple.of(json(gone.undone()))))
                        .mapEmpty();
    }

    private static String json(Collection<? extends Number> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }
}
