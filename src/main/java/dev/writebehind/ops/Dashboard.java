package dev.writebehind.ops;

import dev.writebehind.http.StaticFile;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import java.util.Map;

/** The page for whoever looks after the service, and its files, at the management port's root. Stateless. */
final class Dashboard {
    /** Where everything but the page itself is. */
    static final String FILES = "/dashboard/";

    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final String CHARTS = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

    private Dashboard() {}

    static void addTo(Router router) {
        Map<String, StaticFile> files = Map.of(
                "/",
                StaticFile.of(FILES + "index.html", "text/html; charset=utf-8"),
                FILES + "dashboard.js",
                StaticFile.of(FILES + "dashboard.js", SCRIPT),
                FILES + "stream.js",
                StaticFile.of(FILES + "stream.js", SCRIPT),
                FILES + "charts.js",
                StaticFile.of(FILES + "charts.js", SCRIPT),
                FILES + "dashboard.css",
                StaticFile.of(FILES + "dashboard.css", STYLE),
                FILES + "icon.svg",
                StaticFile.of(FILES + "icon.svg", "image/svg+xml"),
                FILES + "uplot.js",
                StaticFile.of(CHARTS + "uPlot.iife.min.js", SCRIPT),
                FILES + "uplot.css",
                StaticFile.of(CHARTS + "uPlot.min.css", STYLE));
        files.forEach((path, file) -> {
            router.route(path)
                    .method(HttpMethod.GET)
                    .method(HttpMethod.HEAD)
                    .handler(ctx -> file.answer(ctx.request()));
            router.route(path).handler(ctx -> ManagementServer.notAllowed(ctx, HttpMethod.GET));
        });
    }
}
