package dev.writebehind.loadtest.raw;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.loadtest.peers.PeerKey;
import dev.writebehind.loadtest.peers.PeerWork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The peers' work over several connections. */
class DrawnWritesTest {
    private static final int CONNECTIONS = 3;

    private final PeerWork work = new PeerWork(2_000, 50);
    private final DrawnWrites writes = new DrawnWrites(work, CONNECTIONS);

    @TempDir
    private Path directory;

    private JsonNode send(int write) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(1_000);
        writes.send(write, out);
        assertThat(out.position()).isEqualTo(writes.length(write)).isLessThanOrEqualTo(writes.longest());
        return new ObjectMapper().readTree(new String(out.array(), 0, out.position(), StandardCharsets.UTF_8));
    }

    private static PeerKey key(JsonNode write) {
        return new PeerKey(
                write.get("user_id").asInt() - Keyspace.FIRST_USER,
                write.get("course_key").asText(),
                write.get("block_key").asText());
    }

    @Test
    void connections_haveLearnersOfTheirOwn_andTogetherSendTheWork() throws IOException {
        Map<PeerKey, Double> last = new HashMap<>();
        Set<Integer> others = new HashSet<>();
        for (int connection = 0; connection < CONNECTIONS; connection++) {
            Set<Integer> own = new HashSet<>();
            int to = writes.first(connection + 1, CONNECTIONS);
            for (int write = writes.first(connection, CONNECTIONS); write < to; write++) {
                JsonNode sent = send(write);
                own.add(key(sent).user());
                last.put(key(sent), sent.get("completion").asDouble());
            }
            assertThat(own).isNotEmpty().noneMatch(others::contains);
            others.addAll(own);
        }
        assertThat(writes.first(CONNECTIONS, CONNECTIONS)).isEqualTo(work.size());
        assertThat(last).isEqualTo(work.expected());
    }

    @Test
    void outcomes_holdTheLastAcknowledged_andWhatIsInDoubt() throws IOException {
        int other = writes.first(1, CONNECTIONS);
        double known = send(0).get("completion").asDouble();
        writes.answered(0, true);
        double doubted = send(other).get("completion").asDouble();
        writes.answered(other, false);
        Path file = directory.resolve("outcomes.tsv");
        writes.writeOutcomes(file);

        assertThat(Files.readAllLines(file))
                .hasSize(3)
                .anyMatch(line -> line.endsWith("\t" + known + "\t\t"))
                .anyMatch(line -> line.endsWith("\t-\t\t" + doubted))
                .endsWith("end\t2");
    }
}
