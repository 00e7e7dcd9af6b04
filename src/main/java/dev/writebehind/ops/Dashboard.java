package dev.writebehind.ops;

import dev.writebehind.http.StaticContent;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import java.util.Map;

/**
 * The page for whoever looks after the service, and its files, at the management port's root. Pages of others can't
 * frame it, and it loads nothing from elsewhere. Stateless.
 */
final class Dashboard {
    private static final String FILES = "dashboard/";
    private static final String FILE = "/dashboard/:file";

    /** Fails at the start, and in every test, when the library's version in the POM is another one. */
    private static final String CHARTS = "META-INF/resources/webjars/uplot/1.6.30/dist/";

    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private Dashboard() {}

    static void addTo(Router router) {
        StaticContent page = load(FILES + "index.html", "text/html; charset=utf-8");
        Map<String, StaticContent> files = Map.of(
                "dashboard.js", load(FILES + "dashboard.js", SCRIPT),
                "stream.js", load(FILES + "stream.js", SCRIPT),
                "words.js", load(FILES + "words.js", SCRIPT),
                "charts.js", load(FILES + "charts.js", SCRIPT),
                "dashboard.css", load(FILES + "dashboard.css", STYLE),
                "icon.svg", load(FILES + "icon.svg", "image/svg+xml"),
                "uplot.js", load(CHARTS + "uPlot.iife.min.js", SCRIPT),
                "uplot.css", load(CHARTS + "uPlot.min.css", STYLE));
        ManagementServer.reading(router, "/").handler(page::send);
        ManagementServer.reading(router, FILE).handler(ctx -> {
            StaticContent file = files.get(ctx.pathParam("file"));
            if (file == null) {
                ctx.next();
            } else {
                file.send(ctx);
            }
        });
        router.route("/").handler(ctx -> ManagementServer.notAllowed(ctx, HttpMethod.GET));
        router.route(FILE).handler(ctx -> {
            if (files.containsKey(ctx.pathParam("file"))) {
                ManagementServer.notAllowed(ctx, HttpMethod.GET);
            } else {
                ctx.next();
            }
        });
    }

    private static StaticContent load(String name, String type) {
        return StaticContent.load(name, type)
                .with("content-security-policy", POLICY)
                .with("x-frame-options", "DENY")
                .with("referrer-policy", "no-referrer")
                .with("cross-origin-opener-policy", "same-origin")
                .with("cross-origin-resource-policy", "same-origin");
    }
}
