package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.journal.LogRecord.Reset;
import dev.writebehind.journal.LogRecord.Writes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MessageCodecTest {
    private static final String[] TEXTS = {
        "c", "C", "Kurs-\u00E9", "\uD83D\uDE00", "course-v1:X+Y+Z", "\u4E2D".repeat(255)
    };

    private final KeyPool keys = new KeyPool();
    private final MessageCodec codec = new MessageCodec(keys);
    private final MessageCodec other = new MessageCodec(new KeyPool());

    @Test
    void decode_ofRandomWrites_isThemAgain_inTheirSpelling() {
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            List<CompletionWrite> writes = new ArrayList<>();
            for (int n = random.nextInt(6); n >= 0; n--) {
                CompletionKey key = new CompletionKey(
                        random.nextInt(5) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(2),
                        keys.course(text(random)),
                        keys.block(text(random)));
                writes.add(new CompletionWrite(key, random.nextInt(3) / 2.0, random.nextBoolean()));
            }
            Origin origin = new Origin(new UUID(random.nextLong(), random.nextLong()), random.nextLong());

            Validity validity = new Validity(random.nextLong(Long.MAX_VALUE), random.nextInt(99_999));
            Message.Entry decoded =
                    (Message.Entry) other.decode(codec.encode(new Message.Entry(origin, validity, new Writes(writes))));

            assertThat(decoded.origin()).isEqualTo(origin);
            assertThat(decoded.validity()).isEqualTo(validity);
            List<CompletionWrite> again = ((Writes) decoded.content()).writes();
            assertThat(again).isEqualTo(writes);
            assertThat(again.stream().map(MessageCodecTest::spelling))
                    .containsExactlyElementsOf(
                            writes.stream().map(MessageCodecTest::spelling).toList());
        }
    }

    @Test
    void decode_ofAReset_isItAgain() {
        Reset reset = new Reset(new LearnerCourse(Integer.MAX_VALUE, keys.course("Kurs-\u00E9")), 1_234_567);
        Message.Entry message = new Message.Entry(new Origin(UUID.randomUUID(), 7), new Validity(8, 9), reset);
        assertThat(other.decode(codec.encode(message))).isEqualTo(message);
    }

    @Test
    void decode_ofAProbe_isOne() {
        assertThat(codec.decode(codec.encode(new Message.Probe()))).isEqualTo(new Message.Probe());
    }

    @Test
    void decode_ofANewerVersionOrKind_isRefused() {
        byte[] message = codec.encode(new Message.Probe());
        message[1] = 99;
        assertThatThrownBy(() -> codec.decode(message))
                .isInstanceOf(UnreadableMessageException.class)
                .hasMessageContaining("kind 99");
        message[1] = 0;
        assertThatThrownBy(() -> codec.decode(message)).hasMessageContaining("kind 0");
        message[1] = (byte) (ToldCodec.LAST_KIND + 1);
        assertThatThrownBy(() -> codec.decode(message)).hasMessageContaining("unknown kind");
        message[0] = 2;
        assertThatThrownBy(() -> codec.decode(message))
                .isInstanceOf(UnreadableMessageException.class)
                .hasMessageContaining("a newer release has written it");
    }

    @Test
    void decode_ofAnyPartOrGarbage_isRefused_andTakesNoMoreRoomThanItHas() {
        CompletionKey key = new CompletionKey(1, keys.course("c"), keys.block("b"));
        byte[] whole = codec.encode(new Message.Entry(
                new Origin(UUID.randomUUID(), 1),
                Validity.UNLIMITED,
                new Writes(List.of(new CompletionWrite(key, 1)))));
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> codec.decode(part)).isInstanceOf(UnreadableMessageException.class);
        }
        byte[] many = whole.clone();
        many[42] = 0x7F; // the count of writes
        assertThatThrownBy(() -> codec.decode(many)).isInstanceOf(UnreadableMessageException.class);
        byte[] longer = Arrays.copyOf(whole, whole.length + 1);
        assertThatThrownBy(() -> codec.decode(longer)).isInstanceOf(UnreadableMessageException.class);
    }

    private static String text(Random random) {
        return TEXTS[random.nextInt(TEXTS.length)];
    }

    private static String spelling(CompletionWrite write) {
        return write.key().course().value() + " " + write.key().block().value();
    }
}
