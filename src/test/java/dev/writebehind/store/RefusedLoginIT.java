package dev.writebehind.store;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseTlsSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.testing.GreetingProxy;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What both clients make of a server's refusals: waited for, or told with what to do. */
@ExtendWith(VertxExtension.class)
class RefusedLoginIT {
    private static TestDatabase database;
    private static GreetingProxy proxy;
    private static Vertx vertx;

    @BeforeAll
    static void open(Vertx own) {
        database = TestDatabase.create();
        proxy = new GreetingProxy(database.port());
        vertx = own;
    }

    @AfterAll
    static void close() throws Exception {
        proxy.close();
        database.close();
    }

    @ParameterizedTest
    @CsvSource({
        "1040, 08004, Too many connections, true",
        "1040, 08004, Too many connections, false",
        "1129, HY000, Host is blocked because of many connection errors, true",
        "1203, 42000, User already has more than max_user_connections active connections, false",
        "1226, 42000, User has exceeded the max_user_connections resource, false",
        "3032, HY000, The server is currently in offline mode, false",
        "1047, 08S01, WSREP has not yet prepared node for application use, false",
        "1053, 08S01, Server shutdown in progress, false",
        "1135, HY000, Can't create a new thread, true",
        "9001, HY000, Max connect timeout reached while reaching hostgroup 0, false",
    })
    void login_refusedForNow_isWaitedFor(int code, String state, String message, boolean early) {
        proxy.refuse(new GreetingProxy.Refusal(code, state, message, early));
        assertThat(Schema.isTemporary(jdbc())).as("JDBC").isTrue();
        assertThat(Schema.isTemporary(serving())).as("serving").isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1045, 28000, Access denied for user, false, password in database.uri",
        "1049, 42000, Unknown database 'x', false, Unknown database 'x'",
        "1044, 42000, Access denied for user to database, false, to database",
        "1130, HY000, Host is not allowed to connect, true, skip_name_resolve",
        "3159, 08004, Connections using insecure transport are prohibited, false, database.tls.mode is disabled",
        "3159, HY000, Connections using insecure transport are prohibited, false, database.tls.mode is disabled",
    })
    void login_refusedForGood_saysWhatToDo(int code, String state, String message, boolean early, String advice) {
        proxy.refuse(new GreetingProxy.Refusal(code, state, message, early));
        assertThat(jdbc())
                .isInstanceOf(UnfitSchemaException.class)
                .hasMessageContaining(advice)
                .matches(failure -> !Schema.isTemporary(failure));
        if (early) {
            // Serving's client does not read what comes instead of a greeting.
            return;
        }
        assertThat(serving())
                .isInstanceOf(UnfitSchemaException.class)
                .hasMessageContaining(advice)
                .matches(failure -> !Schema.isTemporary(failure));
    }

    private static Throwable jdbc() {
        return catchThrowable(() -> Schema.of(settings()).check());
    }

    private static Throwable serving() {
        return catchThrowable(() -> await(ServingLogin.attempt(vertx, settings(), false)))
                .getCause();
    }

    private static DatabaseSettings settings() {
        return new DatabaseSettings(
                        DatabaseUri.parse(database.uriThrough(proxy.port())), true, Duration.ofSeconds(5), 1)
                .with(DatabaseTlsSettings.of(DatabaseTlsSettings.Mode.DISABLED));
    }
}
