package dev.writebehind.ingest;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.buffer.View;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.InvalidKeyException;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.store.CompletionReader;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/users/{user_id}/completions}: the table's rows with everything laid over them that the buffer holds.
 * Confined to the event loop of its reader.
 */
final class ReadHandler {
    private final CompletionBuffer buffer;
    private final CompletionReader reader;
    private final KeyPool keys;

    ReadHandler(CompletionBuffer buffer, CompletionReader reader, KeyPool keys) {
        this.buffer = buffer;
        this.reader = reader;
        this.keys = keys;
    }

    void handle(RoutingContext ctx) {
        int userId;
        CourseKey course;
        Set<String> blocks;
        try {
            userId = userId(ctx.pathParam("user_id"));
            Callers.requireAccess(Callers.of(ctx), userId);
            QueryString query = QueryString.parse(ctx.request().query());
            course = course(query.first("course_key"));
            blocks = blocks(query.all("block_key"));
        } catch (ProblemException e) {
            e.problem().send(ctx.response());
            return;
        }
        View view = buffer.view(userId, course);
        view.rows()
                .ifPresentOrElse(
                        rows -> answer(ctx, Overlay.of(rows, view), blocks),
                        () -> reader.read(userId, course)
                                .onSuccess(rows -> {
                                    buffer.remember(view, rows);
                                    answer(ctx, Overlay.of(rows, view), blocks);
                                })
                                .onFailure(failure -> Problem.unavailable(
                                                "the database can't be read: " + failure.getMessage())
                                        .send(ctx.response())));
    }

    private static void answer(RoutingContext ctx, Overlay overlay, Set<String> blocks) {
        ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(overlay.json(blocks).toBuffer());
    }

    private static int userId(@Nullable String text) {
        try {
            int userId = Integer.parseInt(String.valueOf(text));
            if (userId > 0) {
                return userId;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw invalid("user_id", "must be between 1 and " + Integer.MAX_VALUE);
    }

    private CourseKey course(@Nullable String value) {
        if (value == null) {
            throw invalid("course_key", "is missing");
        }
        try {
            return keys.course(value);
        } catch (InvalidKeyException e) {
            throw invalid("course_key", e.reason());
        }
    }

    /** Returns the wanted blocks' keys, folded; empty: all. */
    private Set<String> blocks(List<String> values) {
        Set<String> blocks = new HashSet<>();
        for (String value : values) {
            try {
                blocks.add(keys.block(value).folded());
            } catch (InvalidKeyException e) {
                throw invalid("block_key", e.reason());
            }
        }
        return blocks;
    }

    private static ProblemException invalid(String name, String reason) {
        return new ProblemException(Problem.invalidParameter(name, reason));
    }
}
