package dev.writebehind.core;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.View;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.store.CompletionReader;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.concurrent.CompletableFuture;

/**
 * The reader of what the table will hold of a learner in a course once everything accepted so far is flushed. Confined
 * to the event loop of its reader of the table.
 */
public final class CourseReader {
    /** Most reads of the table for one answer: a reset may overtake the first ones. */
    private static final int MAX_READS = 3;

    private final Context context;
    private final Acceptance acceptance;
    private final CompletionBuffer buffer;
    private final CompletionReader table;

    CourseReader(Context context, Acceptance acceptance, CompletionBuffer buffer, CompletionReader table) {
        this.context = context;
        this.acceptance = acceptance;
        this.buffer = buffer;
        this.table = table;
    }

    /** Fails as the reader of the table does, where it has to be asked, or as a log that can't tell its end. */
    public Future<CourseCompletions> read(LearnerCourse learnerCourse) {
        return caughtUp().compose(now -> read(learnerCourse, 1));
    }

    /** Closes its connections. */
    public Future<Void> close() {
        return table.close();
    }

    private Future<CourseCompletions> read(LearnerCourse learnerCourse, int attempt) {
        View view = buffer.view(learnerCourse.userId(), learnerCourse.course());
        if (view.rows().isPresent()) {
            return Future.succeededFuture(CourseCompletions.of(view.rows().get(), view));
        }
        return table.read(learnerCourse.userId(), learnerCourse.course())
                // Another instance may have carried out a reset of which this one has not heard yet.
                .compose(rows -> caughtUp().map(rows))
                .compose(rows -> {
                    if (buffer.isOvertaken(view) && attempt < MAX_READS) {
                        return read(learnerCourse, attempt + 1);
                    }
                    buffer.remember(view, rows);
                    return Future.succeededFuture(CourseCompletions.of(rows, view));
                });
    }

    private Future<Void> caughtUp() {
        CompletableFuture<Void> caughtUp = acceptance.caughtUp().toCompletableFuture();
        return caughtUp.isDone() && !caughtUp.isCompletedExceptionally()
                ? Future.succeededFuture()
                : Future.fromCompletionStage(caughtUp, context);
    }
}
