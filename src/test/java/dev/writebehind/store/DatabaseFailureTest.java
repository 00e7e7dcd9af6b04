package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.DecoderException;
import io.vertx.core.VertxException;
import io.vertx.mysqlclient.MySQLException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseFailureTest {
    @ParameterizedTest
    @CsvSource({
        // code, SQLSTATE: kind
        "1213, 40001, CONFLICT",
        "1205, HY000, LOCKED",
        "3572, HY000, LOCKED",
        "1020, HY000, CONFLICT",
        "1467, HY000, CONFLICT",
        "1406, 22001, DATA",
        "1264, 22003, DATA",
        "1048, 23000, DATA",
        "1062, 23000, CONFLICT",
        "1180, HY000, CONFLICT",
        "3101, HY000, CONFLICT",
        "167, 22003, NO_IDS",
        "1153, 08S01, TOO_LARGE",
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
        "1175, HY000, SETUP",
        "1267, HY000, SETUP",
        "1665, HY000, SETUP",
        "3159, HY000, SETUP",
        "1047, 08S01, OUTAGE",
        "1203, 42000, OUTAGE",
        "1226, 42000, OUTAGE",
        "3032, HY000, OUTAGE",
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                // message | kind
                "Duplicate entry '2147483647' for key 't.PRIMARY' | NO_IDS",
                "Duplicate entry '2147483647' for key 'PRIMARY' | NO_IDS",
                "Duplicate entry 'c-b-1' for key 't.uniq' | CONFLICT",
                "Duplicate entry 'x' for key 'PRIMARY'-b-1' for key 't.uniq' | CONFLICT",
                "Duplicate entry 'x', errorCode=1, sqlState=2}' for key 't.PRIMARY' | NO_IDS",
                "Duplicate entry 'x' for key 'PRIMARY', errorCode=1, sqlState=2}' for key 't.uniq' | CONFLICT",
            })
    void of_aDuplicate_isWantOfIdsOnTheIdAlone(String message, DatabaseFailure kind) {
        assertThat(DatabaseFailure.of(new MySQLException(message, 1062, "23000")))
                .isEqualTo(kind);
    }

    @Test
    void of_aValueOutOfRange_isWantOfIdsOnTheIdAlone() {
        assertThat(DatabaseFailure.of(new MySQLException("Out of range value for column 'id' at row 1", 1264, "22003")))
                .isEqualTo(DatabaseFailure.NO_IDS);
        assertThat(DatabaseFailure.of(new MySQLException("Out of range value for column 'x' at row 1", 1264, "22003")))
                .isEqualTo(DatabaseFailure.DATA);
    }

    @Test
    void of_whatClientAndNetworkThrow_isAnOutage() {
        assertThat(DatabaseFailure.of(new IOException("reset by peer"))).isEqualTo(DatabaseFailure.OUTAGE);
        assertThat(DatabaseFailure.of(new TimeoutException())).isEqualTo(DatabaseFailure.OUTAGE);
        assertThat(DatabaseFailure.of(new VertxException("closed"))).isEqualTo(DatabaseFailure.OUTAGE);
        assertThat(DatabaseFailure.of(new UncheckedIOException(new IOException("disk"))))
                .isEqualTo(DatabaseFailure.OUTAGE);
        assertThat(DatabaseFailure.of(new DecoderException("packet"))).isEqualTo(DatabaseFailure.OUTAGE);
    }

    @Test
    void of_whatNobodyMeantToThrow_isABug() {
        assertThat(DatabaseFailure.of(new NullPointerException())).isEqualTo(DatabaseFailure.BUG);
        assertThat(DatabaseFailure.of(new IllegalStateException())).isEqualTo(DatabaseFailure.BUG);
        assertThat(DatabaseFailure.of(new StackOverflowError())).isEqualTo(DatabaseFailure.BUG);
    }

    @Test
    void of_anUnfitTable_isTheSetup() {
        assertThat(DatabaseFailure.of(new UnfitSchemaException("no table"))).isEqualTo(DatabaseFailure.SETUP);
    }

    @Test
    void of_aClaimThatIsAnothers_isFenced_andTheConnectionIsOfNoUse() {
        FencedException failure = new FencedException("", new MySQLException("waited", 1205, "HY000"));
        assertThat(DatabaseFailure.of(failure)).isEqualTo(DatabaseFailure.FENCED);
        assertThat(DatabaseFailure.leavesConnection(failure)).isFalse();
    }
}
