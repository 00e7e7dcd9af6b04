package dev.writebehind.journal.kafka;

import dev.writebehind.journal.LogRecord;
import dev.writebehind.journal.Told;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What is done with each record of the topic: it gets its receipt times and is handed over, unless it came too late and
 * so counts as never sent. Confined to the follower's
 * thread but for {@link #appliedUpTo}, which is safe for any.
 */
final class Applier implements Follower.Sink {
    /** Records from one place that is noted to the next, at most. */
    private static final int BETWEEN_PLACES = 1_000;

    private final MessageCodec codec;
    private final UUID instance;
    private final Places places;
    private final LogTime time;
    private final Consumer<LogRecord> handler;
    private Stamps stamps = new Stamps(0);
    private long lastPlace;
    private volatile long appliedUpTo;

    /**
     * Creates it.
     *
     * @param instance whose records are this one's own
     * @param time is told when the brokers took what is read
     */
    Applier(MessageCodec codec, UUID instance, Places places, LogTime time, Consumer<LogRecord> handler) {
        this.codec = codec;
        this.instance = instance;
        this.places = places;
        this.time = time;
        this.handler = handler;
    }

    /** Returns up to which receipt time all has been handed over, and taken. */
    long appliedUpTo() {
        return appliedUpTo;
    }

    @Override
    public void begin(Place place) {
        stamps = new Stamps(place.stamp());
        places.restartAt(place);
        lastPlace = place.offset();
        appliedUpTo = place.stamp();
    }

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
        time.read(record.timestamp());
        Message message = codec.decode(record.value());
        if (message instanceof Message.Entry entry && !entry.validity().isOverAt(record.timestamp())) {
            accept(entry, record.timestamp());
        }
        if (record.offset() + 1 - lastPlace >= BETWEEN_PLACES) {
            arrivedAt(record.offset() + 1);
        }
    }

    private void accept(Message.Entry entry, long appendedMillis) {
        LogRecord.Content content = entry.content();
        if (content instanceof Told.Floor floor) {
            stamps.continueAfter(floor.stamp(), appendedMillis);
        }
        long firstStamp = stamps.next(appendedMillis, content.changes());
        boolean isOwn = entry.origin().instance().equals(instance);
        handler.accept(new LogRecord(firstStamp, isOwn, entry.origin().request(), content));
        appliedUpTo = stamps.last();
        if (content instanceof Told.AllCommitted all) {
            places.lastUpTo(all.upTo()); // should this one flush from now on, it needs none before
        }
    }

    @Override
    public void arrivedAt(long offset) {
        lastPlace = offset;
        places.add(new Place(offset, stamps.last()));
    }
}
