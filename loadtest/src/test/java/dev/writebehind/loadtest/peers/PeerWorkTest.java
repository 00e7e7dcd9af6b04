package dev.writebehind.loadtest.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PeerWorkTest {
    private static final PeerWork WORK = new PeerWork(20_000, 500);

    @Test
    void work_isTheSameForEverybody() {
        PeerWork other = new PeerWork(20_000, 500);

        assertThat(other.expected()).isEqualTo(WORK.expected());
    }

    @Test
    void expected_isTheLastValueOfEachKey() {
        int last = WORK.size() - 1;
        PeerKey key = new PeerKey(
                WORK.user(last), WORK.block(last).courseKey(), WORK.block(last).key());

        assertThat(WORK.expected()).containsEntry(key, WORK.value(last)).hasSizeLessThan(WORK.size());
    }

    @Test
    void blocks_followZipfsLaw() {
        Map<String, Long> counts = IntStream.range(0, WORK.size())
                .mapToObj(i -> WORK.block(i).key())
                .collect(Collectors.groupingBy(key -> key, Collectors.counting()));
        long[] sorted =
                counts.values().stream().mapToLong(Long::longValue).sorted().toArray();

        assertThat((double) sorted[sorted.length - 1] / sorted[sorted.length - 2])
                .isBetween(1.8, 2.2);
        assertThat((double) sorted[sorted.length - 1] / sorted[sorted.length - 4])
                .isBetween(3.5, 4.5);
    }
}
