package dev.writebehind.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.KeyPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The formula by which sites reckon their heap. */
class SizingPageTest {
    private static final KeyPool POOL = new KeyPool();

    @Test
    void formula_isWhatAKeyIsCharged() throws IOException {
        long text = 248;
        long string = 40;
        assertThat(Files.readString(Path.of("docs", "sizing.md")))
                .contains(
                        "> " + Charges.BYTES_PER_KEY + " bytes + " + Charges.BYTES_PER_ENTRY
                                + " for its learner in its course",
                        text + " for its course and for its block",
                        "with the text: " + string + " bytes and its characters");

        long key = Charges.BYTES_PER_KEY + Charges.BYTES_PER_ENTRY;
        assertThat(charged("course", "block"))
                .as("small letters, kept once")
                .isEqualTo(key + 2 * text + (string + 6) + (string + 5));
        assertThat(charged("Course", "block"))
                .as("a capital: the course's text twice")
                .isEqualTo(key + 2 * text + 2 * (string + 6) + (string + 5));
        assertThat(charged("course", "\u30D6"))
                .as("beyond Latin-1: two bytes for a character")
                .isEqualTo(key + 2 * text + (string + 6) + (string + 2));
    }

    private static long charged(String course, String block) {
        CompletionKey key = new CompletionKey(1, POOL.course(course), POOL.block(block));
        return Charges.bytes(key, true, true, true);
    }
}
