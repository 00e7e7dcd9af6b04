package dev.writebehind.api;

import dev.writebehind.auth.Caller;
import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.core.CourseCompletions;
import dev.writebehind.core.CourseReader;
import dev.writebehind.core.UnreliableReadException;
import dev.writebehind.http.Problem;
import dev.writebehind.http.QueryString;
import dev.writebehind.http.Reception;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handler of {@code GET /v1/users/{user_id}/completions}, which answers with a learner's completions in a course,
 * those not yet in the table as well. Confined to the event loop of its reader.
 */
final class ReadHandler {
    private static final Logger log = LoggerFactory.getLogger(ReadHandler.class);

    /** When what is answered was current, where that is not known to be now. */
    private static final CharSequence AS_OF = HttpHeaders.createOptimized("completion-as-of");

    private final CourseReader reader;
    private final KeyPool keys;

    ReadHandler(CourseReader reader, KeyPool keys) {
        this.reader = reader;
        this.keys = keys;
    }

    Reception reception(RoutingContext ctx, Caller caller) {
        QueryString query = QueryString.of(ctx.request());
        LearnerRequest request = LearnerRequest.of(ctx.pathParam("user_id"), query, caller, keys);
        return new Reception.WithoutBody(() -> answer(ctx, request));
    }

    private void answer(RoutingContext ctx, LearnerRequest request) {
        Set<String> blocks = request.blocks().stream().map(BlockKey::folded).collect(Collectors.toSet());
        reader.read(request.learnerCourse())
                .onSuccess(completions -> {
                    completions.asOf().ifPresent(micros -> ctx.response().putHeader(AS_OF, MomentText.of(micros)));
                    ctx.response()
                            .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                            .end(json(completions, blocks).toBuffer());
                })
                .onFailure(failure -> {
                    log.debug("A read failed", failure);
                    problem(failure).send(ctx.response());
                });
    }

    private static Problem problem(Throwable failure) {
        return failure instanceof UnreliableReadException
                ? Problem.unavailable("journal-unavailable", String.valueOf(failure.getMessage()))
                : Problem.unavailable("database-unreadable", "the database can't be read: " + failure.getMessage());
    }

    private static JsonObject json(CourseCompletions completions, Set<String> blocks) {
        JsonArray list = new JsonArray();
        completions.forEach(blocks, (completion, isPending) -> list.add(json(completion, isPending)));
        return new JsonObject().put("completions", list);
    }

    private static JsonObject json(StoredCompletion completion, boolean isPending) {
        return new JsonObject()
                .put("block_key", completion.blockKey())
                .put("block_type", completion.blockType())
                .put("completion", completion.completion())
                .put("created", MomentText.of(completion.createdAt()))
                .put("modified", MomentText.of(completion.modifiedAt()))
                .put("state", isPending ? "pending" : "stored");
    }
}
