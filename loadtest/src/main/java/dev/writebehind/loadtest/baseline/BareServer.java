package dev.writebehind.loadtest.baseline;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Set;

/**
 * The ceiling of the HTTP side: decodes the body that the service takes, gives its answer, and keeps nothing. Safe for
 * any event loop.
 */
public final class BareServer {
    private final BodyDecoder decoder = new BodyDecoder();

    private BareServer() {}

    /** Serves until SIGTERM. */
    public static void main(String[] args) {
        BaselineProcess.run(() -> {
            Arguments arguments = Arguments.parse(args, Set.of(), Map.of("port", "0"));
            BareServer server = new BareServer();
            new BaselineProcess().serve(arguments.integer("port", 0), server::answer, () -> true);
        });
    }

    private void answer(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            int status = 202;
            String answer;
            try {
                answer = "{\"accepted\":" + decoder.writes(body.getBytes()).size() + ",\"ack\":\"memory\"}";
            } catch (IllegalArgumentException e) {
                status = 400;
                answer = "{}";
            }
            request.response()
                    .setStatusCode(status)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(answer);
        });
    }
}
