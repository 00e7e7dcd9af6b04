package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerCheckTest {
    @Test
    void findings_usualSettings_areSilent() {
        assertThat(ServerCheck.findings(Map.of(
                        "binlog_format", "ROW",
                        "log_bin", "ON",
                        "max_allowed_packet", "67108864",
                        "read_only", "OFF",
                        "super_read_only", "OFF")))
                .isEmpty();
    }

    @Test
    void findings_nothingKnown_areSilent() {
        assertThat(ServerCheck.findings(Map.of())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"ON, STATEMENT, 1", "OFF, STATEMENT, 0", "ON, MIXED, 0", "ON, ROW, 0", "1, statement, 1"})
    void findings_statementsInTheBinaryLog_keepEverythingWaiting(String log, String format, int count) {
        assertThat(ServerCheck.findings(Map.of("log_bin", log, "binlog_format", format)))
                .hasSize(count)
                .allSatisfy(finding -> {
                    assertThat(finding.kind()).isEqualTo(Finding.Kind.WAITS);
                    assertThat(finding.text()).contains("SET GLOBAL binlog_format = 'ROW'");
                });
    }

    @ParameterizedTest
    @CsvSource({"read_only, ON", "super_read_only, ON", "innodb_read_only, ON", "read_only, NO_LOCK_NO_ADMIN"})
    void findings_aServerThatTakesNoWrites_isTold(String name, String value) {
        assertThat(ServerCheck.findings(Map.of(name, value))).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(Finding.Kind.NOTE);
            assertThat(finding.text()).contains(name);
        });
    }

    @ParameterizedTest
    @CsvSource({"1024, WAITS", "65535, WAITS", "65536, NOTE", "1048575, NOTE"})
    void findings_smallPackets_areToldOrWaitedFor(String bytes, Finding.Kind kind) {
        assertThat(ServerCheck.findings(Map.of("max_allowed_packet", bytes)))
                .singleElement()
                .satisfies(finding -> assertThat(finding.kind()).isEqualTo(kind));
    }
}
