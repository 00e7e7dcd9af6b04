package dev.writebehind.contract;

import dev.writebehind.http.Problem;
import dev.writebehind.http.Reception;
import dev.writebehind.http.Resource;
import dev.writebehind.http.StaticContent;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A path under which contents are served as they are.
 *
 * <p>Safe for any event loop.
 *
 * @param content returns what a request asks for; null: there is no such thing
 */
record ContractResource(String path, Function<RoutingContext, @Nullable StaticContent> content) implements Resource {
    @Override
    public Future<Reception> onHead(RoutingContext ctx) {
        HttpMethod method = ctx.request().method();
        StaticContent found = content.apply(ctx);
        if (found == null) {
            Problem.of(404, "Not found", "the page has no such file").send(ctx.response());
        } else if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
            return Future.succeededFuture(new Reception.WithoutBody(() -> found.send(ctx)));
        } else {
            Problem.sendNotAllowed(ctx.response(), HttpMethod.GET, HttpMethod.HEAD);
        }
        return Future.succeededFuture(new Reception.Answered());
    }
}
