package dev.writebehind.ops;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.core.Administration;
import dev.writebehind.flush.DeadLetter;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes for listing, retrying and removing dead letters over the management port. Confined to its server's
 * context.
 */
final class DeadLetterRoutes {
    private static final Logger log = LoggerFactory.getLogger(DeadLetterRoutes.class);
    private static final String ALL = "/admin/dead-letters";
    private static final int MAX_LISTED = 1_000;
    private static final Pattern ID = Pattern.compile("[0-9]{1,19}");

    private final Vertx vertx;
    private final Administration service;
    private final Asked asked;

    DeadLetterRoutes(Vertx vertx, Administration service, Asked asked) {
        this.vertx = vertx;
        this.service = service;
        this.asked = asked;
    }

    void addTo(Router router) {
        router.get(ALL).handler(this::list);
        router.post(ALL + "/:id/retry").handler(this::retry);
        router.delete(ALL + "/:id").handler(this::remove);
        router.route(ALL).handler(ctx -> ManagementServer.notAllowed(ctx, HttpMethod.GET));
        router.route(ALL + "/:id/retry").handler(ctx -> ManagementServer.notAllowed(ctx, HttpMethod.POST));
        router.route(ALL + "/:id").handler(ctx -> ManagementServer.notAllowed(ctx, HttpMethod.DELETE));
    }

    private void list(RoutingContext ctx) {
        String after = ctx.request().getParam("after", "0");
        if (!ID.matcher(after).matches() || after.length() == 19) {
            ManagementServer.answer(ctx, 400, ManagementServer.reason("after must be the id of a dead letter"));
            return;
        }
        Blocking.call(vertx, () -> service.deadLetters(Long.parseLong(after), MAX_LISTED))
                .onSuccess(letters -> ManagementServer.answer(ctx, 200, json(letters)))
                .onFailure(failure -> failed(ctx, failure));
    }

    private void retry(RoutingContext ctx) {
        String id = id(ctx);
        if (id == null) {
            return;
        }
        ManagementServer.here(service.retryDeadLetter(id))
                .onSuccess(found -> {
                    if (found) {
                        asked.note(ctx.request(), "Dead letter " + id + " was stored");
                        ManagementServer.answer(ctx, 200, new JsonObject().put("status", "stored"));
                    } else {
                        unknown(ctx);
                    }
                })
                .onFailure(failure -> {
                    log.debug("A retry of a dead letter failed", failure);
                    asked.note(ctx.request(), "Dead letter " + id + " was tried again and not stored");
                    ManagementServer.answer(
                            ctx,
                            409,
                            new JsonObject().put("status", "not stored").put("reason", failure.getMessage()));
                });
    }

    private void remove(RoutingContext ctx) {
        String id = id(ctx);
        if (id == null) {
            return;
        }
        Blocking.call(vertx, () -> service.removeDeadLetter(id))
                .onSuccess(removed -> {
                    if (removed) {
                        asked.note(ctx.request(), "Dead letter " + id + " was removed");
                        ManagementServer.answer(ctx, 200, new JsonObject().put("status", "removed"));
                    } else {
                        unknown(ctx);
                    }
                })
                .onFailure(failure -> failed(ctx, failure));
    }

    /** Returns the id in the path; null: it can't be one, and that is answered. */
    private static @Nullable String id(RoutingContext ctx) {
        String id = ctx.pathParam("id");
        if (id != null && ID.matcher(id).matches()) {
            return id;
        }
        unknown(ctx);
        return null;
    }

    private static JsonObject json(List<DeadLetter> letters) {
        JsonArray list = new JsonArray();
        letters.forEach(letter -> list.add(letter.json()));
        return new JsonObject().put("dead_letters", list);
    }

    private static void unknown(RoutingContext ctx) {
        ManagementServer.answer(ctx, 404, ManagementServer.reason("there is no dead letter of that id"));
    }

    private static void failed(RoutingContext ctx, Throwable failure) {
        log.debug("The dead letters can't be read", failure);
        ManagementServer.answer(ctx, 503, ManagementServer.reason("the dead letters can't be read: " + failure));
    }
}
