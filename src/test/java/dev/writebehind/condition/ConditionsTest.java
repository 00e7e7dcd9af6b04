package dev.writebehind.condition;

import static dev.writebehind.condition.ConditionName.BUG;
import static dev.writebehind.condition.ConditionName.DATABASE_SETUP;
import static dev.writebehind.condition.ConditionName.DATABASE_UNAVAILABLE;
import static dev.writebehind.condition.ConditionName.JOURNAL_FULL;
import static dev.writebehind.condition.ConditionName.TABLE_NOT_PREPARED;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.writebehind.condition.ConditionName.Subject;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ConditionsTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Conditions.class);
    private Instant now = T0;
    private final Conditions conditions = new Conditions(((InstantSource) () -> now).withZone(ZoneOffset.UTC));

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void close() {
        logger.detachAppender(log);
    }

    @Test
    void begin_holdsAndIsLoggedOnce() {
        conditions.begin(DATABASE_UNAVAILABLE, "Flushing fails", "refused");
        now = now.plusSeconds(7);
        conditions.begin(DATABASE_UNAVAILABLE, "Flushing fails", "timed out");

        assertThat(conditions.current()).containsExactly(new Condition(DATABASE_UNAVAILABLE, T0, "timed out"));
        assertThat(conditions.holds(DATABASE_UNAVAILABLE)).isTrue();
        assertThat(conditions.holds(DATABASE_SETUP)).isFalse();
        assertThat(lines()).containsExactly("WARN Flushing fails: refused (database-unavailable)");
    }

    @Test
    void begin_ofAnotherConditionOfTheSubject_takesItsPlaceAndIsLogged() {
        conditions.begin(DATABASE_UNAVAILABLE, "Flushing fails", "refused");
        now = now.plusSeconds(7);
        conditions.begin(DATABASE_SETUP, "Flushing fails until it is mended", "no table");

        assertThat(conditions.current()).containsExactly(new Condition(DATABASE_SETUP, now, "no table"));
        assertThat(conditions.holds(DATABASE_UNAVAILABLE)).isFalse();
        assertThat(lines()).hasSize(2).contains("ERROR Flushing fails until it is mended: no table (database-setup)");
    }

    @Test
    void begin_ofConditionsOfSeveralSubjects_allHold() {
        conditions.begin(JOURNAL_FULL, "Nothing is acknowledged", "full");
        conditions.begin(DATABASE_UNAVAILABLE, "Flushing fails", "refused");

        assertThat(conditions.current())
                .extracting(Condition::name)
                .containsExactly(DATABASE_UNAVAILABLE, JOURNAL_FULL);
    }

    @Test
    void begin_whereCausesAreNews_isLoggedWithEachAndHoldsSinceTheFirst() {
        conditions.begin(TABLE_NOT_PREPARED, "Nothing is flushed yet", "refused");
        now = now.plusSeconds(7);
        conditions.begin(TABLE_NOT_PREPARED, "Nothing is flushed yet", "refused");
        conditions.begin(TABLE_NOT_PREPARED, "Nothing is flushed yet", "too many connections");

        assertThat(lines()).hasSize(2);
        assertThat(conditions.current()).containsExactly(new Condition(TABLE_NOT_PREPARED, T0, "too many connections"));
    }

    @Test
    void begin_ofAFault_logsItsStackTrace() {
        conditions.begin(BUG, "Flushing fails", new IllegalStateException("broken"));

        assertThat(log.list).singleElement().satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.ERROR);
            assertThat(event.getThrowableProxy().getMessage()).isEqualTo("broken");
        });
        assertThat(conditions.current())
                .singleElement()
                .extracting(Condition::cause)
                .isEqualTo("java.lang.IllegalStateException: broken");
    }

    @Test
    void end_ofWhatHolds_isLoggedOnceWithHowLongItLasted() {
        conditions.begin(DATABASE_UNAVAILABLE, "Flushing fails", "refused");
        now = now.plusSeconds(7);
        conditions.end(Subject.FLUSHING, "Flushing works again");
        conditions.end(Subject.FLUSHING, "Flushing works again");

        assertThat(conditions.current()).isEmpty();
        assertThat(conditions.holds(DATABASE_UNAVAILABLE)).isFalse();
        assertThat(lines()).hasSize(2).contains("INFO Flushing works again (database-unavailable lasted 7000 ms)");
    }

    @Test
    void end_whereNothingHeld_isNoNews() {
        conditions.begin(JOURNAL_FULL, "Nothing is acknowledged", "full");
        conditions.end(Subject.FLUSHING, "Flushing works again");

        assertThat(conditions.holds(JOURNAL_FULL)).isTrue();
        assertThat(lines()).hasSize(1);
    }

    private List<String> lines() {
        return log.list.stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
    }
}
