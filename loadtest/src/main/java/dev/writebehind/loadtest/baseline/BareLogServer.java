package dev.writebehind.loadtest.baseline;

import dev.writebehind.loadtest.baseline.BodyDecoder.Write;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * What a REST bridge of Kafka does: takes the body that the service takes, makes of each write a record as a JDBC sink
 * reads it, and answers once the brokers have all. DELETE makes of each write a record that deletes its row. Safe for
 * any event loop.
 */
@Command(name = "BareLogServer")
public final class BareLogServer implements Callable<Integer> {
    private static final int LINGER_MILLIS = 5;

    @Option(names = "--port", converter = Value.NotNegative.class)
    private int port;

    @Option(names = "--bootstrap-servers", required = true)
    private String bootstrapServers = "";

    @Option(names = "--topic", required = true)
    private String topic = "";

    @Option(names = "--keyless", description = "records without keys, as a caller's who names none")
    private boolean keyless;

    private final BodyDecoder decoder = new BodyDecoder();
    private final AtomicInteger underWay = new AtomicInteger();

    private BareLogServer() {}

    /** Serves until SIGTERM. */
    public static void main(String[] args) {
        BaselineProcess.run(new BareLogServer(), args);
    }

    @Override
    public Integer call() throws Exception {
        Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.LINGER_MS_CONFIG,
                        LINGER_MILLIS),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.partitionsFor(topic);
        BaselineProcess process = new BaselineProcess();
        process.serve(port, request -> handle(request, producer, process.vertx()), () -> underWay.get() == 0);
        return ExitCode.OK;
    }

    private void handle(HttpServerRequest request, Producer<byte[], byte[]> producer, Vertx vertx) {
        Context context = vertx.getOrCreateContext();
        boolean deletes = request.method().equals(HttpMethod.DELETE);
        request.body().onSuccess(body -> {
            List<Write> writes;
            try {
                writes = decoder.writes(body.getBytes());
            } catch (IllegalArgumentException e) {
                answer(request, 400, "{}");
                return;
            }
            Future.all(writes.stream()
                            .map(write -> append(record(write, deletes), producer, context))
                            .toList())
                    .onSuccess(all -> answer(request, 202, "{\"accepted\":" + writes.size() + ",\"ack\":\"journal\"}"))
                    .onFailure(failure -> answer(request, 503, "{}"));
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback is told the same
    private Future<Void> append(
            ProducerRecord<byte[], byte[]> record, Producer<byte[], byte[]> producer, Context context) {
        Promise<Void> appended = Promise.promise();
        underWay.incrementAndGet();
        producer.send(
                record,
                (metadata, failure) -> context.runOnContext(run -> {
                    underWay.decrementAndGet();
                    if (failure == null) {
                        appended.complete();
                    } else {
                        appended.fail(failure);
                    }
                }));
        return appended.future();
    }

    private ProducerRecord<byte[], byte[]> record(Write write, boolean deletes) {
        JsonObject key = new JsonObject()
                .put("user_id", write.userId())
                .put("course_key", write.value().course().value())
                .put("block_key", write.value().block().value());
        return new ProducerRecord<>(topic, keyless ? null : bytes(key), deletes ? null : row(key.copy(), write));
    }

    private static byte @Nullable [] row(JsonObject row, Write write) {
        long now = System.currentTimeMillis();
        return bytes(row.put("block_type", write.value().block().blockType())
                .put("completion", write.value().completion())
                .put("created", now)
                .put("modified", now));
    }

    private static byte[] bytes(JsonObject json) {
        return json.encode().getBytes(StandardCharsets.UTF_8);
    }

    private static void answer(HttpServerRequest request, int status, String body) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(body);
    }
}
