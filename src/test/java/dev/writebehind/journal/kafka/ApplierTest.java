package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.journal.LogRecord;
import dev.writebehind.journal.LogRecord.Writes;
import dev.writebehind.journal.Told.AllCommitted;
import dev.writebehind.journal.Told.Floor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class ApplierTest {
    private static final UUID OURS = UUID.randomUUID();
    private static final long MILLIS = 1_000;

    private final KeyPool keys = new KeyPool();
    private final MessageCodec codec = new MessageCodec(keys);
    private final Places places = new Places();
    private final LogTime time = new LogTime(() -> 0);
    private final List<LogRecord> taken = new ArrayList<>();
    private long offset;

    @Test
    void appliedUpTo_isTheLastChangeThatWasTaken_notTheOneUnderWay() {
        List<Long> underWay = new ArrayList<>();
        Applier[] applier = new Applier[1];
        applier[0] = applier(record -> underWay.add(applier[0].appliedUpTo()));
        assertThat(applier[0].appliedUpTo()).isZero();
        accept(applier[0], writes(2));
        accept(applier[0], writes(1));
        assertThat(underWay).containsExactly(0L, 1_000_001L);
        assertThat(applier[0].appliedUpTo()).isEqualTo(1_000_002);
    }

    @Test
    void appliedUpTo_afterARecordThatWasNotTaken_staysWhereItWas() {
        Applier applier = applier(record -> {
            throw new IllegalStateException("not taken");
        });
        assertThatThrownBy(() -> accept(applier, writes(2))).hasMessage("not taken");
        assertThat(applier.appliedUpTo()).isZero();
    }

    @Test
    void begin_goesOnWithTheTimesOfThePlace_andAFloorWithThoseAfterIt_asFarAsItIsNear() {
        Applier applier = applier(taken::add);
        applier.begin(new Place(7, 5_000_000));
        offset = 7;
        assertThat(applier.appliedUpTo()).isEqualTo(5_000_000);
        accept(applier, writes(1));
        accept(applier, new Floor(9_000_000));
        accept(applier, writes(1));
        accept(applier, new Floor(Long.MAX_VALUE));
        accept(applier, writes(1));
        long near = MILLIS * 1_000 + Stamps.MOST_AHEAD_MICROS;
        assertThat(taken.stream().map(LogRecord::firstStamp))
                .containsExactly(5_000_001L, 9_000_001L, 9_000_001L, near + 1, near + 1);
    }

    @Test
    void changes_thatCameTooLate_areLeftOut_andWhatTheLogTakesThenIsTheTime() {
        Applier applier = applier(taken::add);
        time.acknowledged(MILLIS - 1);
        accept(applier, new Validity(MILLIS - 500, 499), writes(1));
        assertThat(taken).isEmpty();
        assertThat(time.now()).isEqualTo(MILLIS);
        assertThat(applier.appliedUpTo()).isZero();

        accept(applier, new Validity(MILLIS - 500, 500), writes(1));
        accept(applier, Validity.UNLIMITED, writes(1));
        assertThat(taken.stream().map(LogRecord::firstStamp)).containsExactly(1_000_000L, 1_000_001L);
    }

    @Test
    void places_areNoted_alsoWithinOnePoll() {
        Applier applier = applier(taken::add);
        applier.begin(Place.FIRST);
        for (int i = 0; i < 1_500; i++) {
            accept(applier, writes(1));
        }
        assertThat(places.lastUpTo(Long.MAX_VALUE)).isEqualTo(new Place(1_000, 1_000_999));
        applier.arrivedAt(1_500);
        assertThat(places.lastUpTo(Long.MAX_VALUE)).isEqualTo(new Place(1_500, 1_001_499));
    }

    /** It may be this one that says next what is not needed any more: never less than was said already. */
    @Test
    void allCommitted_ofAnotherInstance_forgetsThePlacesBefore() {
        Applier applier = applier(taken::add);
        applier.begin(Place.FIRST);
        for (int i = 1; i <= 3; i++) {
            accept(applier, writes(1));
            applier.arrivedAt(i);
        }
        accept(applier, new AllCommitted(1_000_001));
        assertThat(places.lastUpTo(1_000_000)).isNull();
        assertThat(places.lastUpTo(1_000_001)).isEqualTo(new Place(2, 1_000_001));
    }

    private Applier applier(Consumer<LogRecord> handler) {
        return new Applier(codec, OURS, places, time, handler);
    }

    private void accept(Applier applier, LogRecord.Content content) {
        accept(applier, Validity.UNLIMITED, content);
    }

    private void accept(Applier applier, Validity validity, LogRecord.Content content) {
        byte[] message = codec.encode(new Message.Entry(new Origin(OURS, 0), validity, content));
        applier.accept(new ConsumerRecord<>(
                "t",
                0,
                offset++,
                MILLIS,
                TimestampType.LOG_APPEND_TIME,
                0,
                message.length,
                null,
                message,
                new RecordHeaders(),
                Optional.empty()));
    }

    private Writes writes(int count) {
        CompletionWrite write = new CompletionWrite(new CompletionKey(1, keys.course("c"), keys.block("b")), 1);
        return new Writes(Collections.nCopies(count, write));
    }
}
