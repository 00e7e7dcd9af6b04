package dev.writebehind.ingest;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.View;
import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.store.CompletionReader;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /v1/users/{user_id}/completions}: the table's rows with everything laid over them that the buffer holds.
 * Confined to the event loop of its reader.
 */
final class ReadHandler {
    private static final Logger log = LoggerFactory.getLogger(ReadHandler.class);
    /** Most reads of the table for one answer: a reset may overtake the first ones. */
    private static final int MAX_READS = 3;

    private final CompletionBuffer buffer;
    private final CompletionReader reader;
    private final KeyPool keys;

    ReadHandler(CompletionBuffer buffer, CompletionReader reader, KeyPool keys) {
        this.buffer = buffer;
        this.reader = reader;
        this.keys = keys;
    }

    void handle(RoutingContext ctx) {
        LearnerRequest request;
        try {
            request = LearnerRequest.of(ctx, keys);
        } catch (ProblemException e) {
            e.problem().send(ctx.response());
            return;
        }
        Set<String> blocks = request.blocks().stream().map(BlockKey::folded).collect(Collectors.toSet());
        read(request.learnerCourse(), 1)
                .onSuccess(overlay -> ctx.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                        .end(overlay.json(blocks).toBuffer()))
                .onFailure(failure -> {
                    log.debug("A read failed", failure);
                    Problem.unavailable("the database can't be read: " + failure.getMessage())
                            .send(ctx.response());
                });
    }

    private Future<Overlay> read(LearnerCourse learnerCourse, int attempt) {
        View view = buffer.view(learnerCourse.userId(), learnerCourse.course());
        if (view.rows().isPresent()) {
            return Future.succeededFuture(Overlay.of(view.rows().get(), view));
        }
        return reader.read(learnerCourse.userId(), learnerCourse.course()).compose(rows -> {
            if (buffer.isOvertaken(view) && attempt < MAX_READS) {
                return read(learnerCourse, attempt + 1);
            }
            buffer.remember(view, rows);
            return Future.succeededFuture(Overlay.of(rows, view));
        });
    }
}
