package dev.writebehind.flush;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.store.OutboxReader.Backlog;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AnnouncementsTest {
    private static final Backlog EMPTY = new Backlog(0, Long.MAX_VALUE);
    private final Exception refused = new Exception("refused");

    private final Conditions conditions = new Conditions(Clock.systemUTC());
    private long seconds = 1_000;
    private final Announcements announcements = new Announcements(
            true,
            () -> 100,
            conditions,
            Announcements.Patience.USUAL,
            () -> Duration.ofSeconds(seconds).toNanos(),
            () -> seconds * 1_000_000);

    @Test
    void failure_holdsUpForAMinute_thenRowsGoWithout_andItIsTriedAgainEachTenSeconds() {
        assertThat(announcements.failed(refused)).isFalse();
        after(30);
        assertThat(announcements.isWanted()).isTrue();
        assertThat(announcements.failed(refused)).isFalse();
        after(30);
        assertThat(conditions.current()).isEmpty();
        assertThat(announcements.failed(refused)).isTrue();
        assertThat(conditions.holds(ConditionName.ANNOUNCEMENTS_FAILING)).isTrue();
        assertThat(announcements.isWanted()).isFalse();
        after(10);
        assertThat(announcements.isWanted()).isTrue();
        after(3_600);
        assertThat(announcements.failed(refused)).as("held up once only").isTrue();

        after(10);
        announcements.added(0);
        assertThat(conditions.current()).as("nothing was tried").hasSize(1);
        announcements.added(1);
        assertThat(conditions.current()).isEmpty();
        assertThat(announcements.failed(refused)).as("another time").isFalse();
    }

    @Test
    void outbox_foundUnfit_takesNothingUntilItIsFit_whateverElseIsTrueOfIt() {
        announcements.unfit("its engine is MyISAM");
        assertThat(announcements.isWanted()).isFalse();
        after(3_600);
        announcements.looked(EMPTY);
        assertThat(announcements.isWanted()).isFalse();
        assertThat(conditions.current()).singleElement().satisfies(condition -> {
            assertThat(condition.name()).isEqualTo(ConditionName.ANNOUNCEMENTS_FAILING);
            assertThat(condition.cause()).isEqualTo("its engine is MyISAM");
        });

        announcements.fit();
        assertThat(announcements.isWanted()).isTrue();
        announcements.looked(EMPTY);
        assertThat(conditions.current()).isEmpty();
    }

    @Test
    void failure_longAfterAnother_withNoEntryBetween_isTheSameOne_howeverSeldomItIsTried() {
        assertThat(announcements.failed(refused)).isFalse();
        after(3_600);
        assertThat(announcements.failed(refused)).isTrue();
    }

    @Test
    void age_beyondFiveMinutes_isToldOnceItHasLastedAMinute() {
        announcements.looked(new Backlog(5, micros() - 600_000_000));
        after(55);
        announcements.looked(new Backlog(5, micros() - 600_000_000));
        assertThat(conditions.current()).as("the news after an outage").isEmpty();
        announcements.looked(new Backlog(5, micros() - 60_000_000));
        after(5);
        announcements.looked(new Backlog(5, micros() - 301_000_000));
        after(60);
        announcements.looked(new Backlog(5, micros() - 361_000_000));
        assertThat(conditions.holds(ConditionName.ANNOUNCEMENTS_LATE)).isTrue();
        assertThat(announcements.age()).isEqualTo(361);
        assertThat(announcements.isWanted()).isTrue();

        announcements.looked(EMPTY);
        assertThat(conditions.current()).isEmpty();
        assertThat(announcements.age()).isZero();
    }

    @Test
    void worst_isTold_andWhatIsLeftOfItAfterwards() {
        announcements.looked(new Backlog(101, micros() - 600_000_000));
        assertThat(conditions.holds(ConditionName.ANNOUNCEMENTS_FULL)).isTrue();
        assertThat(announcements.isWanted()).isFalse();
        after(60);
        announcements.looked(new Backlog(81, micros() - 600_000_000));
        assertThat(conditions.holds(ConditionName.ANNOUNCEMENTS_FULL)).isTrue();
        announcements.looked(new Backlog(80, micros() - 600_000_000));
        assertThat(conditions.holds(ConditionName.ANNOUNCEMENTS_LATE)).isTrue();
        assertThat(announcements.isWanted()).isTrue();
    }

    @Test
    void backlog_thatCanNotBeSeen_isNotANumber_andLeavesEverythingElse() {
        assertThat(announcements.backlog()).isNaN();
        announcements.looked(new Backlog(101, micros()));
        announcements.unseen(refused);
        assertThat(announcements.backlog()).isNaN();
        assertThat(announcements.age()).isNaN();
        assertThat(announcements.isWanted()).as("still full").isFalse();
    }

    @Test
    void none_wantNothing_andCountNothing() {
        Announcements none = Announcements.none();
        none.leftOut(5);
        assertThat(none.isWanted()).isFalse();
        assertThat(none.leftOut()).isZero();
        assertThat(none.backlog()).isNaN();
    }

    private void after(long elapsed) {
        seconds += elapsed;
    }

    private long micros() {
        return seconds * 1_000_000;
    }
}
