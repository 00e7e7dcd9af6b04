package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HeapBoundsTest {
    private static final BufferSettings WANTED =
            new BufferSettings(1_000_000, ByteSize.ofMebibytes(768), Duration.ofSeconds(10));

    @Test
    void within_aHeapOfTwiceThat_isAsWanted() {
        assertThat(HeapBounds.within(WANTED, ByteSize.ofMebibytes(2 * 768).bytes()))
                .isSameAs(WANTED);
    }

    @Test
    void within_aSmallerHeap_takesHalfOfIt() {
        assertThat(HeapBounds.within(WANTED, ByteSize.ofMebibytes(512).bytes()))
                .isEqualTo(new BufferSettings(1_000_000, ByteSize.ofMebibytes(256), Duration.ofSeconds(10)));
    }
}
