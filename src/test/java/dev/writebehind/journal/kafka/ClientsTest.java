package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.InvalidSettingException;
import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.UnusableJournalException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class ClientsTest {
    private static KafkaSettings settings(String servers, @Nullable Path file) {
        return new KafkaSettings(servers, "t", null, Duration.ofMillis(5), Duration.ofSeconds(6), 1_000, file);
    }

    /** Nobody can say of a name whether it will resolve. */
    @Test
    void brokers_whoseNamesDoNotResolve_areToBeWaitedFor() {
        try (Clients clients = Clients.of(settings("kafka-1.invalid:9092, kafka-2.invalid:9092", null))) {
            assertThat(clients.partition()).isEqualTo(new TopicPartition("t", 0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka", "kafka:", "kafka:90920", "ka fka:9092", ":9092", "kafka:9092;b:9092"})
    void brokers_thatAreNoAddresses_areRefused(String servers) {
        assertThatThrownBy(() -> settings(servers, null))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("journal.kafka.bootstrap-servers");
    }

    @Test
    void brokers_inAnyForm_thatKafkaTakes_areTaken() {
        assertThat(settings("a:1, SSL://b-2.c_d.example:65535,[::1]:9092,10.0.0.1:9092,", null)
                        .requiredServers())
                .contains("[::1]:9092");
    }

    @Test
    void properties_thatNoClientTakes_areRefused_withTheirSetting(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("p"), "security.protocol=NONE\n");
        assertThatThrownBy(() -> Clients.of(settings("kafka:9092", file)))
                .isInstanceOf(UnusableJournalException.class)
                .hasMessageContainingAll("journal.kafka.properties-file", "security.protocol");
    }

    /** What they warn of, an operator would find at each start, and could do nothing about. */
    @Test
    void clients_ofEachUse_areMadeWithoutAWarning() {
        Logger kafka = (Logger) LoggerFactory.getLogger("org.apache.kafka");
        ListAppender<ILoggingEvent> warnings = new ListAppender<>();
        warnings.start();
        kafka.addAppender(warnings);
        try (Clients clients = Clients.of(settings("127.0.0.1:1", null));
                Producer<byte[], byte[]> producer = clients.producer(Duration.ofSeconds(1), new ByteSize(1024));
                Consumer<byte[], byte[]> consumer = clients.consumer();
                Consumer<byte[], byte[]> member = clients.member("g")) {
            assertThat(List.of(producer, consumer, member)).hasSize(3);
        } finally {
            kafka.detachAppender(warnings);
        }
        String here = Thread.currentThread().getName();
        assertThat(warnings.list)
                .filteredOn(warning -> warning.getThreadName().equals(here))
                .extracting(ILoggingEvent::getFormattedMessage)
                .isEmpty();
    }
}
