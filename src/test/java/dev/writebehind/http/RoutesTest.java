package dev.writebehind.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.config.ByteSize;
import dev.writebehind.config.HttpSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.RoutingContext;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** On real sockets, with one resource that a test makes up. */
@ExtendWith(VertxExtension.class)
class RoutesTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Buffer BODY = Buffer.buffer("x".repeat(100_000));

    private final BodyBudget budget = BodyBudget.create(new HttpSettings(
            "127.0.0.1", 0, ByteSize.ofMebibytes(1), ByteSize.ofMebibytes(1), ByteSize.ofMebibytes(8), LONG));
    private final AtomicBoolean accepting = new AtomicBoolean(true);

    @Test
    void answering_thatThrows_is500_andGivesTheBodyBack(Vertx vertx, VertxTestContext test) {
        AtomicReference<RequestBody> given = new AtomicReference<>();
        Function<RoutingContext, Future<Reception>> onHead =
                ctx -> Future.succeededFuture(new Reception.WithBody("ann", body -> {
                    given.set(body);
                    throw new IllegalStateException("unforeseen");
                }));

        post(vertx, onHead)
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.statusCode()).isEqualTo(500);
                    assertThat(given.get().length()).isEqualTo(BODY.length());
                    assertThat(budget.taken()).isZero();
                    test.completeNow();
                })));
    }

    @Test
    void head_thatIsDecidedOnLater_holdsUpTheBodyUntilThen(Vertx vertx, VertxTestContext test) {
        Promise<Reception> decision = Promise.promise();
        Function<RoutingContext, Future<Reception>> onHead = ctx -> {
            vertx.setTimer(50, later -> {
                test.verify(() -> assertThat(budget.taken()).isZero());
                decision.complete(new Reception.WithBody(null, body -> {
                    int length = body.length();
                    body.release();
                    ctx.response().end(length + " bytes");
                }));
            });
            return decision.future();
        };

        post(vertx, onHead)
                .compose(HttpClientResponse::body)
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.toString()).isEqualTo(BODY.length() + " bytes");
                    test.completeNow();
                })));
    }

    @Test
    void head_thatFailsWithAProblem_isAnsweredWithIt(Vertx vertx, VertxTestContext test) {
        ProblemException wrong = new ProblemException(Problem.of(401, "Unauthorized", "who are you?"));

        post(vertx, ctx -> Future.failedFuture(wrong))
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.statusCode()).isEqualTo(401);
                    assertThat(answer.getHeader("www-authenticate")).isEqualTo("Bearer");
                    test.completeNow();
                })));
    }

    @Test
    void head_thatThrowsAProblem_isAnsweredWithIt(Vertx vertx, VertxTestContext test) {
        Function<RoutingContext, Future<Reception>> onHead = ctx -> {
            throw new ProblemException(Problem.invalidParameter("ack", "is given twice"));
        };

        post(vertx, onHead)
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.statusCode()).isEqualTo(400);
                    test.completeNow();
                })));
    }

    @Test
    void answering_thatThrowsAfterALateDecision_is500(Vertx vertx, VertxTestContext test) {
        Function<RoutingContext, Future<Reception>> onHead = ctx -> vertx.timer(1)
                .map(later -> new Reception.WithoutBody(() -> {
                    throw new IllegalStateException("unforeseen");
                }));

        post(vertx, onHead)
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.statusCode()).isEqualTo(500);
                    test.completeNow();
                })));
    }

    @Test
    void requests_whileNoneAreTaken_areToldSo_withoutAskingTheResource(Vertx vertx, VertxTestContext test) {
        accepting.set(false);

        post(vertx, ctx -> Future.failedFuture("asked"))
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.statusCode()).isEqualTo(503);
                    assertThat(answer.getHeader("retry-after")).isEqualTo("1");
                    test.completeNow();
                })));
    }

    private Future<HttpClientResponse> post(Vertx vertx, Function<RoutingContext, Future<Reception>> onHead) {
        return listen(vertx, onHead)
                .compose(server -> vertx.createHttpClient()
                        .request(HttpMethod.POST, server.actualPort(), "127.0.0.1", "/thing")
                        .compose(request -> request.send(BODY)));
    }

    private Future<HttpServer> listen(Vertx vertx, Function<RoutingContext, Future<Reception>> onHead) {
        ArrivalDeadline deadline = new ArrivalDeadline(vertx, new ArrivalDeadline.Limits(() -> LONG, () -> LONG, LONG));
        Routes routes = new Routes(vertx, accepting::get, deadline, new BodyReader(budget), RequestObserver.NONE);
        return vertx.createHttpServer(ServerOptions.of("127.0.0.1", 0, LONG))
                .connectionHandler(connection -> deadline.onConnection(connection, false, () -> {}))
                .requestHandler(routes.to(List.of(new Thing(onHead))))
                .listen();
    }

    private record Thing(Function<RoutingContext, Future<Reception>> decision) implements Resource {
        @Override
        public String path() {
            return "/thing";
        }

        @Override
        public Future<Reception> onHead(RoutingContext ctx) {
            return decision.apply(ctx);
        }
    }
}
