package dev.writebehind.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ServerChannel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.transport.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * The watch on everything that a service's ports are asked and answer, from within its own transport, so that no test's
 * client gets past it: each exchange is held against the document of its port. Safe for any thread.
 */
public final class ContractWatch {
    private static final ContractCheck PUBLIC = new ContractCheck(OpenApiDocument.load("openapi.yaml"));
    private static final ContractCheck MANAGEMENT = new ContractCheck(OpenApiDocument.load("openapi-management.yaml"));

    // The first time takes a second on a busy machine, for which an event loop is no place.
    static {
        EmbeddedChannel connection = new EmbeddedChannel(new WireTap(PUBLIC::faults, failure -> {}));
        connection.writeInbound(Unpooled.copiedBuffer("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", US_ASCII));
        connection.writeOutbound(Unpooled.copiedBuffer("HTTP/1.1 404 Not Found\r\n\r\n", US_ASCII));
        connection.finishAndReleaseAll();
    }

    private static final int MAX_FAULTS = 20;
    private static final int MAX_QUEUED = 5_000;

    /** Beside the event loops, which a cold check would hold up; when there are very many, on them after all. */
    private final ThreadPoolExecutor checks = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_QUEUED),
            work -> {
                Thread thread = new Thread(work, "contract");
                thread.setDaemon(true);
                return thread;
            },
            new ThreadPoolExecutor.CallerRunsPolicy());

    private final List<String> faults = new CopyOnWriteArrayList<>();

    /**
     * Returns a transport as good as the machine's own, whose servers are watched.
     *
     * @param isManagement tells what a port is
     */
    public Transport transport(IntFunction<Boolean> isManagement) {
        Transport own = Transport.nativeTransport();
        Transport best = own != null && own.available() ? own : Transport.NIO;
        Object watched = Proxy.newProxyInstance(
                ContractWatch.class.getClassLoader(),
                new Class<?>[] {io.vertx.core.spi.transport.Transport.class},
                (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(best.implementation(), arguments);
                        return method.getName().equals("serverChannelFactory")
                                ? watched((ChannelFactory<?>) result, isManagement)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return new WatchedTransport(best, (io.vertx.core.spi.transport.Transport) watched);
    }

    private record WatchedTransport(Transport best, io.vertx.core.spi.transport.Transport implementation)
            implements Transport {
        @Override
        public String name() {
            return best.name();
        }

        @Override
        public boolean available() {
            return best.available();
        }

        @Override
        public Throwable unavailabilityCause() {
            return best.unavailabilityCause();
        }
    }

    private ChannelFactory<ServerChannel> watched(ChannelFactory<?> factory, IntFunction<Boolean> isManagement) {
        return () -> {
            ServerChannel server = (ServerChannel) factory.newChannel();
            server.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object connection) {
                    int port = ((InetSocketAddress) ctx.channel().localAddress()).getPort();
                    ((Channel) connection)
                            .pipeline()
                            .addLast(new WireTap(
                                    exchange -> exchanged(isManagement.apply(port) ? MANAGEMENT : PUBLIC, exchange),
                                    failure -> add(List.of("the exchange can't be read: " + failure))));
                    ctx.fireChannelRead(connection);
                }
            });
            return server;
        };
    }

    /** Fails unless an answer, to a request of those that a client makes, is as its port's document says. */
    public static void require(boolean isManagement, HttpResponse<String> answer) {
        HttpHeaders headers = new DefaultHttpHeaders();
        answer.headers().map().forEach(headers::add);
        HttpHeaders asked = new DefaultHttpHeaders();
        answer.request().headers().map().forEach(asked::add);
        URI uri = answer.uri();
        String target = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        Exchange exchange = new Exchange(
                new Exchange.Request(answer.request().method(), target, asked, null),
                new Exchange.Answer(answer.statusCode(), headers, Buffer.buffer(answer.body())));
        List<String> faults = (isManagement ? MANAGEMENT : PUBLIC).faults(exchange);
        if (!faults.isEmpty()) {
            throw new AssertionError("not as the contract says: " + faults);
        }
    }

    private void exchanged(ContractCheck check, Exchange exchange) {
        checks.execute(() -> add(check.faults(exchange)));
    }

    private void add(List<String> more) {
        if (faults.size() < MAX_FAULTS) {
            faults.addAll(more);
        }
    }

    /** Ends the watch, and returns what was not as the documents say; of very much, the first. */
    public List<String> end() {
        checks.shutdown();
        try {
            if (!checks.awaitTermination(5, TimeUnit.MINUTES)) {
                add(List.of("the check of the contract did not come to its end"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return List.copyOf(faults);
    }
}
