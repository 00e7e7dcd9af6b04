package dev.writebehind.store;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseTlsSettings;
import dev.writebehind.config.DatabaseTlsSettings.Mode;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.testing.EmbeddedMariaDb;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestCertificates;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both clients against servers with and without TLS, of which they ask whether they are encrypted. */
@ExtendWith(VertxExtension.class)
class DatabaseTlsIT {
    private static final String TABLE = "CREATE TABLE completion_blockcompletion (id INT)";

    @TempDir
    private static Path directory;

    private static Vertx vertx;
    private static TestCertificates authority;
    private static TestCertificates foreign;
    /** The bytes of the packet by which a client asks for encryption. */
    private static final int WISH = 36;

    private static final byte TLS_HANDSHAKE = 22;

    private static EmbeddedMariaDb server;
    private static EmbeddedMariaDb plain;
    private static EmbeddedMariaDb expired;
    private static TestDatabase database;

    @BeforeAll
    static void start(Vertx own) throws Exception {
        vertx = own;
        authority = new TestCertificates(directory, "authority");
        foreign = new TestCertificates(directory, "foreign");
        server = start("server", authority.issue("server", builder -> builder.addSanDnsName("localhost")));
        expired = start(
                "expired",
                authority.issue(
                        "expired",
                        builder -> builder.addSanDnsName("localhost")
                                .notAfter(Instant.now().minus(Duration.ofDays(1)))));
        plain = EmbeddedMariaDb.start(program(), directory.resolve("plain"), 0);
        database = TestDatabase.createOn(server.uri());
        database.execute(TABLE);
    }

    private static EmbeddedMariaDb start(String name, TestCertificates.Pair pair) {
        return EmbeddedMariaDb.start(
                program(),
                directory.resolve(name),
                0,
                "--ssl",
                "--ssl-cert=" + pair.certificate(),
                "--ssl-key=" + pair.key(),
                "--ssl-ca=" + authority.ca());
    }

    private static Path program() {
        return Path.of("target", "mariadb", "server");
    }

    @AfterAll
    static void stop() {
        Stream.of(server, expired, plain).forEach(EmbeddedMariaDb::close);
    }

    /** The ways to the database; each returns the cipher of its session, as the server tells. */
    private enum Way {
        JDBC {
            @Override
            String cipher(DatabaseSettings settings) throws Exception {
                try (Connection connection = JdbcAddress.of(settings).connect()) {
                    return Encryption.of(connection).cipher();
                }
            }
        },
        READS {
            @Override
            String cipher(DatabaseSettings settings) throws Exception {
                return ask(Pools.create(vertx, "test", settings, 1));
            }
        },
        SESSIONS {
            @Override
            String cipher(DatabaseSettings settings) throws Exception {
                return ask(Pools.createForSessions(vertx, settings, 1));
            }
        };

        abstract String cipher(DatabaseSettings settings) throws Exception;

        private static String ask(Pool pool) throws Exception {
            return await(pool.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
                    .execute()
                    .map(rows -> rows.iterator().next().getString(1))
                    .eventually(pool::close));
        }
    }

    private static Stream<Arguments> encrypted() {
        return Stream.of(Way.values())
                .flatMap(way -> Stream.of(
                        Arguments.of(way, DatabaseTlsSettings.PREFERRED),
                        Arguments.of(way, DatabaseTlsSettings.of(Mode.REQUIRED)),
                        Arguments.of(way, tls(Mode.VERIFY_CA, authority.ca())),
                        Arguments.of(way, tls(Mode.VERIFY_IDENTITY, authority.ca()))));
    }

    @ParameterizedTest
    @MethodSource("encrypted")
    void connection_toAServerWithTls_isEncrypted(Way way, DatabaseTlsSettings tls) throws Exception {
        assertThat(way.cipher(settings(server, "localhost", tls))).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void connection_disabled_isNot(Way way) throws Exception {
        assertThat(way.cipher(settings(server, "localhost", DatabaseTlsSettings.of(Mode.DISABLED))))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void connection_preferredToAServerWithoutTls_isNot(Way way) throws Exception {
        assertThat(way.cipher(settings(plain, "localhost", DatabaseTlsSettings.PREFERRED)))
                .isEmpty();
    }

    private static Stream<Arguments> refused() {
        return Stream.of(Way.values())
                .flatMap(way -> Stream.of(
                        Arguments.of(
                                way,
                                plain,
                                "localhost",
                                DatabaseTlsSettings.of(Mode.REQUIRED),
                                "the server offers no TLS, and database.tls.mode is required"),
                        Arguments.of(
                                way,
                                plain,
                                "localhost",
                                tls(Mode.VERIFY_IDENTITY, authority.ca()),
                                "database.tls.mode is verify-identity"),
                        Arguments.of(
                                way,
                                server,
                                "localhost",
                                tls(Mode.VERIFY_CA, foreign.ca()),
                                "issued by CN=authority, is not by an authority in " + foreign.ca()),
                        Arguments.of(
                                way,
                                server,
                                "localhost",
                                tls(Mode.VERIFY_IDENTITY, null),
                                "is not by an authority that Java trusts"),
                        Arguments.of(
                                way,
                                server,
                                "127.0.0.1",
                                tls(Mode.VERIFY_IDENTITY, authority.ca()),
                                "not for the host in database.uri"),
                        Arguments.of(way, server, "127.0.0.1", tls(Mode.VERIFY_IDENTITY, authority.ca()), "localhost"),
                        Arguments.of(
                                way,
                                expired,
                                "localhost",
                                tls(Mode.VERIFY_CA, authority.ca()),
                                "renew it on the server"),
                        Arguments.of(
                                way,
                                server,
                                "localhost",
                                tls(Mode.VERIFY_CA, directory.resolve("missing.pem")),
                                "database.tls.ca is " + directory.resolve("missing.pem") + ", which can't be read"),
                        Arguments.of(
                                way,
                                server,
                                "localhost",
                                new DatabaseTlsSettings(
                                        Mode.REQUIRED,
                                        null,
                                        authority.ca(),
                                        directory.resolve("authority-server-key.pem")),
                                "is not the key of the certificate in " + authority.ca())));
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("refused")
    void connection_refused_saysWhyForGood(
            Way way, EmbeddedMariaDb to, String host, DatabaseTlsSettings tls, String reason) {
        Throwable failure = unwrapped(catchThrowable(() -> way.cipher(settings(to, host, tls))));

        assertThat(failure).isInstanceOf(UnfitSchemaException.class).hasMessageContaining(reason);
        assertThat(Schema.isTemporary(failure)).isFalse();
        assertThat(DatabaseFailure.of(failure)).isEqualTo(DatabaseFailure.SETUP);
    }

    @ParameterizedTest
    @EnumSource
    void connection_verifyingTheAuthorityAlone_takesAnyHost(Way way) throws Exception {
        assertThat(way.cipher(settings(server, "127.0.0.1", tls(Mode.VERIFY_CA, authority.ca()))))
                .isNotEmpty();
        assertThat(way.cipher(settings(expired, "127.0.0.1", DatabaseTlsSettings.of(Mode.REQUIRED))))
                .as("nobody looks")
                .isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    @ShowsEffectOf({"database.tls.certificate", "database.tls.key"})
    void connection_accountThatNeedsACertificate_showsIt(Way way) throws Exception {
        String user = "shows_" + way.name().toLowerCase(Locale.ROOT);
        database.execute(
                "CREATE USER " + user + "@'%' IDENTIFIED BY '" + user + "' REQUIRE X509",
                "GRANT ALL ON " + database.schema() + ".* TO " + user + "@'%'");
        DatabaseUri uri = DatabaseUri.parse(database.uriAs(user));
        TestCertificates.Pair own = authority.issue("client & own", builder -> builder);
        DatabaseTlsSettings without = tls(Mode.VERIFY_CA, authority.ca());
        DatabaseTlsSettings with =
                new DatabaseTlsSettings(Mode.VERIFY_CA, authority.ca(), own.certificate(), own.key());

        assertThat(unwrapped(catchThrowable(() -> way.cipher(settings(uri, without)))))
                .hasMessageContaining("ccess denied");
        assertThat(way.cipher(settings(uri, with))).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void connection_authorityReplaced_takesTheNewOne(Way way) throws Exception {
        Path ca = directory.resolve("replaced-" + way + ".pem");
        Files.copy(foreign.ca(), ca, StandardCopyOption.REPLACE_EXISTING);
        DatabaseSettings settings = settings(server, "localhost", tls(Mode.VERIFY_CA, ca));
        assertThat(catchThrowable(() -> way.cipher(settings))).isNotNull();

        Files.copy(authority.ca(), ca, StandardCopyOption.REPLACE_EXISTING);

        assertThat(way.cipher(settings)).isNotEmpty();
    }

    @Test
    void check_tellsOfBothWays() throws Exception {
        DatabaseSettings verifying = settings(server, "localhost", tls(Mode.VERIFY_IDENTITY, authority.ca()));
        Schema schema = Schema.of(verifying);

        assertThat(schema.check())
                .extracting(Finding::text)
                .anyMatch(text -> text.matches("the connection is encrypted with TLSv1.[23], \\S+; .*names its host"));
        assertThat(await(ServingLogin.finding(vertx, verifying, false)).text()).contains("encrypted with TLSv1.");
    }

    /** Greets as the server without TLS does, and asks for the password as no server should. */
    @ParameterizedTest
    @EnumSource(names = "READS")
    void impostor_thatAsksForThePasswordInClear_getsNothing(Way way) throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<byte[]> said = new CompletableFuture<>();
            Thread impostor = new Thread(() -> {
                try (Socket client = listening.accept();
                        Socket real = new Socket(InetAddress.getLoopbackAddress(), plain.port())) {
                    client.getOutputStream().write(packet(real.getInputStream()));
                    packet(client.getInputStream());
                    byte[] question = "----\u00fe"
                            .concat("mysql_clear_password\0")
                            .concat("s".repeat(20))
                            .getBytes(StandardCharsets.ISO_8859_1);
                    System.arraycopy(new byte[] {(byte) (question.length - 4), 0, 0, 2}, 0, question, 0, 4);
                    client.getOutputStream().write(question);
                    said.complete(client.getInputStream().readAllBytes());
                } catch (IOException e) {
                    said.completeExceptionally(e);
                }
            });
            impostor.start();
            DatabaseUri uri = DatabaseUri.parse(plain.uri());
            DatabaseUri to = new DatabaseUri("user", "a password", "127.0.0.1", listening.getLocalPort(), uri.schema());

            assertThat(unwrapped(catchThrowable(() -> way.cipher(settings(to, DatabaseTlsSettings.PREFERRED)))))
                    .isInstanceOf(UnfitSchemaException.class)
                    .hasMessageContaining("mysql_clear_password");

            assertThat(said.get(60, TimeUnit.SECONDS)).isEmpty();
        }
    }

    /** Offers encryption as the server does, and lets in before there is any, all at once. */
    @ParameterizedTest
    @EnumSource(names = "READS")
    void impostor_thatAnswersInClearBeforeEncryptionStands_isNotBelieved(Way way) throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<byte[]> said = new CompletableFuture<>();
            Thread impostor = new Thread(() -> {
                try (Socket client = listening.accept();
                        Socket real = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                    byte[] greeting = packet(real.getInputStream());
                    byte[] ok = {7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0};
                    byte[] both = Arrays.copyOf(greeting, greeting.length + ok.length);
                    System.arraycopy(ok, 0, both, greeting.length, ok.length);
                    client.getOutputStream().write(both);
                    said.complete(client.getInputStream().readAllBytes());
                } catch (IOException e) {
                    said.completeExceptionally(e);
                }
            });
            impostor.start();
            DatabaseUri uri = DatabaseUri.parse(server.uri());
            DatabaseUri to = new DatabaseUri("user", "a password", "127.0.0.1", listening.getLocalPort(), uri.schema());

            assertThat(unwrapped(catchThrowable(
                            () -> way.cipher(settings(to, tls(Mode.VERIFY_IDENTITY, authority.ca()))))))
                    .isInstanceOf(UnfitSchemaException.class)
                    .hasMessageContaining("in clear after it had asked for encryption");

            byte[] all = said.get(60, TimeUnit.SECONDS);
            if (all.length > WISH) {
                assertThat(all[WISH])
                        .as("behind the wish for encryption, the beginning of that")
                        .isEqualTo(TLS_HANDSHAKE);
            }
            assertThat(new String(all, StandardCharsets.ISO_8859_1)).doesNotContain(uri.schema());
        }
    }

    private static byte[] packet(InputStream in) throws IOException {
        byte[] header = in.readNBytes(4);
        byte[] packet = Arrays.copyOf(header, 4 + (header[0] & 0xff) + ((header[1] & 0xff) << 8));
        in.readNBytes(packet, 4, packet.length - 4);
        return packet;
    }

    @Test
    void wrongPassword_isSaidAsSuch_whereTlsIsPreferred() {
        DatabaseUri uri = DatabaseUri.parse(database.uriAs("nobody_of_this_name"));

        assertThat(catchThrowable(
                        () -> await(ServingLogin.attempt(vertx, settings(uri, DatabaseTlsSettings.PREFERRED), false))))
                .hasStackTraceContaining("password in database.uri");
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof IllegalStateException ? failure.getCause() : failure;
    }

    private static DatabaseTlsSettings tls(Mode mode, @Nullable Path ca) {
        return new DatabaseTlsSettings(mode, ca, null, null);
    }

    private static DatabaseSettings settings(EmbeddedMariaDb to, String host, DatabaseTlsSettings tls) {
        DatabaseUri uri = DatabaseUri.parse(to.uri());
        return settings(new DatabaseUri(uri.user(), uri.password(), host, uri.port(), uri.schema()), tls);
    }

    private static DatabaseSettings settings(DatabaseUri uri, DatabaseTlsSettings tls) {
        return new DatabaseSettings(uri, true, Duration.ofSeconds(10), 1).with(tls);
    }
}
