package dev.writebehind.journal.kafka;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wait for brokers that are away when a service begins: without them it knows neither what is pending nor can it
 * acknowledge anything. Safe for any thread; blocks, until {@link #end} at the latest.
 */
final class BrokerWait {
    /** Longest wait for one answer, after which the same is asked again. */
    static final Duration ONE_TRY = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(BrokerWait.class);

    private final Duration between;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** @param between time from one question to the next */
    BrokerWait(Duration between) {
        this.between = between;
    }

    /**
     * Returns the answer as soon as there is one; fails as the question does, but where it finds the brokers away.
     *
     * @throws IllegalStateException at {@link #end}
     */
    <T> T until(Supplier<T> question) {
        boolean isTold = false;
        while (true) {
            try {
                T answer = question.get();
                if (isTold) {
                    log.info("The Kafka brokers answer");
                }
                return answer;
            } catch (BrokersAwayException e) {
                log.debug("The Kafka brokers do not answer", e);
                if (!isTold && ended.getCount() > 0) {
                    isTold = true;
                    log.warn(
                            "The Kafka brokers do not answer and are waited for; until then no port is opened. See that"
                                    + " they run, that journal.kafka.bootstrap-servers is right and the names in it"
                                    + " resolve: {}",
                            e.getMessage());
                }
                pause(e);
            }
        }
    }

    private void pause(BrokersAwayException why) {
        boolean isOver;
        try {
            isOver = ended.await(between.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            isOver = true;
        }
        if (isOver) {
            throw new IllegalStateException("the service is stopping", why);
        }
    }

    /** Has whoever waits wait no more. */
    void end() {
        ended.countDown();
    }
}
