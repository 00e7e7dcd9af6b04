package dev.writebehind.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.junit5.Checkpoint;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The timers are real and short; the clock stands still until a test moves it, so that only the test decides what is
 * late.
 */
@ExtendWith(VertxExtension.class)
class ArrivalDeadlineTest {
    private static final Duration REQUEST = Duration.ofMillis(20);
    private static final Duration IDLE = Duration.ofMillis(40);
    private static final Duration ANSWER = Duration.ofHours(2);
    private static final String WHOLE = "POST /whole HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n";
    private static final String HALF = "POST /half HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n";

    private volatile Duration request = REQUEST;
    private final AtomicLong nanos = new AtomicLong(-REQUEST.toNanos());
    private final Promise<Void> halfThere = Promise.promise();
    private final Promise<Void> wholeThere = Promise.promise();
    private final Promise<Void> answered = Promise.promise();

    @Test
    void connection_withoutARequest_isClosedOnceTheRequestsTimeIsOver(Vertx vertx, VertxTestContext test) {
        connect(vertx, ctx -> ctx.response().end()).onComplete(test.succeeding(socket -> {
            socket.closeHandler(closed -> test.verify(() -> {
                assertThat(nanos.get()).isZero();
                test.completeNow();
            }));
            afterSomeLooks(vertx, () -> nanos.set(0));
        }));
    }

    @Test
    void connection_whoseHeadTrickles_isClosedOnceTheRequestsTimeIsOver(Vertx vertx, VertxTestContext test) {
        connect(vertx, ctx -> ctx.response().end()).onComplete(test.succeeding(socket -> {
            socket.closeHandler(closed -> test.verify(() -> {
                assertThat(nanos.get()).isZero();
                test.completeNow();
            }));
            long trickle = vertx.setPeriodic(1, tick -> socket.write("x"));
            socket.exceptionHandler(gone -> vertx.cancelTimer(trickle));
            afterSomeLooks(vertx, () -> nanos.set(0));
        }));
    }

    @Test
    void request_whoseBodyDoesNotArrive_isAnsweredWith408(Vertx vertx, VertxTestContext test) {
        connect(vertx, ctx -> ctx.response().end()).onComplete(test.succeeding(socket -> {
            socket.handler(bytes -> test.verify(() -> {
                assertThat(bytes.toString()).startsWith("HTTP/1.1 408 ").contains("connection: close");
                test.completeNow();
            }));
            halfThere.future().onSuccess(there -> afterSomeLooks(vertx, () -> nanos.set(0)));
            socket.write(HALF).onFailure(test::failNow);
        }));
    }

    @Test
    void answer_thatTakesLongerThanBothTimes_isWaitedFor(Vertx vertx, VertxTestContext test) {
        Promise<Void> answer = Promise.promise();
        connect(vertx, ctx -> answer.future().onComplete(now -> ctx.response().end()))
                .onComplete(test.succeeding(socket -> {
                    socket.handler(bytes -> test.verify(() -> {
                        assertThat(bytes.toString()).startsWith("HTTP/1.1 200 ");
                        test.completeNow();
                    }));
                    socket.closeHandler(closed -> test.failNow("closed while it is answered"));
                    wholeThere
                            .future()
                            .onSuccess(there -> afterSomeLooks(vertx, () -> {
                                nanos.addAndGet(Duration.ofHours(1).toNanos());
                                afterSomeLooks(vertx, answer::complete);
                            }));
                    socket.write(WHOLE).onFailure(test::failNow);
                }));
    }

    @Test
    void answer_thatNeverComes_endsTheConnection(Vertx vertx, VertxTestContext test) {
        connect(vertx, ctx -> {}).onComplete(test.succeeding(socket -> {
            socket.closeHandler(closed -> test.verify(() -> {
                assertThat(nanos.get()).isEqualTo(ANSWER.minus(REQUEST).toNanos());
                test.completeNow();
            }));
            wholeThere
                    .future()
                    .onSuccess(there -> afterSomeLooks(
                            vertx, () -> nanos.set(ANSWER.minus(REQUEST).toNanos())));
            socket.write(WHOLE).onFailure(test::failNow);
        }));
    }

    @Test
    void request_afterItsTimeWasShortened_isHeldToTheNewOne_onAConnectionOfBefore(Vertx vertx, VertxTestContext test) {
        request = Duration.ofHours(1);
        connect(vertx, ctx -> ctx.response().end()).onComplete(test.succeeding(socket -> {
            halfThere.future().onSuccess(there -> afterSomeLooks(vertx, () -> nanos.set(0)));
            socket.handler(bytes -> {
                request = REQUEST;
                socket.write(HALF).onFailure(test::failNow);
                socket.handler(late -> test.verify(() -> {
                    assertThat(late.toString()).startsWith("HTTP/1.1 408 ").contains("within 20 ms");
                    test.completeNow();
                }));
            });
            socket.write(WHOLE).onFailure(test::failNow);
        }));
    }

    @Test
    void connection_betweenRequests_hasTheIdleTimeAndNotTheRequests(Vertx vertx, VertxTestContext test) {
        Checkpoint heard = test.checkpoint();
        Checkpoint closed = test.checkpoint();
        connect(vertx, ctx -> ctx.response().end()).onComplete(test.succeeding(socket -> {
            socket.closeHandler(end -> test.verify(() -> {
                assertThat(nanos.get()).isEqualTo(IDLE.minus(REQUEST).toNanos());
                closed.flag();
            }));
            socket.handler(bytes -> heard.flag());
            answered.future()
                    .onSuccess(ended -> afterSomeLooks(vertx, () -> {
                        nanos.set(0);
                        afterSomeLooks(
                                vertx, () -> nanos.set(IDLE.minus(REQUEST).toNanos()));
                    }));
            socket.write(WHOLE).onFailure(test::failNow);
        }));
    }

    /** Not a wait for something to happen, but the time in which something wrong would. */
    private static void afterSomeLooks(Vertx vertx, Runnable then) {
        vertx.timer(IDLE.toMillis() * 3, TimeUnit.MILLISECONDS).onSuccess(elapsed -> then.run());
    }

    private Future<NetSocket> connect(Vertx vertx, Handler<RoutingContext> handler) {
        ArrivalDeadline deadline =
                new ArrivalDeadline(vertx, nanos::get, new ArrivalDeadline.Limits(() -> request, () -> ANSWER, IDLE));
        Promise<Void> watched = Promise.promise();
        Router router = Router.router(vertx);
        router.route().handler(ctx -> {
            ctx.addEndHandler(ended -> vertx.runOnContext(afterAllHandlers -> answered.tryComplete()));
            deadline.onHead(ctx);
            ctx.next();
        });
        router.route("/half").handler(ctx -> {
            ctx.request().bodyHandler((Buffer whole) -> ctx.next());
            halfThere.complete();
        });
        router.route().handler(ctx -> {
            deadline.onArrival(ctx);
            wholeThere.complete();
            handler.handle(ctx);
        });
        // One that may also have to speak HTTP/2 knows a connection by its first bytes only.
        return vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
                .connectionHandler(connection -> {
                    deadline.onConnection(connection, false, () -> {});
                    watched.complete();
                })
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .compose(server -> vertx.createNetClient().connect(server.actualPort(), "127.0.0.1"))
                .compose(socket -> watched.future().map(socket));
    }
}
