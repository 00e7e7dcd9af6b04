package dev.writebehind.loadtest.raw;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client sends of its keys, and what it says that the table must hold. */
class KeyspaceTest {
    private final Keyspace keys = new Keyspace(10, 1_000_000, 4);

    @TempDir
    private Path directory;

    private JsonNode send(int key) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(1_000);
        keys.send(key, out);
        assertThat(out.position()).isEqualTo(keys.length(key));
        return new ObjectMapper().readTree(new String(out.array(), 0, out.position(), StandardCharsets.UTF_8));
    }

    @Test
    void send_isAWriteOfTheLearnersBlock_whoseValuesCountUp() throws IOException {
        JsonNode first = send(5);
        JsonNode second = send(5);

        assertThat(first.get("user_id").asInt()).isEqualTo(1_000_001);
        assertThat(first.get("course_key").asText()).isEqualTo(keys.block(1).courseKey());
        assertThat(first.get("block_key").asText()).isEqualTo(keys.block(1).key());
        assertThat(first.get("completion").asDouble()).isEqualTo(0.0001);
        assertThat(second.get("completion").asDouble()).isEqualTo(0.0002);
    }

    @Test
    void outcomes_areTheAcknowledgedValue_andTheDoubtfulOneAfterIt() throws IOException {
        send(0);
        keys.answered(0, true);
        send(1);
        keys.answered(1, true);
        send(1);
        keys.answered(1, false);
        send(2);
        keys.answered(2, false);
        Path file = directory.resolve("outcomes.tsv");

        keys.writeOutcomes(file);

        assertThat(Files.readAllLines(file))
                .extracting(line -> line.replaceAll("\tcourse-v1:\\S*\tblock-v1:\\S*", ""))
                .containsExactly("1000000\t1.0E-4\t\t", "1000000\t1.0E-4\t\t2.0E-4", "1000000\t-\t\t1.0E-4", "end\t3");
    }
}
