package dev.writebehind.loadtest.baseline;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.loadtest.baseline.BodyDecoder.BlockValue;
import dev.writebehind.loadtest.baseline.BodyDecoder.Write;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * The ceiling of the HTTP side: decodes the body that the service takes, gives its answer, and keeps nothing; or, as
 * one would write it in an hour, with a Router, its BodyHandler, and each write put into a Caffeine cache, and answered
 * at once or when as many bytes as the service's journal takes are forced to disk. Safe for any event loop.
 */
@Command(name = "BareServer")
public final class BareServer implements Callable<Integer> {
    @Option(names = "--port", converter = Value.NotNegative.class)
    private int port;

    @Option(names = "--keep", description = "each write, in a cache")
    private boolean keep;

    @Option(names = "--journal", description = "directory of a journal that each kept write is forced to")
    private @Nullable Path journal;

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

    private Router router(Vertx vertx) throws IOException {
        BareJournal forced = journal == null ? null : BareJournal.open(journal);
        Router router = Router.router(vertx);
        router.post("/v1/completions").handler(BodyHandler.create(false)).handler(ctx -> {
            Buffer body = Objects.requireNonNull(ctx.body().buffer(), "a request without a body");
            List<Write> writes = decoder.writes(body.getBytes());
            int bytes = 0;
            for (Write write : writes) {
                BlockValue value = write.value();
                kept.put(new CompletionKey(write.userId(), value.course(), value.block()), value.completion());
                bytes += BareJournal.recordBytes(
                        value.course().value(), value.block().value());
            }
            if (forced == null) {
                answer(ctx.response(), writes.size(), "memory");
            } else {
                forced.append(bytes, vertx.getOrCreateContext())
                        .onSuccess(done -> answer(ctx.response(), writes.size(), "journal"))
                        .onFailure(ctx::fail);
            }
        });
        return router;
    }

    private static void answer(HttpServerResponse response, int accepted, String ack) {
        response.setStatusCode(202)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end("{\"accepted\":" + accepted + ",\"ack\":\"" + ack + "\"}");
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
