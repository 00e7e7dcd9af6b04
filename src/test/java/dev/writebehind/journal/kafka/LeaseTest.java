package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaseTest {
    private static final Duration SESSION = Duration.ofSeconds(6);

    /** A clock that has just begun again from its least value. */
    private static final long NOW = Long.MAX_VALUE - Duration.ofSeconds(1).toNanos();

    private final Lease lease = new Lease(SESSION);

    private Duration left(Duration later) {
        return lease.left(NOW + later.toNanos());
    }

    @Test
    void owner_holdsNothing_untilItIsConfirmed() {
        lease.given();
        assertThat(left(Duration.ZERO)).isZero();
        lease.confirmed(NOW);
        assertThat(left(Duration.ZERO)).isEqualTo(SESSION);
    }

    @Test
    void confirmedMember_thatIsNoOwner_holdsNothing() {
        lease.confirmed(NOW);
        assertThat(left(Duration.ZERO)).isZero();
    }

    @Test
    void lease_endsOneSessionAfterTheLastConfirmationWasAsked_alsoWhereTheClockOverflows() {
        lease.given();
        lease.confirmed(NOW);
        assertThat(left(Duration.ofSeconds(4))).isEqualTo(Duration.ofSeconds(2));
        assertThat(left(SESSION)).isZero();
        assertThat(left(Duration.ofSeconds(60))).isZero();
        lease.confirmed(NOW + Duration.ofSeconds(60).toNanos());
        assertThat(left(Duration.ofSeconds(61))).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void partitionThatIsTakenAndGivenAgain_needsAnotherConfirmation() {
        lease.given();
        lease.confirmed(NOW);
        lease.taken();
        assertThat(left(Duration.ZERO)).isZero();
        lease.given();
        assertThat(left(Duration.ZERO)).isZero();
    }

    @Test
    void deniedMember_holdsNothing_untilItIsConfirmedAgain() {
        lease.given();
        lease.confirmed(NOW);
        lease.denied();
        assertThat(left(Duration.ZERO)).isZero();
        lease.confirmed(NOW);
        assertThat(left(Duration.ZERO)).isEqualTo(SESSION);
    }
}
