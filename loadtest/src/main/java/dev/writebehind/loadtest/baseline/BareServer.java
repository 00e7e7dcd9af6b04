package dev.writebehind.loadtest.baseline;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.loadtest.baseline.BodyDecoder.BlockValue;
import dev.writebehind.loadtest.baseline.BodyDecoder.Write;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * The ceiling of the HTTP side: decodes the body that the service takes, gives its answer, and keeps nothing; or, as
 * one would write it in an hour, with a Router, its BodyHandler, and each write put into a Caffeine cache. Safe for any
 * event loop.
 */
@Command(name = "BareServer")
public final class BareServer implements Callable<Integer> {
    @Option(names = "--port", converter = Value.NotNegative.class)
    private int port;

    @Option(names = "--keep", description = "each write, in a cache")
    private boolean keep;

    private final Cache<CompletionKey, Double> kept = Caffeine.newBuilder().build();
    private final BodyDecoder decoder = new BodyDecoder();

    private BareServer() {}

    /** Serves until SIGTERM. */
    public static void main(String[] args) {
        BaselineProcess.run(new BareServer(), args);
    }

    @Override
    public Integer call() throws Exception {
        BaselineProcess process = new BaselineProcess();
        process.serve(port, keep ? router(process.vertx()) : this::answer, () -> true);
        return ExitCode.OK;
    }

    private Router router(Vertx vertx) {
        Router router = Router.router(vertx);
        router.post("/v1/completions").handler(BodyHandler.create(false)).handler(ctx -> {
            List<Write> writes = decoder.writes(ctx.body().buffer().getBytes());
            for (Write write : writes) {
                BlockValue value = write.value();
                kept.put(new CompletionKey(write.userId(), value.course(), value.block()), value.completion());
            }
            ctx.response()
                    .setStatusCode(202)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end("{\"accepted\":" + writes.size() + ",\"ack\":\"memory\"}");
        });
        return router;
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
