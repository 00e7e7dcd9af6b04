package dev.writebehind.flush;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.store.ChangeBatch;
import dev.writebehind.store.ChangeBatch.Resets;
import dev.writebehind.store.UpsertSession.Committed;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The burial in files: those that resets undo go after the rows, and before anybody takes note of the resets, which are
 * repeated after a crash in between. Confined to the flusher's context.
 */
final class FileBurial implements Burial {
    private final Vertx vertx;
    private final DeadLetterFiles files;

    FileBurial(Vertx vertx, DeadLetterFiles files) {
        this.vertx = vertx;
        this.files = files;
    }

    @Override
    public Future<Void> add(LaneConnection connection, List<DeadLetter> letters) {
        return writing(() -> {
            for (DeadLetter letter : letters) {
                files.add(letter);
            }
        });
    }

    @Override
    public Future<Optional<DeadLetter>> find(LaneConnection connection, String id) {
        return Blocking.call(vertx, () -> files.find(id));
    }

    @Override
    public Future<Committed> commit(LaneConnection connection, ChangeBatch batch, @Nullable DeadLetter retried) {
        return connection
                .commit(batch)
                .compose(done -> (batch instanceof Resets resets
                                ? dropUndone(connection, resets.changes())
                                : Future.<Void>succeededFuture())
                        .map(done))
                .compose(done -> retried == null
                        ? Future.succeededFuture(done)
                        : Blocking.call(vertx, () -> files.remove(retried.id())).map(done));
    }

    private Future<Void> dropUndone(LaneConnection connection, List<CourseReset> resets) {
        Set<Integer> learners =
                resets.stream().map(reset -> reset.learnerCourse().userId()).collect(Collectors.toSet());
        return coursesOf(learners)
                .compose(courses -> Burial.withTwins(connection, resets, courses))
                .compose(all -> writing(() -> files.removeUndone(all)));
    }

    private Future<List<LearnerCourse>> coursesOf(Set<Integer> learners) {
        return Blocking.call(vertx, () -> {
            try {
                return files.coursesOf(learners);
            } catch (IOException e) {
                throw new DeadLettersUnwritableException(e);
            }
        });
    }

    private Future<Void> writing(Writing work) {
        return Blocking.run(vertx, () -> {
            try {
                work.run();
            } catch (IOException e) {
                throw new DeadLettersUnwritableException(e);
            }
        });
    }

    private interface Writing {
        void run() throws IOException;
    }
}
