package dev.writebehind.testing;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * A connection to a page of Chromium in its DevTools protocol: commands with their results, and events. Safe for any
 * thread.
 */
final class DevTools implements AutoCloseable {
    private static final long MAX_WAIT_SECONDS = Patience.LONG.toSeconds();

    private final Map<Integer, CompletableFuture<JsonObject>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger lastId = new AtomicInteger();
    private final BiConsumer<String, JsonObject> events;
    private final WebSocket socket;

    /**
     * Connects.
     *
     * @param events is told an event's method and parameters, one after the other
     */
    DevTools(HttpClient http, URI page, BiConsumer<String, JsonObject> events) {
        this.events = events;
        this.socket =
                http.newWebSocketBuilder().buildAsync(page, new Receiver()).join();
    }

    /** Has a command done and returns its result. */
    JsonObject call(String method, JsonObject parameters) {
        int id = lastId.incrementAndGet();
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        String command = new JsonObject()
                .put("id", id)
                .put("method", method)
                .put("params", parameters)
                .encode();
        try {
            send(command);
            return answer.get(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the browser did not do " + command, e);
        }
    }

    /** Has a command without parameters done and returns its result. */
    JsonObject call(String method) {
        return call(method, new JsonObject());
    }

    /** One at a time: a web socket refuses a message before the last is sent. */
    private synchronized void send(String command) throws InterruptedException, ExecutionException, TimeoutException {
        socket.sendText(command, true).get(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        socket.abort();
    }

    private void received(JsonObject message) {
        Integer id = message.getInteger("id");
        if (id == null) {
            events.accept(message.getString("method"), message.getJsonObject("params", new JsonObject()));
            return;
        }
        CompletableFuture<JsonObject> answer = waiting.remove(id);
        JsonObject error = message.getJsonObject("error");
        if (error == null) {
            answer.complete(message.getJsonObject("result"));
        } else {
            answer.completeExceptionally(new IllegalStateException(error.encode()));
        }
    }

    /** The reader of messages, which come in parts. */
    private final class Receiver implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean isLast) {
            message.append(part);
            if (isLast) {
                JsonObject whole = new JsonObject(message.toString());
                message.setLength(0);
                received(whole);
            }
            from.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable failure) {
            waiting.values().forEach(answer -> answer.completeExceptionally(failure));
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            onError(from, new IllegalStateException("the browser hung up: " + reason));
            return null;
        }
    }
}
