package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.GreetingProxy;
import dev.writebehind.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that refuses the service at its start: for the time being, or until somebody changes something. */
class StartRefusedIT {
    private static final String WRITE = Bodies.write(1, 0.5);

    @ParameterizedTest
    @CsvSource({
        "1040, 08004, Too many connections, true",
        "3032, HY000, The server is currently in offline mode, false",
        "1226, 42000, User has exceeded the max_user_connections resource, false",
    })
    void serve_refusedForNow_keepsWhatItAccepts_andFlushesOnceItIsLetIn(
            int code, String state, String message, boolean early) {
        try (TestDatabase database = TestDatabase.create();
                GreetingProxy proxy = new GreetingProxy(database.port())) {
            proxy.refuse(new GreetingProxy.Refusal(code, state, message, early));
            try (RunningService service = RunningService.start(
                    database.uriThrough(proxy.port()), "flush.max-backoff=1s", "database.tls.mode=disabled")) {
                assertThat(service.post("", WRITE).statusCode()).isEqualTo(202);
                assertThat(service.logged(Level.WARN)).anyMatch(line -> line.contains(message));
                proxy.refuse(null);
                await().ignoreExceptions().until(() -> database.rows() == 1);
            }
        }
    }

    @Test
    void serve_refusedForGood_saysAtOnceWhatToDo() {
        try (TestDatabase database = TestDatabase.create();
                GreetingProxy proxy = new GreetingProxy(database.port())) {
            proxy.refuse(new GreetingProxy.Refusal(3159, "HY000", "Connections using insecure transport", false));
            assertThatThrownBy(
                            () -> RunningService.start(database.uriThrough(proxy.port()), "database.tls.mode=disabled"))
                    .hasStackTraceContaining("database.tls.mode is disabled");
        }
    }
}
