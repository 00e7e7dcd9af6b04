package dev.writebehind.core;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.View;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.journal.JournalState;
import dev.writebehind.store.CompletionReader;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reader of what the table will hold of a learner in a course once everything accepted so far is flushed. Confined
 * to the event loop of its reader of the table.
 */
public final class CourseReader {
    /** Most reads of the table for one answer: a reset may overtake the first ones. */
    private static final int MAX_READS = 3;

    private static final Logger log = LoggerFactory.getLogger(CourseReader.class);
    private static final Future<Long> CURRENT = Future.succeededFuture(Long.MAX_VALUE);

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

    /**
     * Fails as the reader of the table does, where it has to be asked. Where a log that others append to can't tell its
     * end, what is known without it, and {@link CourseCompletions#asOf} when that was; fails with {@link
     * UnreliableReadException} where that is not known to be right.
     */
    public Future<CourseCompletions> read(LearnerCourse learnerCourse) {
        return caughtUp().compose(asOf -> read(learnerCourse, 1, asOf));
    }

    /** Closes its connections. */
    public Future<Void> close() {
        return table.close();
    }

    private Future<CourseCompletions> read(LearnerCourse learnerCourse, int attempt, long asOf) {
        View view = buffer.view(learnerCourse.userId(), learnerCourse.course());
        if (view.rows().isPresent()) {
            return Future.succeededFuture(CourseCompletions.of(view.rows().get(), view, asOf));
        }
        return table.read(learnerCourse.userId(), learnerCourse.course())
                // Another instance may have carried out a reset of which this one has not heard yet.
                .compose(rows -> caughtUp().compose(still -> {
                    long shown = Math.min(asOf, still);
                    if (buffer.isOvertaken(view) && attempt < MAX_READS) {
                        return read(learnerCourse, attempt + 1, shown);
                    }
                    buffer.remember(view, rows);
                    return Future.succeededFuture(CourseCompletions.of(rows, view, shown));
                }));
    }

    /** Completes with the time up to which the buffer showed all before the call, {@link #CURRENT} if there is none. */
    private Future<Long> caughtUp() {
        long applied = acceptance.appliedUpTo();
        CompletableFuture<Void> caughtUp = acceptance.caughtUp().toCompletableFuture();
        if (caughtUp.isDone() && !caughtUp.isCompletedExceptionally()) {
            return CURRENT;
        }
        return Future.fromCompletionStage(caughtUp, context).transform(done -> {
            if (done.succeeded()) {
                return CURRENT;
            }
            log.debug("A read is answered without the log", done.cause());
            JournalState state = acceptance.state();
            return state instanceof JournalState.Failed
                    ? Future.failedFuture(new UnreliableReadException(state.explanation()))
                    : Future.succeededFuture(applied);
        });
    }
}
