package dev.writebehind.contract;

import dev.writebehind.http.BodyWorkers;
import dev.writebehind.http.Dialect;
import dev.writebehind.http.Resource;
import dev.writebehind.http.StaticContent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;

/**
 * {@code /openapi.yaml}, and {@code /docs} with the files that it consists of: for everybody, whatever
 * {@code auth.mode} says. Read into memory once; immutable, and so safe for any event loop.
 */
public final class ContractPages implements Dialect {
    /** Fails at the start, and in every test, when the library's version in the POM is another one. */
    private static final String SWAGGER_UI = "META-INF/resources/webjars/swagger-ui/5.34.1/";

    /** Pictures in style sheets are written as data there. */
    private static final String POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
            + " form-action 'none'; frame-ancestors 'none'";

    private final List<Resource> resources;

    private ContractPages(List<Resource> resources) {
        this.resources = List.copyOf(resources);
    }

    /** Reads everything from the class path. */
    public static ContractPages load() {
        StaticContent contract = StaticContent.load("openapi.yaml", StaticContent.YAML);
        StaticContent page = StaticContent.load("docs/index.html", "text/html; charset=utf-8")
                .with("content-security-policy", POLICY)
                .with("referrer-policy", "no-referrer");
        String script = "text/javascript; charset=utf-8";
        Map<String, StaticContent> files = Map.of(
                "start.js", StaticContent.load("docs/start.js", script),
                "swagger-ui-bundle.js", StaticContent.load(SWAGGER_UI + "swagger-ui-bundle.js", script),
                "swagger-ui-bundle.js.LICENSE.txt",
                        StaticContent.load(
                                SWAGGER_UI + "swagger-ui-bundle.js.LICENSE.txt", "text/plain; charset=utf-8"),
                "swagger-ui.css", StaticContent.load(SWAGGER_UI + "swagger-ui.css", "text/css; charset=utf-8"),
                "favicon.png", StaticContent.load(SWAGGER_UI + "favicon-32x32.png", "image/png"));
        return new ContractPages(List.of(
                new ContractResource("/openapi.yaml", ctx -> contract),
                new ContractResource("/docs", ctx -> page),
                new ContractResource("/docs/:file", ctx -> files.get(ctx.pathParam("file")))));
    }

    @Override
    public List<Resource> open(Vertx vertx, BodyWorkers workers) {
        return resources;
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
