package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.journal.UnusableJournalException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

class BrokerWaitTest {
    private final AtomicInteger asked = new AtomicInteger();
    private final BrokerWait wait = new BrokerWait(Duration.ofMillis(1));

    private int ask(RuntimeException failure, int times) {
        if (asked.incrementAndGet() <= times) {
            throw failure;
        }
        return asked.get();
    }

    @Test
    void until_asksWhileTheBrokersAreAway() {
        BrokersAwayException away = new BrokersAwayException(new TimeoutException("no node"));
        assertThat(wait.until(() -> ask(away, 5))).isEqualTo(6);
    }

    @Test
    void until_failsAtOnce_whereWaitingDoesNotHelp() {
        assertThatThrownBy(() -> wait.until(() -> ask(new IllegalArgumentException("no"), 5)))
                .hasMessage("no");
        assertThat(asked).hasValue(1);
    }

    @Test
    void end_endsAWaitAtOnce() {
        BrokerWait longer = new BrokerWait(Duration.ofHours(1));
        BrokersAwayException away = new BrokersAwayException(new TimeoutException("no node"));
        CompletableFuture<Integer> waiting = CompletableFuture.supplyAsync(() -> longer.until(() -> ask(away, 99)));
        longer.end();
        assertThat(waiting)
                .failsWithin(10, TimeUnit.SECONDS)
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(TimeoutException.class);
    }

    @Test
    void failure_mayPass_whereNoBrokerWasReached_andNotWhereTheyRefuse() {
        assertThat(failure(new TimeoutException("no node"))).isInstanceOf(BrokersAwayException.class);
        assertThat(failure(new DisconnectException("gone"))).isInstanceOf(BrokersAwayException.class);
        assertThat(failure(new UnknownTopicOrPartitionException()))
                .isInstanceOf(UnusableJournalException.class)
                .hasMessageContainingAll("no topic t", "journal.kafka.topic");
        assertThat(failure(new SaslAuthenticationException("wrong password")))
                .isInstanceOf(UnusableJournalException.class)
                .hasMessageContainingAll("wrong password", "journal.kafka.properties-file");
        assertThat(failure(new TopicAuthorizationException("t"))).isInstanceOf(UnusableJournalException.class);
    }

    private static RuntimeException failure(Exception cause) {
        return Answers.failure(new ExecutionException(cause), "t");
    }
}
