package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.journal.Told;
import dev.writebehind.journal.Told.AllCommitted;
import dev.writebehind.journal.Told.AtRest;
import dev.writebehind.journal.Told.CarriedOut;
import dev.writebehind.journal.Told.Claim;
import dev.writebehind.journal.Told.Committed;
import dev.writebehind.journal.Told.Floor;
import dev.writebehind.journal.Told.FlushAsked;
import dev.writebehind.journal.Told.Paused;
import dev.writebehind.journal.Told.Retried;
import dev.writebehind.journal.Told.RetryAsked;
import dev.writebehind.journal.Told.Settled;
import dev.writebehind.journal.Told.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ToldCodecTest {
    private static final String[] TEXTS = {
        "c", "C", "Kurs-\u00E9", "\uD83D\uDE00", "course-v1:X+Y+Z", "\uD83D\uDE00".repeat(255)
    };
    private static final String[] REFUSALS = {
        "", "Data too long for column", "\uD83D\uDE00\u0000", "\u4E2D".repeat(10_000)
    };

    private final KeyPool keys = new KeyPool();
    private final MessageCodec codec = new MessageCodec(keys);
    private final MessageCodec other = new MessageCodec(new KeyPool());
    private final Random random = new Random(1);

    @Test
    void decode_ofAnythingTold_isItAgain_inItsSpelling() {
        for (int i = 0; i < 3_000; i++) {
            Message.Entry message = new Message.Entry(new Origin(uuid(), 0), Validity.UNLIMITED, told());

            Message decoded = other.decode(codec.encode(message));

            assertThat(decoded).isEqualTo(message);
            assertThat(spelling(decoded)).isEqualTo(spelling(message));
        }
    }

    @Test
    void encode_tellsALearnersCourseOnce_forAllThatFollowEachOther() {
        int one = codec.encode(entry(new Committed(1, List.of(written(1, "course", "a"))))).length;
        int same = codec.encode(entry(new Committed(1, List.of(written(1, "course", "a"), written(1, "course", "b")))))
                .length;
        int twin = codec.encode(entry(new Committed(1, List.of(written(1, "course", "a"), written(1, "Course", "b")))))
                .length;
        assertThat(same - one).isEqualTo(12);
        assertThat(twin - one).isEqualTo(12 + 4 + 8);
    }

    @Test
    void encode_cutsARefusalThatNoDatabaseGives() {
        Settled settled = new Written(key(1, "c", "b"), 1, "x".repeat(70_000));
        Message.Entry decoded = (Message.Entry) codec.decode(codec.encode(entry(new Committed(1, List.of(settled)))));
        assertThat(((Committed) decoded.content()).settled().get(0).refusal())
                .hasSize(ToldCodec.MAX_REFUSAL_CHARACTERS);
    }

    @Test
    void parts_areAllOfIt_inOrder_andNoneTooLarge() {
        for (int i = 0; i < 20; i++) {
            List<Settled> settled = IntStream.range(0, random.nextInt(3_000))
                    .mapToObj(n -> settled())
                    .toList();
            List<Settled> again = new ArrayList<>();
            for (Told part : ToldCodec.parts(new Committed(7, settled))) {
                assertThat(((Committed) part).epoch()).isEqualTo(7);
                assertThat(codec.encode(entry(part))).hasSizeLessThanOrEqualTo(ToldCodec.MAX_BYTES);
                again.addAll(((Committed) part).settled());
            }
            assertThat(again).isEqualTo(settled);
        }
    }

    @Test
    void parts_ofWhatFits_areItself() {
        List<Told> all = List.of(
                new Claim(1, uuid()),
                new Committed(1, List.of()),
                new Committed(1, List.of(written(1, "c", "a"), written(1, "c", "b"))),
                new AllCommitted(1),
                new FlushAsked(),
                new Floor(1),
                new Paused(true),
                new AtRest(1),
                new RetryAsked(1),
                new Retried(1, true, "a refusal"));
        assertThat(all).allSatisfy(told -> assertThat(ToldCodec.parts(told)).containsExactly(told));
    }

    @Test
    void decode_ofAnyPart_isRefused() {
        for (int i = 0; i < 100; i++) {
            byte[] whole = codec.encode(entry(told(4)));
            for (int length = 0; length < whole.length; length += 1 + random.nextInt(1 + whole.length / 50)) {
                byte[] part = Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> codec.decode(part)).isInstanceOf(UnreadableMessageException.class);
            }
        }
    }

    /** Whatever the bytes are: refused, or something that is read again as itself; at once, and in little room. */
    @Test
    void decode_ofAlteredBytes_isRefusedOrSomethingValid() {
        assertTimeoutPreemptively(Duration.ofMinutes(1), () -> {
            int read = 0;
            for (int i = 0; i < 20_000; i++) {
                byte[] message = codec.encode(entry(told(3)));
                for (int n = random.nextInt(3); n >= 0; n--) {
                    message[random.nextInt(Math.min(message.length, 200))] = (byte) random.nextInt();
                }
                read += isRefused(message) ? 0 : 1;
            }
            assertThat(read).isBetween(1, 19_999);
        });
    }

    private boolean isRefused(byte[] message) {
        Message decoded;
        try {
            decoded = codec.decode(message);
        } catch (UnreadableMessageException e) {
            return true;
        }
        Message cutShort = codec.decode(codec.encode(decoded)); // where it has a refusal that is too long
        assertThat(codec.decode(codec.encode(cutShort))).isEqualTo(cutShort);
        return false;
    }

    private Message.Entry entry(Told told) {
        return new Message.Entry(new Origin(uuid(), 0), Validity.UNLIMITED, told);
    }

    private Told told() {
        return told(6);
    }

    private Told told(int most) {
        return switch (random.nextInt(10)) {
            case 0 -> new Claim(random.nextLong(), uuid());
            case 1 -> new AllCommitted(random.nextLong());
            case 2 -> new FlushAsked();
            case 3 -> new Paused(random.nextBoolean());
            case 4 -> new RetryAsked(random.nextLong());
            case 5 -> new Retried(random.nextLong(), random.nextBoolean(), refusal());
            case 6 -> new Floor(random.nextLong());
            case 7 -> new AtRest(random.nextLong());
            default ->
                new Committed(
                        random.nextLong(),
                        IntStream.range(0, random.nextInt(most + 1))
                                .mapToObj(n -> settled())
                                .toList());
        };
    }

    private Settled settled() {
        int userId = random.nextInt(5) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(2);
        return random.nextInt(4) == 0
                ? new CarriedOut(new LearnerCourse(userId, keys.course(text())), random.nextLong(), refusal())
                : new Written(key(userId, text(), text()), random.nextLong(), refusal());
    }

    private Written written(int userId, String course, String block) {
        return new Written(key(userId, course, block), 1, null);
    }

    private CompletionKey key(int userId, String course, String block) {
        return new CompletionKey(userId, keys.course(course), keys.block(block));
    }

    private @Nullable String refusal() {
        return random.nextInt(3) > 0 ? null : REFUSALS[random.nextInt(REFUSALS.length)];
    }

    private String text() {
        return TEXTS[random.nextInt(TEXTS.length)];
    }

    private UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    /** A record's text has its keys as they are spelled. */
    private static String spelling(Message message) {
        return message.toString();
    }
}
