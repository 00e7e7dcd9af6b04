package dev.writebehind.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CompletionKeyTest {
    private final KeyPool pool = new KeyPool();

    @Test
    void compareTo_ordersByCourseThenBlockThenUser() {
        List<CompletionKey> ordered = List.of(
                key(9, "a", "x"),
                key(1, "a", "y"),
                key(2, "a", "y"),
                key(10, "a", "y"),
                key(5, "b", "a"),
                key(1, "b", "x"),
                key(Integer.MAX_VALUE, "b", "x"));
        List<CompletionKey> shuffled = new ArrayList<>(ordered);

        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(shuffled, new Random(seed));
            assertThat(shuffled.stream().sorted()).containsExactlyElementsOf(ordered);
        }
    }

    @Test
    void compareTo_letsLetterCaseAside() {
        assertThat(key(1, "Course", "BLOCK")).isEqualByComparingTo(key(1, "cOURSE", "block"));
        assertThat(key(1, "B", "x")).isGreaterThan(key(1, "a", "x"));
        assertThat(key(1, "a", "B")).isGreaterThan(key(1, "a", "a")).isLessThan(key(1, "a", "c"));
    }

    @Test
    void compareTo_ofRandomKeys_agreesWithEquals() {
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            CompletionKey one = random(random);
            CompletionKey other = random(random);

            assertThat(one.compareTo(other) == 0).isEqualTo(one.equals(other));
            assertThat(Integer.signum(one.compareTo(other))).isEqualTo(-Integer.signum(other.compareTo(one)));
            if (one.equals(other)) {
                assertThat(one).hasSameHashCodeAs(other);
            }
        }
    }

    @Test
    void new_withAUserThatCantBe_isRefused() {
        for (int userId : new int[] {0, -1, Integer.MIN_VALUE}) {
            assertThatIllegalArgumentException().isThrownBy(() -> key(userId, "a", "b"));
        }
    }

    @Test
    void write_withAValueThatIsNoCompletion_isRefused() {
        for (double value : new double[] {-0.1, 1.0000001, Double.NaN, Double.POSITIVE_INFINITY, -Double.MIN_VALUE}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new CompletionWrite(key(1, "a", "b"), value));
        }
    }

    @Test
    void write_ofNegativeZero_isZero() {
        double value = new CompletionWrite(key(1, "a", "b"), -0.0).completion();

        assertThat(Double.doubleToRawLongBits(value)).isZero();
    }

    private CompletionKey random(Random random) {
        String letters = "abAB";
        return key(
                1 + random.nextInt(2),
                "" + letters.charAt(random.nextInt(4)) + letters.charAt(random.nextInt(4)),
                "" + letters.charAt(random.nextInt(4)));
    }

    private CompletionKey key(int userId, String course, String block) {
        return new CompletionKey(userId, pool.course(course), pool.block(block));
    }
}
