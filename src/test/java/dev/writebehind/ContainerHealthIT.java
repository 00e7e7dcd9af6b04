package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Command;
import dev.writebehind.testing.Packaging;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The question that the container image asks the service in it. */
class ContainerHealthIT {
    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.with();

    private static final String SCRIPT = Packaging.path("docker/healthcheck").toString();

    @Test
    void healthcheck_isWellWhileTheServiceLives() {
        assertThat(Command.run(SCRIPT, String.valueOf(suite.service().service().managementPort())))
                .isTrue();
    }

    @Test
    void healthcheck_isNotWell_whereNobodyListens_orSomebodyElse() {
        assertThat(Command.run(SCRIPT, "1")).isFalse();
        assertThat(Command.run(SCRIPT, String.valueOf(suite.service().port()))).isFalse();
    }
}
