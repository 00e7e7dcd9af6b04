package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseTlsSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** MySQL's way to log in without TLS, by an address that is not loopback's and one that is; a new user each time. */
@ExtendWith(VertxExtension.class)
class PublicKeyRetrievalIT {
    /** This host, by an address that a name server might have given. */
    private static final String ELSEWHERE = "0.0.0.0";

    private final TestDatabase database = TestDatabase.create();
    private Vertx vertx;
    private String user = "";

    @BeforeEach
    void createUser(Vertx own) {
        vertx = own;
        assumeThat(database.isMariaDb()).as("has no caching_sha2_password").isFalse();
        assumeThat(database.mayGrant()).isTrue();
        user = database.createOrdinaryUser();
    }

    @AfterEach
    void close() throws Exception {
        database.close();
    }

    @Test
    void jdbc_fromAnotherHost_doesNotAskForTheKey_andSaysWhy() {
        assertThatThrownBy(() -> Schema.of(settings(ELSEWHERE, false)).check())
                .isInstanceOf(UnfitSchemaException.class)
                .hasMessageContaining("database.allow-public-key-retrieval")
                .matches(failure -> !Schema.isTemporary(failure));
    }

    @Test
    void jdbc_allowedOrFromLoopback_asksForTheKey() {
        assertThatCode(() -> Schema.of(settings(ELSEWHERE, true)).check()).doesNotThrowAnyException();
        assertThatCode(() -> Schema.of(settings("127.0.0.1", false)).check()).doesNotThrowAnyException();
    }

    @Test
    void servingsClient_fromAnotherHost_doesNotAskForTheKey() {
        assertThatThrownBy(() -> connect(settings(ELSEWHERE, false)))
                .isInstanceOf(ExecutionException.class)
                .extracting(Throwable::getCause)
                .matches(PublicKeyRetrieval::isRefused);
    }

    @Test
    @ShowsEffectOf("database.allow-public-key-retrieval")
    void servingsClient_allowedOrFromLoopback_asksForTheKey() throws Exception {
        assertThat(connect(settings(ELSEWHERE, true))).isNotNull();
        assertThat(connect(settings("localhost", false))).isNotNull();
    }

    private MySQLConnection connect(DatabaseSettings settings) throws Exception {
        DatabaseUri uri = settings.requiredUri();
        MySQLConnectOptions options = new MySQLConnectOptions()
                .setHost(uri.host())
                .setPort(uri.port())
                .setUser(uri.user())
                .setPassword(uri.password())
                .setDatabase(uri.schema());
        return MySQLConnection.connect(vertx, PublicKeyRetrieval.restrict(options, settings))
                .toCompletionStage()
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }

    private DatabaseSettings settings(String host, boolean allowed) {
        DatabaseUri own = DatabaseUri.parse(database.uri());
        return new DatabaseSettings(
                new DatabaseUri(user, user, host, own.port(), own.schema()),
                true,
                Duration.ofSeconds(10),
                1,
                allowed,
                DatabaseTlsSettings.of(DatabaseTlsSettings.Mode.DISABLED));
    }
}
