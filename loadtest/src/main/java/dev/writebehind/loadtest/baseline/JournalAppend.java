package dev.writebehind.loadtest.baseline;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.JournalSettings;
import dev.writebehind.core.Acknowledged;
import dev.writebehind.core.Waiting;
import dev.writebehind.core.WriteBehind;
import dev.writebehind.journal.file.FileJournal;
import dev.writebehind.loadtest.raw.Keyspace;
import dev.writebehind.loadtest.raw.Latencies;
import dev.writebehind.loadtest.raw.Orders;
import dev.writebehind.loadtest.raw.Orders.Worker;
import dev.writebehind.testing.DemoCourse.Block;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/**
 * Writes taken with {@code ack=journal} without HTTP and without a table, or the same number of bytes appended to a
 * file by {@link BareJournal}: so many on their way at a time, each followed by the next as soon as it is durable.
 * Obeys {@link Orders}; works on one event loop.
 */
@Command(name = "JournalAppend")
public final class JournalAppend implements Callable<Integer>, Worker {
    private static final double NANOS = 1e9;

    @Option(names = "--bare")
    private boolean bare;

    @Option(names = "--in-flight", converter = Value.Positive.class)
    private int inFlight = 64;

    @Option(names = "--keys", converter = Value.Positive.class)
    private int keyCount = 20_000;

    @Option(names = "--dir", required = true)
    private Path directory = Path.of("");

    private final BaselineProcess process = new BaselineProcess();
    private Appender appender = (key, context) -> Future.failedFuture("not open");

    private JournalAppend() {}

    /** Obeys until its input ends. */
    public static void main(String[] args) {
        BaselineProcess.run(new JournalAppend(), args);
    }

    /** Makes the next change of a key durable; completes on the context. */
    private interface Appender {
        Future<?> append(int key, Context context);
    }

    @Override
    public Integer call() throws Exception {
        Keyspace keys = new Keyspace(keyCount, Keyspace.FIRST_USER, 20);
        Closeable journal = bare ? bare(keys) : ours(keys);
        Orders.obey(this);
        journal.close();
        process.close();
        return ExitCode.OK;
    }

    private Closeable bare(Keyspace keys) throws IOException {
        BareJournal journal = BareJournal.open(directory);
        appender = (key, context) -> {
            Block block = keys.block(key);
            return journal.append(BareJournal.recordBytes(block.courseKey(), block.key()), context);
        };
        return journal::close;
    }

    private Closeable ours(Keyspace keys) {
        KeyPool pool = new KeyPool();
        FileJournal journal = FileJournal.open(
                JournalSettings.ofFiles(directory, ByteSize.ofMebibytes(8)), pool, new Conditions(Clock.systemUTC()));
        BufferSettings bounds = new BufferSettings(10 * keyCount, ByteSize.ofMebibytes(1 << 10), Duration.ZERO);
        CompletionBuffer buffer = new CompletionBuffer(() -> bounds, new ReceiptClock(), journal);
        journal.replay(buffer::restore);
        WriteBehind service = WriteBehind.on(journal, buffer, () -> Duration.ofSeconds(10));
        CompletionKey[] pooled = new CompletionKey[keyCount];
        for (int i = 0; i < keyCount; i++) {
            Block block = keys.block(i);
            pooled[i] = new CompletionKey(keys.user(i), pool.course(block.courseKey()), pool.block(block.key()));
        }
        Map<Context, Waiting> ofLoops = new ConcurrentHashMap<>();
        appender = (key, context) -> service.take(
                        List.of(new CompletionWrite(pooled[key], keys.next(key))), Acknowledgement.JOURNAL)
                .outcome(ofLoops.computeIfAbsent(context, own -> Waiting.on(process.vertx())))
                .map(outcome -> {
                    if (!(outcome instanceof Acknowledged)) {
                        throw new IllegalStateException("not acknowledged: " + outcome);
                    }
                    return outcome;
                });
        return journal::close;
    }

    @Override
    public String go(double seconds, double rate) throws Exception {
        return process.await(() -> new Run(seconds).begin());
    }

    @Override
    public String all(double share) {
        throw new UnsupportedOperationException("it works by time alone");
    }

    @Override
    public void end() {
        // what the journal holds is compared by the service's own tests
    }

    /** The work of one order. Confined to its event loop. */
    private final class Run {
        private final Context context = process.vertx().getOrCreateContext();
        private final Latencies latencies = new Latencies();
        private final Promise<String> done = Promise.promise();
        private final long begin = System.nanoTime();
        private final long end;
        private int next;
        private int out;

        Run(double seconds) {
            this.end = begin + (long) (seconds * NANOS);
        }

        Future<String> begin() {
            for (int i = 0; i < inFlight; i++) {
                out++;
                append();
            }
            return done.future();
        }

        private void append() {
            next = (next + 1) % keyCount;
            long since = System.nanoTime();
            appender.append(next, context).onComplete(appended -> {
                long now = System.nanoTime();
                latencies.add(now - since);
                @Nullable Throwable failure = appended.cause();
                if (failure != null) {
                    done.tryFail(failure);
                } else if (now < end) {
                    append();
                } else if (--out == 0) {
                    done.tryComplete(latencies.json(latencies.count(), 0, (now - begin) / NANOS));
                }
            });
        }
    }
}
