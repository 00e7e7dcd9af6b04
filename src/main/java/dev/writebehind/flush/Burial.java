package dev.writebehind.flush;

import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.store.ChangeBatch;
import dev.writebehind.store.UpsertSession.Committed;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the flusher does with dead letters, so that none is lost before its change leaves the journal, and none is left
 * once its change is undone or in the table. Confined to the flusher's context.
 */
interface Burial {
    /** Keeps them: they outlive a crash once it completes. One of the same id, from before a crash, is replaced. */
    Future<Void> add(LaneConnection connection, List<DeadLetter> letters);

    /** Returns the dead letter of that id. */
    Future<Optional<DeadLetter>> find(LaneConnection connection, String id);

    /**
     * Commits a batch; with it go the dead letters that its resets undo, also those of courses that the table holds for
     * the same.
     *
     * @param retried the one that the batch is made of, which goes too; fails with
     *     {@link dev.writebehind.store.NoDeadLetterException} if somebody else was faster; null: it is not made of one
     */
    Future<Committed> commit(LaneConnection connection, ChangeBatch batch, @Nullable DeadLetter retried);

    /** Returns the way that fits where they are kept. */
    static Burial of(Vertx vertx, DeadLetters letters) {
        return letters instanceof DeadLetterFiles files
                ? new FileBurial(vertx, files)
                : new TableBurial(((SharedDeadLetters) letters).keys());
    }

    /** Returns the resets, each for every one of the letters' courses that is its own to the table. */
    static Future<List<CourseReset>> withTwins(
            LaneConnection connection, List<CourseReset> resets, List<LearnerCourse> courses) {
        if (courses.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        List<CourseReset> asked = new ArrayList<>(resets);
        courses.forEach(course -> asked.add(new CourseReset(course, 0)));
        return connection
                .open()
                .compose(open -> open.learn(asked))
                .map(known -> TwinCourses.spread(resets, courses, known));
    }
}
