package dev.writebehind.completion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several spellings of one row: what their runs leave together is what their writes left one by one. */
class TwinRunsTest {
    private static final long HORIZON = 1_000_000;

    private final KeyPool pool = new KeyPool();
    private final List<CompletionKey> spellings = List.of(key("cafe"), key("café"), key("cafè"), key("cafe\u0301"));

    @Test
    void withTwin_ofRunsOneAfterTheOther_isExact() {
        CoalescedWrite first = run(0, 0.5, 10);
        CoalescedWrite second = run(1, 1, 20).then(run(1, 0.25, 30));

        assertThat(second.withTwin(first))
                .isEqualTo(first.withTwin(second))
                .isEqualTo(new CoalescedWrite(spellings.get(0), 0.25, 10, 30, 30, true));
    }

    @Test
    void withTwin_ofARunAroundAnother_hasTheValueOfTheLastWriteAndTheSpellingOfTheFirst() {
        CoalescedWrite around = run(0, 0.75, 10).then(run(0, 0.75, 30));
        CoalescedWrite within = run(1, 0.25, 20);

        CoalescedWrite both = within.withTwin(around);

        assertThat(both).isEqualTo(new CoalescedWrite(spellings.get(0), 0.75, 10, 30, 30, true));
        assertThat(both.key().block().value()).isEqualTo("cafe");
    }

    @Test
    void applyTo_aRowBeyondTheHorizon_takesItForOlder() {
        StoredCompletion ahead = new StoredCompletion("cafe", "unknown", 0.25, 5, HORIZON + 1);
        assertThat(run(0, 0.75, 10).applyTo(ahead, HORIZON).completion()).isEqualTo(0.75);
        assertThat(run(0, 0.75, 10).applyTo(ahead, HORIZON).modifiedAt()).isEqualTo(10);
        assertThat(run(0, 0.25, 10).applyTo(ahead, HORIZON)).isSameAs(ahead);
        assertThat(run(0, 0.75, 10).applyTo(ahead, HORIZON + 1)).isSameAs(ahead);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void withTwin_ofRandomWritesOfRandomSpellings_leavesWhatTheyLeftOneByOne(int seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            StoredCompletion before = random.nextBoolean()
                    ? null
                    : new StoredCompletion("cafe", "unknown", random.nextInt(3) / 2.0, 1, 2);
            StoredCompletion expected = before;
            List<CoalescedWrite> runs = new ArrayList<>();
            long at = 10;
            for (int i = 1 + random.nextInt(8); i > 0; i--) {
                at += 1 + random.nextInt(3);
                CoalescedWrite write = run(random.nextInt(spellings.size()), random.nextInt(3) / 2.0, at);
                expected = write.applyTo(expected);
                fold(runs, write);
            }
            CoalescedWrite row = runs.stream().reduce(CoalescedWrite::withTwin).orElseThrow();
            check(row.applyTo(before), expected, at);
        }
    }

    private static void check(StoredCompletion actual, @Nullable StoredCompletion expected, long last) {
        assertThat(expected).isNotNull();
        assertThat(actual.completion()).isEqualTo(expected.completion());
        assertThat(actual.blockKey()).isEqualTo(expected.blockKey());
        assertThat(actual.createdAt()).isEqualTo(expected.createdAt());
        assertThat(actual.modifiedAt()).isBetween(expected.modifiedAt(), last);
        if (expected.modifiedAt() == expected.createdAt()) {
            assertThat(actual.modifiedAt()).as("never changed").isEqualTo(expected.modifiedAt());
        }
    }

    private static void fold(List<CoalescedWrite> runs, CoalescedWrite write) {
        for (int i = 0; i < runs.size(); i++) {
            if (runs.get(i).key().equals(write.key())) {
                runs.set(i, runs.get(i).then(write));
                return;
            }
        }
        runs.add(write);
    }

    private CoalescedWrite run(int spelling, double value, long at) {
        return CoalescedWrite.of(new CompletionWrite(spellings.get(spelling), value), at);
    }

    private CompletionKey key(String block) {
        return new CompletionKey(1, pool.course("c"), pool.block(block));
    }
}
