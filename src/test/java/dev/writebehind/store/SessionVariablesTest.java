package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionVariablesTest {
    private static final Map<String, String> RIGHT = Map.of(
            "autocommit", "ON",
            "character_set_client", "utf8mb4",
            "collation_connection", "utf8mb4_unicode_ci",
            "sql_mode", "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION",
            "time_zone", "+00:00",
            "transaction_isolation", "READ-COMMITTED");

    private final SessionVariables variables = new SessionVariables("READ COMMITTED", 5, 1);

    @ParameterizedTest
    @CsvSource({
        "autocommit, OFF",
        "character_set_client, latin1",
        "character_set_connection, utf8mb3",
        "character_set_results, latin1",
        "collation_connection, utf8mb4_general_ci",
        "completion_type, CHAIN",
        "foreign_key_checks, OFF",
        "sql_auto_is_null, ON",
        "sql_mode, ''",
        "sql_safe_updates, ON",
        "time_zone, SYSTEM",
        "transaction_isolation, REPEATABLE-READ",
        "tx_isolation, SERIALIZABLE",
        "unique_checks, OFF",
    })
    void verify_oneThatTheServerHasOtherwise_isRefusedByName(String name, String value) {
        Map<String, String> actual = new HashMap<>(RIGHT);
        actual.put(name, value);

        assertThatThrownBy(() -> variables.verify(actual))
                .isInstanceOf(UnfitSchemaException.class)
                .hasMessageContaining("proxy")
                .hasMessageContaining(name + " is " + value + " instead of ");
    }

    @Test
    void verify_whatWasSet_passesInEitherCase() {
        Map<String, String> lower = new HashMap<>();
        RIGHT.forEach((name, value) -> lower.put(name, value.toLowerCase(Locale.ROOT)));

        assertThatCode(() -> variables.verify(RIGHT)).doesNotThrowAnyException();
        assertThatCode(() -> variables.verify(lower)).doesNotThrowAnyException();
    }
}
