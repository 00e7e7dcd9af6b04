package dev.writebehind.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.config.ByteSize;
import dev.writebehind.config.HttpSettings;
import dev.writebehind.http.BodyBudget.Reservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final long PLENTY = 8L * 1024 * MIB;

    private static final @Nullable String SERVER = null;

    private static HttpSettings settings(int maxBodyMib, int learnerKib, int bodiesMib) {
        return new HttpSettings(
                "127.0.0.1",
                0,
                ByteSize.ofMebibytes(maxBodyMib),
                ByteSize.ofKibibytes(learnerKib),
                ByteSize.ofMebibytes(bodiesMib),
                Duration.ofSeconds(30));
    }

    private final BodyBudget budget = BodyBudget.create(settings(32, 256, 64), PLENTY);

    private static String learner(int number) {
        return "learner" + number;
    }

    @Test
    void largeBodies_leaveAQuarterToTheSmall() {
        assertThat(budget.begin(SERVER).growTo(32 * MIB)).isTrue();
        assertThat(budget.begin(SERVER).growTo(16 * MIB)).isTrue();
        assertThat(budget.begin(SERVER).growTo(BodyBudget.SMALL_BODY + 1)).isFalse();

        for (int i = 0; i < 16 * MIB / BodyBudget.SMALL_BODY; i++) {
            assertThat(budget.begin(SERVER).growTo(BodyBudget.SMALL_BODY)).isTrue();
        }
        assertThat(budget.begin(SERVER).growTo(1)).isFalse();
        assertThat(budget.taken()).isEqualTo(64 * MIB);
    }

    @Test
    void growing_intoALargeBody_countsAllOfIt() {
        Reservation growing = budget.begin(SERVER);
        assertThat(growing.growTo(BodyBudget.SMALL_BODY)).isTrue();
        assertThat(budget.begin(SERVER).growTo(32 * MIB)).isTrue();
        assertThat(growing.growTo(16 * MIB + 1)).isFalse();
        assertThat(growing.growTo(16 * MIB)).isTrue();
        assertThat(budget.taken()).isEqualTo(48 * MIB);
    }

    @Test
    void oneLearner_takesTwoOfItsLargestBodies_andNoMore() {
        assertThat(budget.largest(learner(1))).isEqualTo(ByteSize.ofKibibytes(256));
        Reservation first = budget.begin(learner(1));
        assertThat(first.growTo(256 * KIB)).isTrue();
        assertThat(budget.begin(learner(1)).growTo(256 * KIB)).isTrue();

        assertThat(budget.begin(learner(1)).growTo(1)).isFalse();
        assertThat(budget.begin(learner(2)).growTo(1)).isTrue();
        first.release();
        assertThat(budget.begin(learner(1)).growTo(1)).isTrue();
    }

    @Test
    void allLearners_leaveHalfToServers() {
        int taken = 0;
        for (int i = 1; i <= 1_000; i++) {
            taken += budget.begin(learner(i)).growTo(256 * KIB) ? 1 : 0;
        }
        assertThat(taken).isEqualTo(32 * MIB / (256 * KIB));
        assertThat(budget.begin(SERVER).growTo(16 * MIB)).isTrue();
    }

    @Test
    void release_givesEverythingBack_once() {
        Reservation one = budget.begin(learner(1));
        Reservation other = budget.begin(learner(1));
        one.growTo(100);
        other.growTo(200);
        one.release();
        one.release();
        assertThat(budget.taken()).isEqualTo(200);
        assertThat(one.growTo(1)).isFalse();
        other.release();
        assertThat(budget.taken()).isZero();
    }

    @Test
    void budget_neverExceedsAQuarterOfTheHeap_andNeitherDoesOneBody() {
        BodyBudget small = BodyBudget.create(settings(32, 256, 64), 64L * MIB);

        assertThat(small.largest(SERVER)).isEqualTo(ByteSize.ofMebibytes(8));
        assertThat(small.begin(SERVER).growTo(12 * MIB)).isTrue();
        assertThat(small.begin(SERVER).growTo(4 * MIB)).isFalse();
        assertThat(small.begin(SERVER).growTo(BodyBudget.SMALL_BODY)).isTrue();
    }

    @Test
    void manyThreads_neverTakeMoreThanThereIs_andGiveAllBack() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            int seed = t;
            threads.add(new Thread(() -> {
                Random random = new Random(seed);
                for (int i = 0; i < 20_000; i++) {
                    String sender = random.nextBoolean() ? SERVER : learner(random.nextInt(3));
                    Reservation reservation = budget.begin(sender);
                    long size = 1L << random.nextInt(26);
                    if (reservation.growTo(size / 2 + 1)) {
                        reservation.growTo(size);
                    }
                    reservation.release();
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(budget.taken()).isZero();
        assertThat(budget.begin(SERVER).growTo(48 * MIB)).isTrue();
        for (int i = 0; i < 3; i++) {
            assertThat(budget.begin(learner(i)).growTo(64 * KIB)).isTrue();
        }
    }
}
