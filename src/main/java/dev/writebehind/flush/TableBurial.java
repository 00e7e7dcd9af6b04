package dev.writebehind.flush;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.store.ChangeBatch;
import dev.writebehind.store.ChangeBatch.Resets;
import dev.writebehind.store.DeadLetterWriter.Gone;
import dev.writebehind.store.DeadLetterWriter.Letter;
import dev.writebehind.store.DeadLetterWriter.Place;
import dev.writebehind.store.UpsertSession.Committed;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The burial in a table: letters come by a transaction under the flusher's claim, and go by the transaction that undoes
 * them or brings them into the table, before its rows. Confined to the flusher's context.
 */
final class TableBurial implements Burial {
    private final KeyPool keys;

    TableBurial(KeyPool keys) {
        this.keys = keys;
    }

    @Override
    public Future<Void> add(LaneConnection connection, List<DeadLetter> letters) {
        List<Letter> rows = letters.stream()
                .map(each -> new Letter(
                        each.change().receivedAt(),
                        each.change().learnerCourse(),
                        each.json().encode(),
                        each.buriedAt()))
                .toList();
        return connection.open().compose(open -> open.deadLetters().add(rows));
    }

    @Override
    public Future<Optional<DeadLetter>> find(LaneConnection connection, String id) {
        OptionalLong number = DeadLetter.number(id);
        return number.isEmpty()
                ? Future.succeededFuture(Optional.empty())
                : connection
                        .open()
                        .compose(open -> open.deadLetters().find(number.getAsLong()))
                        .map(body -> body.map(text -> DeadLetter.of(new JsonObject(text), keys)));
    }

    @Override
    public Future<Committed> commit(LaneConnection connection, ChangeBatch batch, @Nullable DeadLetter retried) {
        Long id = retried == null ? null : retried.change().receivedAt();
        return (batch instanceof Resets resets
                        ? undoneBy(connection, resets.changes())
                        : Future.succeededFuture(List.<Long>of()))
                .compose(undone -> connection.commit(batch, new Gone(undone, id)));
    }

    /** None is added meanwhile that these resets undo: of what they do, only this flusher has anything left. */
    private Future<List<Long>> undoneBy(LaneConnection connection, List<CourseReset> resets) {
        Set<Integer> learners =
                resets.stream().map(reset -> reset.learnerCourse().userId()).collect(Collectors.toSet());
        return connection
                .open()
                .compose(open -> open.deadLetters().ofLearners(learners))
                .compose(places -> Burial.withTwins(
                                connection,
                                resets,
                                places.stream().map(this::course).distinct().toList())
                        .map(undoing -> places.stream()
                                .filter(place -> undoing.stream().anyMatch(reset -> isUndone(place, reset)))
                                .map(Place::id)
                                .toList()));
    }

    private boolean isUndone(Place letter, Change reset) {
        return letter.id() < reset.receivedAt() && course(letter).equals(reset.learnerCourse());
    }

    private LearnerCourse course(Place letter) {
        return new LearnerCourse(letter.userId(), keys.course(letter.course()));
    }
}
