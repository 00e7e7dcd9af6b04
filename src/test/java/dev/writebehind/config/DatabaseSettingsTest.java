package dev.writebehind.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseSettingsTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, false, true",
        "localhost, false, true",
        "[::1], false, true",
        "db.example.org, false, false",
        "10.0.0.5, false, false",
        "127.example.org, false, false",
        "0.0.0.0, false, false",
        "db.example.org, true, true",
    })
    void mayRetrievePublicKey_fromLoopbackOrWhereAskedFor(String host, boolean asked, boolean may) {
        DatabaseUri uri = DatabaseUri.parse("mysql://user:password@" + host + ":3306/schema");
        assertThat(new DatabaseSettings(uri, true, Duration.ofSeconds(10), 1, asked, DatabaseTlsSettings.PREFERRED)
                        .mayRetrievePublicKey())
                .isEqualTo(may);
    }
}
