package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.mysqlclient.MySQLException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseFailureTest {
    @ParameterizedTest
    @CsvSource({
        // code, SQLSTATE: kind
        "1213, 40001, CONFLICT",
        "1205, HY000, CONFLICT",
        "1020, HY000, CONFLICT",
        "1467, HY000, CONFLICT",
        "1406, 22001, DATA",
        "1264, 22003, DATA",
        "1048, 23000, DATA",
        "1062, 23000, DATA",
        "1452, 23000, DATA",
        "3819, HY000, DATA",
        "1366, HY000, DATA",
        "1644, 45000, DATA",
        "1290, HY000, READ_ONLY",
        "1836, HY000, READ_ONLY",
        "1044, 42000, SETUP",
        "1045, 28000, SETUP",
        "1142, 42000, SETUP",
        "1146, 42S02, SETUP",
        "1049, 42000, SETUP",
        "1364, HY000, SETUP",
        "1053, 08S01, OUTAGE",
        "1317, 70100, OUTAGE",
        "3024, HY000, OUTAGE",
        "1040, 08004, OUTAGE",
        "1114, HY000, OUTAGE",
    })
    void of_whatTheServerSays_tellsWhatToDo(int code, String state, DatabaseFailure kind) {
        assertThat(DatabaseFailure.of(new MySQLException("said so", code, state)))
                .isEqualTo(kind);
    }

    @Test
    void of_anythingElse_isAnOutage() {
        assertThat(DatabaseFailure.of(new IOException("reset by peer"))).isEqualTo(DatabaseFailure.OUTAGE);
        assertThat(DatabaseFailure.of(new TimeoutException())).isEqualTo(DatabaseFailure.OUTAGE);
        assertThat(DatabaseFailure.of(new StackOverflowError())).isEqualTo(DatabaseFailure.OUTAGE);
    }

    @Test
    void of_anUnfitTable_isTheSetup() {
        assertThat(DatabaseFailure.of(new UnfitSchemaException("no table"))).isEqualTo(DatabaseFailure.SETUP);
    }
}
