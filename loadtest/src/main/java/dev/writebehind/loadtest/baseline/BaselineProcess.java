package dev.writebehind.loadtest.baseline;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;

/**
 * The part that the processes here have in common: the Vert.x of the service, its HTTP options, one server instance for
 * each event loop on one port, and an orderly stop at SIGTERM. Used by the main thread.
 */
final class BaselineProcess {
    private static final Logger log = LoggerFactory.getLogger(BaselineProcess.class);
    private static final Duration MAX_STOP = Duration.ofSeconds(60);
    /** Longer than the server waits for a row lock: a request that waits for one is silent, and still not idle. */
    private static final Duration IDLE = Duration.ofMinutes(2);

    private static final int MAX_REQUEST_LINE = 64 * 1024;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

    /** Runs a process's main part, a command of picocli's; what is wrong ends the process with a message. */
    static void run(Callable<Integer> command, String[] arguments) {
        int status = new CommandLine(command)
                .setOverwrittenOptionsAllowed(true)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    log.error("The process ends", failure);
                    return ExitCode.SOFTWARE;
                })
                .execute(arguments);
        if (status != ExitCode.OK) {
            System.exit(status);
        }
    }

    Vertx vertx() {
        return vertx;
    }

    /**
     * Serves requests, and tells so in one line.
     *
     * @param port 0 takes a free one
     * @param handler safe for any event loop
     * @param isIdle whether nothing is left that a stop has to wait for, once the requests are answered
     */
    void serve(int port, Handler<HttpServerRequest> handler, BooleanSupplier isIdle) throws Exception {
        int instances = Runtime.getRuntime().availableProcessors();
        await(vertx.deployVerticle(() -> new Instance(port, handler), new DeploymentOptions().setInstances(instances)));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(isIdle), "shutdown"));
        System.out.println("Listening on http://127.0.0.1:" + servers.get(0).actualPort());
    }

    private void stop(BooleanSupplier isIdle) {
        boolean inOrder = false;
        try {
            long end = System.nanoTime() + MAX_STOP.toNanos();
            await(Future.join(servers.stream()
                    .map(server -> server.shutdown(MAX_STOP.toMillis(), TimeUnit.MILLISECONDS))
                    .toList()));
            // Whoever asked may have gone: what he asked for is still under way.
            while (!isIdle.getAsBoolean() && System.nanoTime() < end) {
                Thread.sleep(10);
            }
            inOrder = isIdle.getAsBoolean();
            await(vertx.close());
        } catch (Exception e) {
            log.error("The stop did not end in order", e);
        }
        Runtime.getRuntime().halt(inOrder ? 0 : 1); // SIGTERM's own would be 143
    }

    /** Runs a task on an event loop and waits for its result. */
    <T> T await(Supplier<Future<T>> task) throws Exception {
        Promise<T> result = Promise.promise();
        vertx.runOnContext(
                run -> Future.succeededFuture().compose(begun -> task.get()).onComplete(result));
        return await(result.future());
    }

    /** Ends everything that runs on event loops. */
    void close() throws Exception {
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get();
    }

    private final class Instance extends VerticleBase {
        private final int port;
        private final Handler<HttpServerRequest> handler;

        Instance(int port, Handler<HttpServerRequest> handler) {
            this.port = port;
            this.handler = handler;
        }

        @Override
        public Future<?> start() {
            return vertx.createHttpServer(options())
                    .requestHandler(handler)
                    .listen()
                    .onSuccess(servers::add);
        }

        private HttpServerOptions options() {
            return new HttpServerOptions()
                    .setHost("127.0.0.1")
                    // Vert.x shares one random port between the instances of a verticle when asked for a negative one.
                    .setPort(port == 0 ? -1 : port)
                    .setMaxInitialLineLength(MAX_REQUEST_LINE)
                    .setIdleTimeout((int) IDLE.toSeconds())
                    .setHttp2ClearTextEnabled(false)
                    .setCompressionSupported(false)
                    .setDecompressionSupported(false);
        }
    }
}
