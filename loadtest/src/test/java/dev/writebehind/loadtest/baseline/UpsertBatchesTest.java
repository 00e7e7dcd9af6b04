package dev.writebehind.loadtest.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.loadtest.baseline.UpsertBatches.Encoded;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpsertBatchesTest {
    @Test
    void encode_sharesRowsBetweenNewAndChanged_eachKeyOnce() throws Exception {
        UpsertBatches batches = UpsertBatches.encode(1_050, 0.8, 40, 100, 2);

        List<String> before = keys(batches.before());
        List<String> measured = keys(batches.measured());
        assertThat(before).hasSize(210).doesNotHaveDuplicates();
        assertThat(measured).hasSize(1_050).doesNotHaveDuplicates().containsAll(before);
        assertThat(batches.measured()).extracting(Encoded::rows).containsOnly(100, 40, 10);
        // Changes come among new rows, not all at one end, in batches that say so.
        assertThat(batches.measured().subList(0, 6))
                .extracting(Encoded::present)
                .contains(true, false);
        for (Encoded batch : batches.measured()) {
            List<String> keys = keys(List.of(batch));
            assertThat(before.containsAll(keys)).isEqualTo(batch.present());
            assertThat(keys).isSorted();
        }
    }

    @Test
    void encode_sortsWhatIsDrainedTogether_acrossLanes() throws Exception {
        UpsertBatches batches = UpsertBatches.encode(400, 1.0, 40, 100, 2);

        assertThat(batches.before()).isEmpty();
        assertThat(keys(batches.measured().subList(0, 2))).isSorted();
        assertThat(keys(batches.measured().subList(2, 4))).isSorted();
    }

    /** In a form that sorts as the unique key does. */
    private static List<String> keys(List<Encoded> batches) throws Exception {
        List<String> keys = new ArrayList<>();
        for (Encoded batch : batches) {
            JsonNode rows = new ObjectMapper().readTree(batch.json());
            assertThat(rows.size()).isEqualTo(batch.rows());
            for (JsonNode row : rows) {
                keys.add("%s %s %06d"
                        .formatted(
                                row.get(1).asText(),
                                row.get(2).asText(),
                                row.get(0).asInt()));
            }
        }
        return keys;
    }
}
