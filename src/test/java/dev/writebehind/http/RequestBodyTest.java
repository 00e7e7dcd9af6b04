package dev.writebehind.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.writebehind.config.ByteSize;
import dev.writebehind.config.HttpSettings;
import dev.writebehind.http.BodyBudget.Reservation;
import java.lang.ref.WeakReference;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyTest {
    private static final int MIB = 1024 * 1024;
    private static final HttpSettings SETTINGS = new HttpSettings(
            "127.0.0.1",
            0,
            ByteSize.ofMebibytes(32),
            ByteSize.ofKibibytes(256),
            ByteSize.ofMebibytes(64),
            Duration.ofSeconds(30));

    private final BodyBudget budget = BodyBudget.create(SETTINGS, 8L * 1024 * MIB);

    @Test
    void release_letsGoOfTheBytes_andOfTheirPartOfTheBudget() {
        Reservation reservation = budget.begin(null);
        reservation.growTo(MIB);
        RequestBody body = new RequestBody(new byte[MIB], MIB - 1, reservation);
        WeakReference<byte[]> bytes = new WeakReference<>(body.bytes());

        body.release();
        body.release();

        System.gc();
        assertThat(bytes.refersTo(null)).isTrue();
        assertThat(budget.taken()).isZero();
        assertThat(body.length()).isEqualTo(MIB - 1);
    }

    @Test
    void bytes_afterRelease_isAFault() {
        RequestBody body = RequestBody.empty();
        body.release();
        assertThatIllegalStateException().isThrownBy(body::bytes);
        assertThat(RequestBody.empty().bytes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_000, 256 * 1024, 1_000_000, 32 * MIB, 33 * MIB + 1})
    void capacity_growsToTheLargestBody_andNeverHoldsMoreThanOneAndAHalfOfIt(int largest) {
        int held = 0;
        while (held < largest) {
            int next = BodyReader.capacity(held + 1, largest);
            assertThat(next).isBetween(held + 1, largest);
            assertThat((long) held + next).isLessThanOrEqualTo(largest + largest / 2L);
            held = next;
        }
    }
}
