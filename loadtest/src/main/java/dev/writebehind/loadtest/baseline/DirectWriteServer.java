package dev.writebehind.loadtest.baseline;

import static java.util.Objects.requireNonNull;

import dev.writebehind.config.DatabaseUri;
import dev.writebehind.loadtest.baseline.BodyDecoder.Batch;
import dev.writebehind.loadtest.baseline.BodyDecoder.Write;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.DatabaseException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * The baseline that the service is compared with: an HTTP server that writes to the table within each request, as Open
 * edX does. It takes the service's API and Open edX's endpoint, whose token it does not check. Safe for any event loop.
 */
public final class DirectWriteServer {
    private static final String WRITES = "/v1/completions";
    private static final String BATCH = "/api/completion/v1/completion-batch";

    private final BodyDecoder decoder = new BodyDecoder();
    private final DirectWriter writer;
    private final AtomicInteger running = new AtomicInteger();

    private DirectWriteServer(DirectWriter writer) {
        this.writer = writer;
    }

    /** Serves until SIGTERM, then until the transactions under way have ended. */
    public static void main(String[] args) {
        BaselineProcess.run(new Serving(), args);
    }

    /** The command line, and what is done for it. */
    @Command(name = "DirectWriteServer")
    private static final class Serving implements Callable<Integer> {
        @Option(names = "--port", converter = Value.NotNegative.class)
        private int port;

        @Option(names = "--database", required = true, converter = Value.Database.class)
        private @Nullable DatabaseUri database;

        @Option(names = "--pool", required = true, converter = Value.Positive.class)
        private int pool;

        @Option(names = "--queue", required = true, converter = Value.NotNegative.class)
        private int queue;

        @Option(names = "--queue-timeout", description = "as PT5S")
        private Duration queueTimeout = Duration.ofSeconds(5);

        @Override
        public Integer call() throws Exception {
            BaselineProcess process = new BaselineProcess();
            DirectWriteServer server = new DirectWriteServer(new DirectWriter(
                    DirectWriter.pool(process.vertx(), requireNonNull(database), pool, queue, queueTimeout)));
            process.serve(port, server::answer, () -> server.running.get() == 0);
            return ExitCode.OK;
        }
    }

    private void answer(HttpServerRequest request) {
        boolean isPost = HttpMethod.POST.equals(request.method());
        if (isPost && WRITES.equals(request.path())) {
            answer(request, this::write);
        } else if (isPost && BATCH.equals(request.path())) {
            answer(request, this::writeBatch);
        } else {
            send(request.response(), new Answer(404, new JsonObject()));
        }
    }

    private void answer(HttpServerRequest request, Work work) {
        request.body()
                .compose(body -> {
                    running.incrementAndGet();
                    return Future.succeededFuture(body)
                            .compose(work::apply)
                            .onComplete(done -> running.decrementAndGet());
                })
                .otherwise(DirectWriteServer::failure)
                .onSuccess(answer -> send(request.response(), answer));
    }

    private Future<Answer> write(Buffer body) {
        List<Write> writes = decoder.writes(body.getBytes());
        Answer accepted = new Answer(202, new JsonObject().put("accepted", writes.size()));
        return writer.write(writes, now()).map(accepted);
    }

    private Future<Answer> writeBatch(Buffer body) {
        Batch batch = decoder.batch(body.getBytes());
        return writer.writeBatch(batch, now()).map(new Answer(200, detail("ok")));
    }

    private static LocalDateTime now() {
        return LocalDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
    }

    private static Answer failure(Throwable failure) {
        JsonObject body = detail(String.valueOf(failure.getMessage()));
        if (failure instanceof IllegalArgumentException) {
            return new Answer(400, body);
        }
        if (failure instanceof DirectWriter.RefusedException refused) {
            return new Answer(refused.status(), body);
        }
        return new Answer(
                500, failure instanceof DatabaseException error ? body.put("error", error.getErrorCode()) : body);
    }

    private static JsonObject detail(String text) {
        return new JsonObject().put("detail", text);
    }

    private static void send(HttpServerResponse response, Answer answer) {
        if (!response.closed()) {
            response.setStatusCode(answer.status())
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(answer.body().toBuffer());
        }
    }

    private record Answer(int status, JsonObject body) {}

    private interface Work {
        Future<Answer> apply(Buffer body);
    }
}
