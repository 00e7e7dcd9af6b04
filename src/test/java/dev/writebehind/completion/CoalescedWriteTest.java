package dev.writebehind.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CoalescedWriteTest {
    private static final double[] VALUES = {0.0, 0.25, 0.5, 1.0};

    private final KeyPool pool = new KeyPool();
    private final CompletionKey key =
            new CompletionKey(42, pool.course("course-v1:O+C+R"), pool.block("block-v1:O+C+R+type@html+block@Block"));

    @Test
    void applyTo_noRow_isARowCreatedByTheFirstWrite() {
        assertThat(run(0.5, 10).then(run(0.5, 20)).applyTo(null)).isEqualTo(row(0.5, 10, 10));
        assertThat(run(0.5, 10).then(run(1.0, 20)).then(run(1.0, 30)).applyTo(null))
                .isEqualTo(row(1.0, 10, 20));
    }

    @Test
    void applyTo_anotherValue_isModifiedWhenTheRunFirstDiffered() {
        CoalescedWrite run = run(1.0, 10).then(run(1.0, 20));

        assertThat(run.applyTo(row(0.5, 1, 2))).isEqualTo(row(1.0, 1, 10));
    }

    @Test
    void applyTo_theSameValue_leavesModifiedAlone() {
        CoalescedWrite run = run(1.0, 10).then(run(1.0, 20));

        assertThat(run.applyTo(row(1.0, 1, 2))).isEqualTo(row(1.0, 1, 2));
    }

    @Test
    void applyTo_theSameValueAfterADetour_isModifiedByTheWayBack() {
        CoalescedWrite run = run(0.0, 10).then(run(1.0, 20)).then(run(1.0, 30));

        assertThat(run.applyTo(row(1.0, 1, 2))).isEqualTo(row(1.0, 1, 20));
    }

    @Test
    void applyTo_aRowThatIsNewer_leavesItAlone() {
        assertThat(run(0.0, 10).then(run(0.5, 20)).applyTo(row(1.0, 1, 21))).isEqualTo(row(1.0, 1, 21));
    }

    @Test
    void applyTo_aRowThatSomebodyElseModifiedWithinTheRun_isModifiedNoEarlier() {
        CoalescedWrite run = run(0.0, 10).then(run(0.5, 20)).then(run(0.5, 30));

        assertThat(run.applyTo(row(1.0, 1, 25))).isEqualTo(row(0.5, 1, 30));
        assertThat(run.applyTo(row(0.5, 1, 25))).isEqualTo(row(0.5, 1, 25));
    }

    @Test
    void applyTo_aRowOfAnotherSpelling_keepsIt() {
        StoredCompletion row = new StoredCompletion("BLOCK-V1:o+c+r+type@html+block@block", "html", 0.5, 1, 2);

        assertThat(run(1.0, 10).applyTo(row))
                .isEqualTo(new StoredCompletion("BLOCK-V1:o+c+r+type@html+block@block", "html", 1.0, 1, 10));
    }

    @Test
    void then_keepsTheSpellingOfTheFirst() {
        CompletionKey shouted = new CompletionKey(
                42, pool.course("COURSE-V1:O+C+R"), pool.block("BLOCK-V1:O+C+R+TYPE@HTML+BLOCK@BLOCK"));
        CoalescedWrite later = CoalescedWrite.of(new CompletionWrite(shouted, 1.0), 20);

        assertThat(run(0.5, 10).then(later).key()).isSameAs(key);
        assertThat(run(1.0, 10).then(later).key()).isSameAs(key);
    }

    @Test
    void then_ofARunThatIsNotWhollyLater_isRefused() {
        CoalescedWrite run = run(0.5, 10).then(run(1.0, 20));

        assertThatIllegalArgumentException().isThrownBy(() -> run.then(run(0.5, 20)));
        assertThatIllegalArgumentException().isThrownBy(() -> run.then(run(0.5, 15)));
        assertThatIllegalArgumentException().isThrownBy(() -> run.then(run(0.5, 5)));
        assertThatIllegalArgumentException().isThrownBy(() -> run.then(run));
        assertThat(run.then(run(0.5, 21)).receivedAt()).isEqualTo(21);
    }

    @Test
    void new_withTimesOutOfOrder_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new CoalescedWrite(key, 1.0, 2, 1, 3, false));
        assertThatIllegalArgumentException().isThrownBy(() -> new CoalescedWrite(key, 1.0, 1, 3, 2, false));
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void then_isToldByItsCallers_onlyWhereBothAre(boolean first, boolean second) {
        for (double value : VALUES) {
            CoalescedWrite run = CoalescedWrite.of(new CompletionWrite(key, VALUES[0], first), 1);
            CoalescedWrite later = CoalescedWrite.of(new CompletionWrite(key, value, second), 2);
            assertThat(run.told()).isEqualTo(first);
            assertThat(run.then(later).told()).isEqualTo(first && second);
            assertThat(run.withTwin(later).told()).isEqualTo(first && second);
            assertThat(run.since(new CourseReset(LearnerCourse.of(key), 1)).told())
                    .isEqualTo(first);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void then_ofRandomRuns_isAssociative(int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            Times times = new Times(random);
            CoalescedWrite first = randomRun(random, times);
            CoalescedWrite second = randomRun(random, times);
            CoalescedWrite third = randomRun(random, times);

            assertThat(first.then(second).then(third)).isEqualTo(first.then(second.then(third)));
        }
    }

    /**
     * Whatever is written, wherever the cycles cut, whether they fail, are applied twice or are applied although they
     * seemed to fail: the row, with what is in flight and what waits laid over it, is at every moment what direct
     * writes would have left.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void applyTo_ofRandomWritesInRandomCycles_leavesWhatDirectWritesLeave(int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            new Cycles(random).run();
        }
    }

    private final class Cycles {
        private final Random random;
        private final Times times;
        private @Nullable DirectRow direct;
        private @Nullable StoredCompletion table;
        private @Nullable CoalescedWrite inFlight;
        private @Nullable CoalescedWrite pending;
        private @Nullable CoalescedWrite flushedLast;
        private final StringBuilder story = new StringBuilder();

        Cycles(Random random) {
            this.random = random;
            this.times = new Times(random);
        }

        void run() {
            int steps = 1 + random.nextInt(20);
            for (int step = 0; step < steps; step++) {
                step();
                check(overlay());
            }
            commit();
            launch();
            commit();
            check(table);
        }

        private void step() {
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3, 4 -> write();
                case 5, 6 -> launch();
                case 7 -> commit();
                case 8 -> fail(random.nextBoolean());
                default -> replay();
            }
        }

        private void write() {
            double value = VALUES[random.nextInt(VALUES.length)];
            long now = times.next();
            story.append(" write ").append(value).append('@').append(now);
            DirectRow row = direct;
            if (row == null) {
                direct = new DirectRow(value, now);
            } else {
                row.write(value, now);
            }
            CoalescedWrite write = CoalescedWriteTest.this.run(value, now);
            pending = pending == null ? write : pending.then(write);
        }

        private void launch() {
            if (inFlight == null && pending != null) {
                story.append(" launch");
                inFlight = pending;
                pending = null;
            }
        }

        private void commit() {
            if (inFlight != null) {
                story.append(" commit");
                table = inFlight.applyTo(table);
                flushedLast = inFlight;
                inFlight = null;
            }
        }

        private void fail(boolean committedAllTheSame) {
            CoalescedWrite older = inFlight;
            if (older != null) {
                story.append(committedAllTheSame ? " lose-answer" : " fail");
                table = committedAllTheSame ? older.applyTo(table) : table;
                pending = pending == null ? older : older.then(pending);
                inFlight = null;
            }
        }

        private void replay() {
            if (flushedLast != null) {
                story.append(" replay");
                table = flushedLast.applyTo(table);
            }
        }

        private @Nullable StoredCompletion overlay() {
            StoredCompletion row = inFlight == null ? table : inFlight.applyTo(table);
            return pending == null ? row : pending.applyTo(row);
        }

        private void check(@Nullable StoredCompletion actual) {
            StoredCompletion expected = direct == null ? null : row(direct.value, direct.created, direct.modified);
            if (actual == null ? expected != null : !actual.equals(expected)) {
                assertThat(actual).as(story.toString()).isEqualTo(expected);
            }
        }
    }

    /** What Open edX's own model code leaves after the same writes. */
    private static final class DirectRow {
        private final long created;
        private double value;
        private long modified;

        DirectRow(double value, long now) {
            this.created = now;
            this.value = value;
            this.modified = now;
        }

        void write(double newValue, long now) {
            if (newValue != value) {
                value = newValue;
                modified = now;
            }
        }
    }

    private static final class Times {
        private final Random random;
        private long now = 1_000;

        Times(Random random) {
            this.random = random;
        }

        long next() {
            now += 1 + random.nextInt(3);
            return now;
        }
    }

    private CoalescedWrite randomRun(Random random, Times times) {
        CoalescedWrite run = randomWrite(random, times);
        for (int i = random.nextInt(4); i > 0; i--) {
            run = run.then(randomWrite(random, times));
        }
        return run;
    }

    private CoalescedWrite randomWrite(Random random, Times times) {
        return CoalescedWrite.of(
                new CompletionWrite(key, VALUES[random.nextInt(3)], random.nextBoolean()), times.next());
    }

    private CoalescedWrite run(double value, long receivedAt) {
        return CoalescedWrite.of(new CompletionWrite(key, value), receivedAt);
    }

    private StoredCompletion row(double value, long createdAt, long modifiedAt) {
        return new StoredCompletion(key.block().value(), key.block().blockType(), value, createdAt, modifiedAt);
    }
}
