package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.store.ChangeBatch.Upserts;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchEncoderTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KeyPool pool = new KeyPool();

    @Test
    void encode_ofABatch_isAnArrayOfArraysInTheOrderOfTheStatement() {
        CoalescedWrite first = write(42, "course-v1:O+C+R", "block-v1:O+C+R+type@html+block@b", 0.5, 1)
                .then(write(42, "course-v1:O+C+R", "block-v1:O+C+R+type@html+block@b", 1.0, 1_000_001))
                .then(write(42, "course-v1:O+C+R", "block-v1:O+C+R+type@html+block@b", 1.0, 2_000_002));
        CoalescedWrite second = write(Integer.MAX_VALUE, "O/C/R", "opaque", 0.0, 3);

        assertThat(BatchEncoder.encode(new Upserts(List.of(first, second))))
                .isEqualTo("[[42,\"course-v1:O+C+R\",\"block-v1:O+C+R+type@html+block@b\",\"html\",1.0"
                        + ",\"1970-01-01 00:00:00.000001\",\"1970-01-01 00:00:01.000001\",\"1970-01-01"
                        + " 00:00:02.000002\",1]"
                        + ",[2147483647,\"O/C/R\",\"opaque\",\"unknown\",0.0"
                        + ",\"1970-01-01 00:00:00.000003\",\"1970-01-01 00:00:00.000003\",\"1970-01-01"
                        + " 00:00:00.000003\",0]]");
    }

    @Test
    void encode_ofAnEmptyBatch_isAnEmptyArray() {
        assertThat(BatchEncoder.encode(new Upserts(List.of()))).isEqualTo("[]");
    }

    @Test
    void encode_ofStrangeKeys_readsBackAsTheSame() throws JsonProcessingException {
        for (String key :
                List.of("\"", "\\", "a\"b\\c/d", "ж😀", "<script>", "a\u2028b", "x".repeat(255), "𐐷".repeat(255))) {
            JsonNode row = JSON.readTree(BatchEncoder.encode(new Upserts(List.of(write(1, key, key, 1.0, 1)))))
                    .get(0);

            assertThat(row.get(1).textValue()).isEqualTo(key);
            assertThat(row.get(2).textValue()).isEqualTo(key);
        }
    }

    @Test
    void encode_ofRandomBatches_readsBackAsTheSameToTheBitAndMicrosecond() throws JsonProcessingException {
        Random random = new Random(1);
        List<CoalescedWrite> batch = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            double value = i % 10 == 0 ? Double.MIN_VALUE * i : random.nextDouble();
            batch.add(write(1 + random.nextInt(Integer.MAX_VALUE), "c" + i, "b" + i, value, random.nextLong(1L << 57)));
        }

        JsonNode rows = JSON.readTree(BatchEncoder.encode(new Upserts(batch)));

        assertThat(rows.size()).isEqualTo(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            CoalescedWrite write = batch.get(i);
            JsonNode row = rows.get(i);
            assertThat(row.size()).isEqualTo(9);
            assertThat(row.get(0).intValue()).isEqualTo(write.key().userId());
            assertThat(row.get(3).textValue()).isEqualTo("unknown");
            assertThat(row.get(4).doubleValue()).isEqualTo(write.value());
            assertThat(row.get(5).textValue()).isEqualTo(SqlTime.text(write.createdAt()));
            assertThat(row.get(6).textValue()).isEqualTo(SqlTime.text(write.changedAt()));
            assertThat(row.get(7).textValue()).isEqualTo(SqlTime.text(write.receivedAt()));
            assertThat(row.get(8).intValue()).isZero();
        }
    }

    private CoalescedWrite write(int userId, String course, String block, double value, long receivedAt) {
        CompletionKey key = new CompletionKey(userId, pool.course(course), pool.block(block));
        return CoalescedWrite.of(new CompletionWrite(key, value), receivedAt);
    }
}
