package dev.writebehind.ops;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.core.Administration;
import dev.writebehind.core.TakingStats;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The routes that tell the state of the service: once, or each second as server-sent events, which begin with the
 * figures of the last minutes. Confined to its server's context.
 */
final class StatusRoutes {
    private static final String STATUS = "/admin/status";
    private static final String EVENTS = "/admin/events";
    private static final long PERIOD_MILLIS = 1_000;
    /** A quarter of an hour. */
    private static final int MOST_SAMPLES = 900;

    private static final int MOST_READERS = 32;
    /** Readers that take none of so many events, of two each second, are given up. */
    private static final int MOST_MISSED = 60;

    private final Vertx vertx;
    private final Administration service;
    private final TakingStats taking;
    private final StatusView view;
    private final Deque<Sample> samples = new ArrayDeque<>();
    /** Of each reader, how many events it has missed in a row. */
    private final Map<HttpServerResponse, Integer> readers = new LinkedHashMap<>();

    private boolean isLooking;

    StatusRoutes(Vertx vertx, Administration service, TakingStats taking, StatusView view) {
        this.vertx = vertx;
        this.service = service;
        this.taking = taking;
        this.view = view;
    }

    /** Adds the routes, and begins to keep the figures. */
    void addTo(Router router) {
        router.get(STATUS).handler(this::status);
        router.get(EVENTS).handler(this::events);
        for (String path : List.of(STATUS, EVENTS)) {
            router.route(path).handler(ctx -> ManagementServer.notAllowed(ctx, HttpMethod.GET));
        }
        vertx.setPeriodic(PERIOD_MILLIS, tick -> tick());
    }

    private void status(RoutingContext ctx) {
        Blocking.call(vertx, view::json)
                .onSuccess(json -> ManagementServer.answer(ctx, 200, json))
                .onFailure(ctx::fail);
    }

    private void events(RoutingContext ctx) {
        if (readers.size() >= MOST_READERS) {
            ManagementServer.answer(
                    ctx, 503, ManagementServer.reason("there are " + MOST_READERS + " readers already: close some"));
            return;
        }
        HttpServerResponse response = ctx.response()
                .setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                // or a proxy would keep events until it has some kilobytes of them
                .putHeader("x-accel-buffering", "no");
        JsonArray past = new JsonArray();
        samples.forEach(sample -> past.add(sample.json()));
        response.write(
                event("history", new JsonObject().put("columns", Sample.COLUMNS).put("samples", past)));
        readers.put(response, 0);
        response.closeHandler(closed -> readers.remove(response));
        response.exceptionHandler(failed -> readers.remove(response));
        look(List.of(response));
    }

    private void tick() {
        Sample sample = Sample.of(System.currentTimeMillis(), service, taking);
        samples.addLast(sample);
        if (samples.size() > MOST_SAMPLES) {
            samples.removeFirst();
        }
        if (readers.isEmpty()) {
            return;
        }
        send(List.copyOf(readers.keySet()), event("sample", sample.json()));
        if (!isLooking) {
            isLooking = true;
            look(List.copyOf(readers.keySet())).onComplete(done -> isLooking = false);
        }
    }

    private Future<JsonObject> look(List<HttpServerResponse> to) {
        return Blocking.call(vertx, view::json).onSuccess(json -> send(to, event("status", json)));
    }

    private void send(List<HttpServerResponse> to, String event) {
        for (HttpServerResponse reader : to) {
            Integer missed = readers.get(reader);
            if (missed == null) {
                continue;
            }
            if (!reader.writeQueueFull()) {
                readers.put(reader, 0);
                reader.write(event);
            } else if (missed < MOST_MISSED) {
                readers.put(reader, missed + 1);
            } else {
                readers.remove(reader);
                reader.reset();
            }
        }
    }

    private static String event(String name, Object data) {
        return "event: " + name + "\ndata: " + data + "\n\n";
    }
}
