package dev.writebehind.core;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.View;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.store.CompletionReader;
import io.vertx.core.Future;

/**
 * Reads what the table will hold of a learner in a course once everything accepted so far is flushed. Confined to the
 * event loop of its reader of the table.
 */
public final class CourseReader {
    /** Most reads of the table for one answer: a reset may overtake the first ones. */
    private static final int MAX_READS = 3;

    private final CompletionBuffer buffer;
    private final CompletionReader table;

    CourseReader(CompletionBuffer buffer, CompletionReader table) {
        this.buffer = buffer;
        this.table = table;
    }

    /** Fails as the reader of the table does, where it has to be asked. */
    public Future<CourseCompletions> read(LearnerCourse learnerCourse) {
        return read(learnerCourse, 1);
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
        return table.read(learnerCourse.userId(), learnerCourse.course()).compose(rows -> {
            if (buffer.isOvertaken(view) && attempt < MAX_READS) {
                return read(learnerCourse, attempt + 1);
            }
            buffer.remember(view, rows);
            return Future.succeededFuture(CourseCompletions.of(rows, view));
        });
    }
}
