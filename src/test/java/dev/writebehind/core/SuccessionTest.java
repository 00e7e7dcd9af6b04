package dev.writebehind.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.ChangeLog;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.condition.Event;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.ConfigFile;
import dev.writebehind.config.Settings;
import dev.writebehind.flush.DeadLetterFiles;
import dev.writebehind.flush.Flusher;
import dev.writebehind.flush.Peers;
import dev.writebehind.flush.Role;
import dev.writebehind.flush.TableState;
import dev.writebehind.journal.Election;
import dev.writebehind.journal.JournalState;
import dev.writebehind.journal.JournalUnavailableException;
import dev.writebehind.journal.LogRecord;
import dev.writebehind.journal.ReplicatedLog;
import dev.writebehind.journal.Told;
import dev.writebehind.store.Fence;
import dev.writebehind.testing.TemporaryDirectory;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The way to lead, with a flusher that has no table yet, by claims that the test has read when it likes. */
class SuccessionTest {
    private static final Succession.Pauses PAUSES =
            new Succession.Pauses(Duration.ofMillis(20), Duration.ofMillis(200), Duration.ofSeconds(5));

    private final Vertx vertx = Vertx.vertx();
    private final CompletionBuffer buffer = new CompletionBuffer(
            () -> new BufferSettings(1_000, ByteSize.ofMebibytes(64), Duration.ZERO),
            new ReceiptClock(),
            ChangeLog.DURABLE_BEFORE);
    private final Tape tape = new Tape();
    private final Ballot ballot = new Ballot();
    private final AtomicInteger epochs = new AtomicInteger();
    private final Conditions conditions = new Conditions(Clock.systemUTC());
    private final AtomicInteger failures = new AtomicInteger();
    private Flusher flusher;
    private Succession succession;

    /** What is told, and whether that works. */
    private static final class Tape implements ReplicatedLog {
        final List<Told.Claim> claims = new CopyOnWriteArrayList<>();
        volatile boolean isAway;

        @Override
        public CompletionStage<Void> append(long request, LogRecord.Content content) {
            throw new UnsupportedOperationException("nothing is written here");
        }

        @Override
        public CompletionStage<Void> tell(Told told) {
            claims.add((Told.Claim) told);
            return isAway
                    ? CompletableFuture.failedStage(new JournalUnavailableException("away"))
                    : CompletableFuture.completedStage(null);
        }

        @Override
        public long appliedUpTo() {
            return 77;
        }

        @Override
        public void forget(long upTo) {
            throw new UnsupportedOperationException("nothing is flushed here");
        }

        @Override
        public CompletionStage<Void> caughtUp() {
            return CompletableFuture.completedStage(null);
        }

        @Override
        public void follow(Consumer<LogRecord> follower) {
            throw new UnsupportedOperationException("the test reads");
        }

        @Override
        public JournalState state() {
            return new JournalState.Healthy();
        }

        @Override
        public boolean hasRoom(int changes) {
            return true;
        }
    }

    /** An election in which the test decides. */
    private static final class Ballot implements Election {
        final List<Duration> rests = new CopyOnWriteArrayList<>();

        @Override
        public void begin(Candidate candidate) {}

        @Override
        public void stepDown(Duration rest) {
            rests.add(rest);
        }
    }

    @BeforeEach
    void deploy() throws Exception {
        Settings settings = new ConfigFile(null, Map.of("WRITEBEHIND_DATABASE_URI", "mysql://a:b@127.0.0.1:1/d"))
                .load()
                .settings();
        flusher = Flusher.ofOneOfSeveral(
                settings::flush,
                new Flusher.Source(
                        buffer,
                        new ReceiptClock(),
                        new DeadLetterFiles(TemporaryDirectory.create("letters"), new KeyPool(), () -> {})),
                new Flusher.Target(settings.database(), () -> TableState.UNPREPARED),
                conditions,
                Peers.NONE);
        vertx.deployVerticle(flusher).toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        succession = new Succession(
                vertx,
                tape,
                buffer.followedLog(),
                nonce -> {
                    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        throw new SQLException("away");
                    }
                    return new Fence("log", epochs.incrementAndGet(), nonce);
                },
                PAUSES,
                conditions);
        succession.direct(flusher);
        succession.stand(ballot);
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void elected_leadsOnceItHasReadItsOwnClaim_andNotBefore() {
        succession.elected();
        Told.Claim claim = claim(0);
        assertThat(flusher.role()).isEqualTo(new Role.Following());

        succession.claimed(claim);
        assertThat(succession.leadsIn()).isEqualTo(1);
        awaitRole(new Role.Leading(new Fence("log", 1, claim.nonce())));
    }

    @Test
    void claimOfAnother_endsTheLead_andIsAnsweredByANewOne_whileElected() {
        lead();
        succession.claimed(new Told.Claim(5, UUID.randomUUID()));
        assertThat(flusher.role()).isEqualTo(new Role.Following());
        assertThat(succession.leadsIn()).isZero();

        epochs.set(5);
        Told.Claim second = claim(1);
        assertThat(second.epoch()).isEqualTo(6);
        succession.claimed(second);
        assertThat(succession.leadsIn()).isEqualTo(6);
    }

    @Test
    void claimOfAnother_isNotAnswered_onceDismissed() {
        lead();
        succession.dismissed();
        awaitRole(new Role.Following());
        succession.claimed(new Told.Claim(5, UUID.randomUUID()));
        Awaitility.await()
                .during(Duration.ofMillis(200))
                .until(() -> tape.claims.size() == 1 && succession.leadsIn() == 0);
    }

    @Test
    void claimOfAnEarlierEpoch_changesNothing() {
        epochs.set(8);
        lead();
        succession.claimed(new Told.Claim(7, UUID.randomUUID()));
        assertThat(succession.leadsIn()).isEqualTo(9);
        assertThat(flusher.role()).isInstanceOf(Role.Leading.class);
    }

    /** The database forgot the claim that this one was made with. */
    @Test
    void claimOfTheSameEpoch_endsTheLead() {
        lead();
        succession.claimed(new Told.Claim(1, UUID.randomUUID()));
        assertThat(succession.leadsIn()).isZero();
        assertThat(flusher.role()).isEqualTo(new Role.Following());
    }

    @Test
    void ownClaim_readAfterTheDismissal_doesNotLead() {
        succession.elected();
        Told.Claim claim = claim(0);
        succession.dismissed();
        succession.claimed(claim);
        assertThat(succession.leadsIn()).isZero();
        assertThat(flusher.role()).isEqualTo(new Role.Following());
    }

    @Test
    void claimThatTheTableRefuses_orTheLogMayNotHave_isMadeAnew() {
        failures.set(2);
        tape.isAway = true;
        succession.elected();
        claim(1);
        succession.claimed(claim(0)); // it was there all the same
        assertThat(succession.leadsIn()).isZero();
        tape.isAway = false;
        AtomicInteger read = new AtomicInteger(1);
        Awaitility.await().until(() -> {
            while (read.get() < tape.claims.size()) {
                succession.claimed(claim(read.getAndIncrement()));
            }
            return succession.leadsIn() > 0;
        });
    }

    @Test
    void fenced_claimsAgain_whileElected() {
        lead();
        assertThat(sharing()).isEqualTo(new Sharing(true, 1, 0, Duration.ZERO, 1, 0));
        succession.fenced();
        assertThat(succession.leadsIn()).isZero();
        assertThat(sharing().isFlushing()).isFalse();
        assertThat(conditions.holds(ConditionName.FENCED)).isTrue();
        Told.Claim second = claim(1);
        succession.claimed(second);
        assertThat(succession.leadsIn()).isEqualTo(2);
        assertThat(sharing()).isEqualTo(new Sharing(true, 2, 0, Duration.ZERO, 2, 1));
        assertThat(conditions.current()).isEmpty();
        assertThat(conditions.events().newest(9))
                .extracting(Event::text)
                .contains("This instance does not flush any more", "This instance flushes from now on, in epoch 2");
    }

    @Test
    void claimsInVain_leaveItToAnother_afterAWhile() {
        failures.set(Integer.MAX_VALUE);
        succession.elected();
        Awaitility.await().until(() -> !ballot.rests.isEmpty());
        assertThat(ballot.rests.get(0)).isEqualTo(PAUSES.rest());
    }

    @Test
    void leadInVain_isLeftToAnother_andOneThatGetsOn_isKept() {
        lead();
        Awaitility.await().during(PAUSES.patience().multipliedBy(2)).until(() -> {
            succession.progress(true);
            return ballot.rests.isEmpty();
        });
        Awaitility.await().until(() -> {
            succession.progress(false);
            return !ballot.rests.isEmpty();
        });
        assertThat(conditions.holds(ConditionName.STEPPED_DOWN)).isTrue();
        succession.dismissed();
        succession.claimed(new Told.Claim(2, UUID.randomUUID()));
        assertThat(sharing()).isEqualTo(new Sharing(false, 2, 0, Duration.ZERO, 1, 0));
        assertThat(conditions.current()).as("another flushes").isEmpty();
    }

    private Sharing sharing() {
        return succession.sharing(0, Duration.ZERO);
    }

    private void lead() {
        succession.elected();
        succession.claimed(claim(0));
        Awaitility.await().until(() -> flusher.role() instanceof Role.Leading);
    }

    private Told.Claim claim(int index) {
        Awaitility.await("claim " + index).until(() -> tape.claims.size() > index);
        return tape.claims.get(index);
    }

    private void awaitRole(Role role) {
        Awaitility.await().untilAsserted(() -> assertThat(flusher.role()).isEqualTo(role));
    }
}
