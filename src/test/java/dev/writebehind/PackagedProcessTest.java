package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writebehind.config.ConfigFile;
import dev.writebehind.config.LiveSettings;
import dev.writebehind.config.Settings;
import dev.writebehind.testing.Command;
import dev.writebehind.testing.Packaging;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ExitCode;

/** What packages tell a supervisor of the process: how long it takes to stop, and what its exit codes mean. */
class PackagedProcessTest {
    private static final String UNIT = "deb/completion-writebehind.service";
    /** What a busy machine may need on top, to start the stop and to end the virtual machine. */
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private static final Settings DEFAULTS = LiveSettings.open(
                    new ConfigFile(null, Map.of("WRITEBEHIND_DATABASE_URI", "mysql://u:p@localhost:3306/openedx")))
            .get();

    @Test
    void systemd_waitsUntilTheServiceHasStoppedInOrder() throws IOException {
        assertThat(Packaging.seconds(Packaging.unit(UNIT).get("TimeoutStopSec")))
                .isGreaterThanOrEqualTo(longestStop());
    }

    @Test
    void compose_waitsUntilTheServiceHasStoppedInOrder() throws IOException {
        String grace = Packaging.yaml("docker/compose.yaml")
                .at("/services/writebehind/stop_grace_period")
                .asText();

        assertThat(Packaging.seconds(grace)).isGreaterThanOrEqualTo(longestStop());
        JsonNode shared = Packaging.yaml("docker/compose-shared-log.yaml");
        for (String instance : List.of("writebehind-1", "writebehind-2")) {
            assertThat(shared.at("/services/" + instance + "/stop_grace_period").asText())
                    .isEqualTo(grace);
        }
    }

    @Test
    void kubernetes_waitsUntilTheServiceHasStoppedInOrder_afterItWasForgotten() throws IOException {
        JsonNode pod = Packaging.yaml("kubernetes/statefulset.yaml").at("/spec/template/spec");
        Duration forgetting = Duration.ofSeconds(
                pod.at("/containers/0/lifecycle/preStop/sleep/seconds").asLong());
        String configured = Packaging.yaml("kubernetes/configmap.yaml")
                .at("/data/writebehind.yaml")
                .asText();

        assertThat(configured)
                .contains("drain-timeout: " + DEFAULTS.shutdown().drainTimeout().toSeconds() + "s\n");
        assertThat(forgetting).isPositive();
        assertThat(Duration.ofSeconds(pod.get("terminationGracePeriodSeconds").asLong()))
                .isGreaterThanOrEqualTo(longestStop().plus(forgetting));
    }

    @Test
    void systemd_restartsWhatMayGoBetterNextTime_andNothingElse() throws IOException {
        Map<String, String> unit = Packaging.unit(UNIT);
        List<String> notRestarted = Packaging.words(unit.get("RestartPreventExitStatus"));

        assertThat(unit).containsEntry("Restart", "on-failure").containsEntry("StartLimitIntervalSec", "0");
        assertThat(notRestarted)
                .contains(String.valueOf(ExitCode.USAGE))
                .doesNotContain(String.valueOf(Exit.FAILED), String.valueOf(Exit.OUT_OF_MEMORY));
    }

    @Test
    void systemd_letsTheVirtualMachineMakeCode_andReachTheJournalAlone() throws IOException {
        Map<String, String> unit = Packaging.unit(UNIT);

        assertThat(unit)
                .containsEntry("MemoryDenyWriteExecute", "no")
                .containsEntry("ProtectSystem", "strict")
                .containsEntry("StateDirectory", "completion-writebehind")
                .containsEntry("ExecReload", "/bin/kill -HUP $MAINPID")
                .doesNotContainKey("ReadWritePaths");
    }

    /** Needs systemd-analyze 250 or newer. */
    @Test
    void systemd_findsTheUnitWellShutIn() {
        assumeThat(Command.run("systemd-analyze", "security", "--help"))
                .as("systemd-analyze is installed")
                .isTrue();

        assertThat(Command.run(
                        "systemd-analyze",
                        "security",
                        "--offline=true",
                        "--threshold=25",
                        Packaging.path(UNIT).toString()))
                .as("an exposure of 2.5 or better")
                .isTrue();
    }

    private static Duration longestStop() {
        return DEFAULTS.shutdown().drainTimeout().plus(Shutdown.MAX_CLOSING).plus(MARGIN);
    }
}
