package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.ByteSize;
import dev.writebehind.journal.LogRecord.Writes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Records beside the smallest bodies that make them. */
class RecordSizeTest {
    private static final String[] CHARACTERS = {"b", "\u00e9", "\u4e2d", "\ud83d\ude00"};

    private final KeyPool keys = new KeyPool();
    private final MessageCodec codec = new MessageCodec(keys);

    /** For each length of keys and each width of characters; each write of its own course, or all of one. */
    @Test
    void record_ofAnyBodyInUtf8_isWithinTheBound_byHalf() {
        double worst = 0;
        for (String character : CHARACTERS) {
            for (int length = 1; length <= KeyPool.MAX_KEY_CHARACTERS; length++) {
                String key = character.repeat(length);
                worst = Math.max(worst, bytesForEach(List.of("c"), key));
                worst = Math.max(worst, bytesForEach(List.of(key, "c"), key));
            }
        }
        assertThat(worst).isBetween(1.4, 1.51);
        assertThat(RecordSize.value(new ByteSize(1_000))).isEqualTo(2_000);
    }

    /** Returns how many bytes a record takes for each of the body's, of many writes to those courses by turns. */
    private double bytesForEach(List<String> courses, String block) {
        List<CompletionWrite> writes = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            String course = courses.get(i % courses.size());
            writes.add(new CompletionWrite(new CompletionKey(1, keys.course(course), keys.block(block)), 1));
            body.append(String.format(
                    Locale.ROOT,
                    "{\"user_id\":1,\"course_key\":\"%s\",\"block_key\":\"%s\",\"completion\":1}",
                    course,
                    block));
        }
        byte[] record = codec.encode(
                new Message.Entry(new Origin(UUID.randomUUID(), 1), Validity.UNLIMITED, new Writes(writes)));
        return record.length / (double) body.toString().getBytes(StandardCharsets.UTF_8).length;
    }
}
