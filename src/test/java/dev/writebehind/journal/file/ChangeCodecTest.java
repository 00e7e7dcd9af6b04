package dev.writebehind.journal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChangeCodecTest {
    private static final KeyPool POOL = new KeyPool();

    @Test
    void decode_ofRandomRunsBehindOneAnother_isEachOneAgain() {
        Random random = new Random(1);
        CoalescedWrite[] runs = new CoalescedWrite[1_000];
        ByteBuffer bytes = ByteBuffer.allocate(runs.length * ChangeCodec.MAX_BYTES);
        for (int i = 0; i < runs.length; i++) {
            runs[i] = random(random);
            int start = bytes.position();
            ChangeCodec.encode(runs[i], bytes);
            assertThat(bytes.position() - start).isLessThanOrEqualTo(ChangeCodec.MAX_BYTES);
        }

        bytes.flip();

        for (CoalescedWrite run : runs) {
            CoalescedWrite decoded = (CoalescedWrite) ChangeCodec.decode(bytes, new KeyPool());
            assertThat(decoded).isEqualTo(run);
            // keys are equal whatever their letters' case, but a row gets the spelling
            assertThat(decoded.key().course().value())
                    .isEqualTo(run.key().course().value());
            assertThat(decoded.key().block().value())
                    .isEqualTo(run.key().block().value());
        }
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @Test
    void decode_ofAReset_isTheSameAgain() {
        CourseReset reset = new CourseReset(new LearnerCourse(Integer.MAX_VALUE, POOL.course("Kurs-\u00E9")), 12_345);
        ByteBuffer bytes = ByteBuffer.allocate(ChangeCodec.MAX_BYTES);
        ChangeCodec.encode(reset, bytes);
        assertThat(ChangeCodec.decode(bytes.flip(), new KeyPool())).isEqualTo(reset);
        assertThat(bytes.hasRemaining()).isFalse();
    }

    /** Sites reckon their disks by it. */
    @Test
    void encode_ofADemoCoursesKeys_takesWhatTheSizingPageSays() throws IOException {
        String course = "course-v1:OpenedX+DemoX+DemoCourse";
        String block = "block-v1:OpenedX+DemoX+DemoCourse+type@video+block@d5a54ce52f464acfa7a83ae155712cc3";
        CompletionKey key = new CompletionKey(42, POOL.course(course), POOL.block(block));
        ByteBuffer bytes = ByteBuffer.allocate(ChangeCodec.MAX_BYTES);

        ChangeCodec.encode(new CoalescedWrite(key, 0.5, 1, 2, 3, true), bytes);

        assertThat(Files.readString(Path.of("docs", "sizing.md")))
                .contains(
                        "record = " + (bytes.position() - course.length() - block.length())
                                + " + bytes of the course key" + " + of the block key: " + bytes.position()
                                + " with those of the demo course",
                        "and " + Frame.EMPTY_BYTES + " for each group of records");
    }

    @Test
    void decode_ofAnUnknownKind_isRefused() {
        assertThatThrownBy(() -> ChangeCodec.decode(ByteBuffer.wrap(new byte[100]), POOL))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void encode_ofTheLongestKeys_takesExactlyTheMost() {
        String longest = "\uD83D\uDE00".repeat(KeyPool.MAX_KEY_CHARACTERS);
        CompletionKey key = new CompletionKey(Integer.MAX_VALUE, POOL.course(longest), POOL.block(longest));
        CoalescedWrite run = new CoalescedWrite(key, 1.0, 1, 2, Long.MAX_VALUE, true);
        ByteBuffer bytes = ByteBuffer.allocate(ChangeCodec.MAX_BYTES);

        ChangeCodec.encode(run, bytes);

        assertThat(bytes.hasRemaining()).isFalse();
        assertThat(ChangeCodec.decode(bytes.flip(), POOL)).isEqualTo(run);
    }

    private static CoalescedWrite random(Random random) {
        long createdAt = random.nextInt() * 1_000L;
        long changedAt = createdAt + random.nextInt(3);
        CompletionKey key = new CompletionKey(
                1 + random.nextInt(Integer.MAX_VALUE), POOL.course(text(random)), POOL.block(text(random)));
        return new CoalescedWrite(
                key,
                random.nextDouble(),
                createdAt,
                changedAt,
                changedAt + random.nextInt(3),
                random.nextBoolean(),
                random.nextBoolean());
    }

    /** Characters that take one to four bytes. */
    private static String text(Random random) {
        int[] alphabet = {'a', 'Z', '7', '\u00E9', '\u0416', '\u6F22', '\uFB01', 0x1F600, 0x10FFFD};
        return random.ints(1 + random.nextInt(KeyPool.MAX_KEY_CHARACTERS), 0, alphabet.length)
                .map(i -> alphabet[i])
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
