package dev.writebehind.ops;

import dev.writebehind.config.Reload;
import dev.writebehind.config.Setting;
import dev.writebehind.core.Reloading;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;

/** The routes for seeing and reloading the settings over the management port. Confined to its server's context. */
final class SettingsRoutes {
    private static final String CONFIG = "/admin/config";
    private static final String RELOAD = "/admin/reload";
    private static final long MAX_WAIT_SECONDS = 10;

    private final Reloading reloading;
    private final Asked asked;

    SettingsRoutes(Reloading reloading, Asked asked) {
        this.reloading = reloading;
        this.asked = asked;
    }

    void addTo(Router router) {
        router.get(CONFIG).handler(this::list);
        router.post(RELOAD).handler(this::reload);
        router.route(CONFIG).handler(ctx -> ManagementServer.notAllowed(ctx, HttpMethod.GET));
        router.route(RELOAD).handler(ctx -> ManagementServer.notAllowed(ctx, HttpMethod.POST));
    }

    private void list(RoutingContext ctx) {
        JsonArray list = new JsonArray();
        for (Setting setting : reloading.settings()) {
            JsonObject item = new JsonObject()
                    .put("key", setting.key())
                    .put("value", setting.value())
                    .put("origin", setting.origin().toString())
                    .put("reloads", setting.reloads());
            if (setting.awaitingRestart() != null) {
                item.put("awaiting_restart", setting.awaitingRestart());
            }
            list.add(item);
        }
        ManagementServer.answer(ctx, 200, new JsonObject().put("settings", list));
    }

    private void reload(RoutingContext ctx) {
        ManagementServer.here(reloading.reload().timeout(MAX_WAIT_SECONDS, TimeUnit.SECONDS))
                .onSuccess(outcome -> answer(ctx, outcome))
                .onFailure(failure -> ManagementServer.answer(
                        ctx, 503, ManagementServer.reason("the settings are not read in time: " + failure)));
    }

    private void answer(RoutingContext ctx, Reload outcome) {
        if (outcome instanceof Reload.NoFile) {
            ManagementServer.answer(
                    ctx,
                    409,
                    new JsonObject()
                            .put("status", "no file")
                            .put("reason", "the settings come from no file that could be read again"));
        } else if (outcome instanceof Reload.Refused refused) {
            asked.mention(ctx.request(), "The settings were not reloaded: they are wrong");
            ManagementServer.answer(
                    ctx, 422, new JsonObject().put("status", "refused").put("reason", refused.reason()));
        } else if (outcome instanceof Reload.Applied applied) {
            asked.mention(ctx.request(), "The settings were read again");
            JsonArray changed = new JsonArray();
            applied.changed()
                    .forEach(change -> changed.add(new JsonObject()
                            .put("key", change.key())
                            .put("from", change.from())
                            .put("to", change.to())));
            ManagementServer.answer(
                    ctx,
                    200,
                    new JsonObject()
                            .put("status", "reloaded")
                            .put("changed", changed)
                            .put("awaiting_restart", new JsonArray(applied.awaitingRestart())));
        }
    }
}
