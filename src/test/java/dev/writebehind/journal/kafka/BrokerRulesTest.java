package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BrokerRulesTest {
    private static final Map<String, String> GOOD = Map.of(
            "broker.session.timeout.ms", "3000",
            "replica.fetch.backoff.ms", "200",
            "replica.lag.time.max.ms", "10000",
            "group.min.session.timeout.ms", "6000",
            "group.max.session.timeout.ms", "1800000");

    private static List<Finding> findings(Map<String, String> other) {
        Map<String, String> second = new HashMap<>(GOOD);
        second.putAll(other);
        return new BrokerRules(Duration.ofSeconds(6)).findings(List.of(GOOD, second));
    }

    @Test
    void goodSettings_needNoWord_norDoThoseThatNobodyTells() {
        assertThat(findings(Map.of())).isEmpty();
        assertThat(new BrokerRules(Duration.ofSeconds(6)).findings(List.of(Map.of())))
                .isEmpty();
    }

    @Test
    void oneBrokersLongTimeouts_areWarnedOf_withTheirLength() {
        Map<String, String> defaults = Map.of(
                "broker.session.timeout.ms", "9000",
                "replica.fetch.backoff.ms", "1000",
                "replica.lag.time.max.ms", "30000");
        assertThat(findings(defaults))
                .allMatch(finding -> finding.kind() == Finding.Kind.NOTE)
                .extracting(Finding::text)
                .satisfiesExactly(
                        text -> assertThat(text).contains("broker.session.timeout.ms of the brokers is 9000"),
                        text -> assertThat(text).contains("replica.fetch.backoff.ms of the brokers is 1000"),
                        text -> assertThat(text).contains("replica.lag.time.max.ms of the brokers is 30000"));
    }

    @Test
    void sessionTimeoutThatOneBrokerDoesNotTake_isUnfit() {
        for (Map<String, String> other : List.of(
                Map.of("group.min.session.timeout.ms", "6001"), Map.of("group.max.session.timeout.ms", "5999"))) {
            assertThat(findings(other)).singleElement().matches(finding -> finding.kind() == Finding.Kind.UNFIT);
        }
    }
}
