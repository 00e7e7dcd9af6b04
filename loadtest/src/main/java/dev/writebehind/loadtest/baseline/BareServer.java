package dev.writebehind.loadtest.baseline;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * The ceiling of the HTTP side: decodes the body that the service takes, gives its answer, and keeps nothing. Safe for
 * any event loop.
 */
@Command(name = "BareServer")
public final class BareServer implements Callable<Integer> {
    @Option(names = "--port", converter = Value.NotNegative.class)
    private int port;

    private final BodyDecoder decoder = new BodyDecoder();

    private BareServer() {}

    /** Serves until SIGTERM. */
    public static void main(String[] args) {
        BaselineProcess.run(new BareServer(), args);
    }

    @Override
    public Integer call() throws Exception {
        new BaselineProcess().serve(port, this::answer, () -> true);
        return ExitCode.OK;
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
