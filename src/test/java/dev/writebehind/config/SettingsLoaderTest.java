package dev.writebehind.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

class SettingsLoaderTest {
    private static final Path SHIPPED = Path.of("conf/writebehind.yaml");

    /** For every key a value that is not its default, as an operator writes it, and what it must come out as. */
    private static final Map<String, Given> OTHERS = others();

    private record Given(String text, Object value) {}

    @TempDir
    private Path directory;

    @Test
    void load_ofTheShippedFile_isWhatIsBuiltIn() {
        assertThat(load(SHIPPED, Map.of()).settings())
                .isEqualTo(load(null, Map.of()).settings());
    }

    @Test
    void load_ofNothing_hasTheDocumentedDefaults() {
        Settings settings = load(null, Map.of()).settings();

        assertThat(settings.http().host()).isEqualTo("127.0.0.1");
        assertThat(settings.http().port()).isEqualTo(8080);
        assertThat(settings.management().host()).isEqualTo("127.0.0.1");
        assertThat(settings.management().port()).isEqualTo(8081);
        assertThat(settings.database().uri()).isNull();
        assertThat(settings.auth())
                .isEqualTo(new AuthSettings(
                        AuthSettings.Mode.NONE,
                        false,
                        List.of(),
                        null,
                        new JwtSettings(null, null, null, null, List.of())));
        assertThat(settings.buffer().retain()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.flush().interval()).isEqualTo(Duration.ofMillis(250));
        assertThat(settings.flush().batchSize()).isEqualTo(500);
    }

    @Test
    void requiredUri_whereNoneIsSet_saysHowToSetIt() {
        DatabaseSettings database = load(null, Map.of()).settings().database();

        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(database::requiredUri)
                .withMessageContaining("database.uri is not set")
                .withMessageContaining("WRITEBEHIND_DATABASE_URI");
    }

    /** A run of keys may share one comment, which then names each of them. */
    @Test
    void shippedFile_hasAComment_inFrontOfEveryKey() throws IOException {
        List<String> uncommented = new ArrayList<>();
        String comment = "";
        String before = "";
        for (String line : Files.readAllLines(SHIPPED)) {
            String text = line.strip();
            if (text.startsWith("#")) {
                comment = before.startsWith("#") ? comment + " " + text : text;
            } else if (line.startsWith("  ")) {
                String key = text.substring(0, text.indexOf(':'));
                boolean sharesComment = comment.toLowerCase(Locale.ROOT).contains(key);
                if (!before.startsWith("#") && !sharesComment) {
                    uncommented.add(key);
                }
            } else {
                comment = "";
            }
            before = text;
        }

        assertThat(uncommented).isEmpty();
    }

    @Test
    void everyKeyOfTheShippedFile_isTriedHere() throws IOException {
        assertThat(leafKeys()).containsExactlyElementsOf(OTHERS.keySet());
    }

    @Test
    void everyKey_saysWhetherItReloads() throws IOException {
        Map<String, SettingKeys.Value> keys =
                SettingKeys.of(load(null, Map.of()).settings());

        assertThat(keys.keySet()).containsExactlyInAnyOrderElementsOf(leafKeys());
        assertThat(keys.keySet().stream().filter(key -> keys.get(key).reloads()))
                .containsExactly(
                        "buffer.max-bytes",
                        "buffer.max-pending",
                        "buffer.retain",
                        "flush.batch-size",
                        "flush.interval",
                        "flush.lanes",
                        "flush.max-backoff",
                        "flush.threshold",
                        "http.request-timeout",
                        "ingest.ack",
                        "ingest.ack-timeout",
                        "ingest.max-writes",
                        "log.format",
                        "log.level",
                        "openedx.announce-max-backlog",
                        "openedx.cache-entries",
                        "openedx.cache-ttl",
                        "shutdown.drain-timeout");
    }

    /** What GET /admin/config shows of a key is what the file would say. */
    @Test
    void everyKey_isShownAsTheFileSaysIt() throws IOException {
        for (String path : leafKeys()) {
            Object value = OTHERS.get(path).value();
            if (!(value instanceof List) && !(value instanceof Secret) && !(value instanceof DatabaseUri)) {
                Settings settings = load(null, environment(path)).settings();
                assertThat(SettingKeys.of(settings).get(path).text())
                        .as(path)
                        .isEqualToIgnoringCase(OTHERS.get(path).text());
            }
        }
    }

    @Test
    void load_withAnEnvironmentVariableForAnyKey_overridesItAlone() throws IOException {
        for (String path : leafKeys()) {
            Map<String, String> environment = environment(path);

            LoadedSettings loaded = load(null, environment);

            assertThat(loaded.unknownVariables()).as(path).isEmpty();
            assertOverridesOnly(path, loaded.settings());
        }
    }

    @Test
    void load_ofAFileWithAnyOneKey_overridesItAlone() throws IOException {
        for (String path : leafKeys()) {
            assertOverridesOnly(path, load(yaml(path)));
        }
    }

    @Test
    void load_withFileAndEnvironment_takesTheEnvironments() throws IOException {
        Path file = file("flush:\n  interval: 1s\n  lanes: 3\n");

        Settings settings =
                load(file, Map.of("WRITEBEHIND_FLUSH_INTERVAL", "2s")).settings();

        assertThat(settings.flush().interval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.flush().lanes()).isEqualTo(3);
        assertThat(settings.flush().batchSize()).isEqualTo(500);
    }

    @ParameterizedTest
    @CsvSource({
        "flush.interval, WRITEBEHIND_FLUSH_INTERVAL",
        "http.max-body, WRITEBEHIND_HTTP_MAX_BODY",
        "auth.allow-unauthenticated, WRITEBEHIND_AUTH_ALLOW_UNAUTHENTICATED",
    })
    void environmentName_isThePathInUpperCaseWithUnderscores(String path, String name) {
        assertThat(ConfigFile.variable(path)).isEqualTo(name);
    }

    @Test
    void load_withUnknownVariables_reportsThemAndGoesOn() {
        LoadedSettings loaded = load(
                null,
                Map.of(
                        "WRITEBEHIND_FLUSH_INTERVALL", "1s",
                        "WRITEBEHIND_", "x",
                        "WRITEBEHIND_AUTH", "x",
                        "WRITEBEHIND_CONFIG", "/etc/writebehind.yaml",
                        "WRITEBEHIND_TEST_DATABASE_URI", "mysql://u:p@h/s",
                        "writebehind_flush_lanes", "9",
                        "PATH", "/bin"));

        assertThat(loaded.unknownVariables())
                .containsExactly("WRITEBEHIND_", "WRITEBEHIND_AUTH", "WRITEBEHIND_FLUSH_INTERVALL");
        assertThat(loaded.settings()).isEqualTo(load(null, Map.of()).settings());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "---\n", "# nothing\n", "flush:\n", "flush: {}\n", "http:\nbuffer:\nflush:\nauth: {}\n", "{}"
            })
    void load_ofAFileWithEmptySections_keepsTheDefaults(String yaml) throws IOException {
        assertThat(load(yaml)).isEqualTo(load(null, Map.of()).settings());
    }

    @ParameterizedTest
    @CsvSource({
        // unknown
        "'flash: {interval: 1s}', flash",
        "'flush: {intervall: 1s}', flush.intervall",
        "'flush: {Interval: 1s}', flush.Interval",
        "'flush: {batchSize: 1}', flush.batchSize",
        "'flush.interval: 1s', flush.interval",
        // no section
        "'flush: 1s', flush",
        "'flush: [1s]', flush",
        // wrong type
        "'http: {port: eighty}', http.port",
        "'http: {port: }', http.port",
        "'http: {port: \"\"}', http.port",
        "'http: {port: true}', http.port",
        "'http: {port: [80]}', http.port",
        "'http: {host: [a]}', http.host",
        "'http: {host: {a: b}}', http.host",
        "'http: {host: }', http.host",
        "'http: {host: \"  \"}', http.host",
        "'management: {host: \"\"}', management.host",
        "'database: {migrate: maybe}', database.migrate",
        "'database: {migrate: }', database.migrate",
        "'flush: {lanes: 2.5}', flush.lanes",
        "'flush: {lanes: \"2.5\"}', flush.lanes",
        "'flush: {lanes: 99999999999}', flush.lanes",
        "'flush: {lanes: 99999999999999999999999}', flush.lanes",
        "'ingest: {ack: disk}', ingest.ack",
        "'ingest: {ack: }', ingest.ack",
        "'ingest: {ack: \"\"}', ingest.ack",
        "'ingest: {ack: 0}', ingest.ack",
        "'ingest: {ack: \"2\"}', ingest.ack",
        "'auth: {mode: }', auth.mode",
        "'auth: {mode: 0}', auth.mode",
        "'auth: {mode: basic}', auth.mode",
        "'auth: {mode: jwt}', auth.jwt.jwks",
        "'auth: {mode: jwt, jwt: {issuer: i, audience: a}}', auth.jwt.jwks",
        "'auth: {mode: token}', auth.tokens",
        "'auth: {mode: token, tokens: []}', auth.tokens",
        "'auth: {mode: token, tokens: }', auth.tokens",
        "'auth: {tokens: a-token-of-enough-length}', auth.tokens",
        "'auth: {tokens: [fifteen-letters]}', auth.tokens",
        "'auth: {tokens: [\"a token of many words\"]}', auth.tokens",
        "'auth: {tokens: [~]}', auth.tokens",
        "'auth: {tokens: [1234567890123456789]}', auth.tokens",
        "'auth: {tokens: [[a-token-of-enough-length]]}', auth.tokens",
        "'auth: {jwt: x}', auth.jwt",
        "'auth: {jwt: {key: x}}', auth.jwt.key",
        "'auth: {jwt: {secret: fifteen-letters}}', auth.jwt.secret",
        "'auth: {jwt: {secret: 1234567890123456789}}', auth.jwt.secret",
        "'auth: {jwt: {jwks: \"https:///x\"}}', auth.jwt.jwks",
        "'auth: {jwt: {jwks: \"http://u:p@h/x\"}}', auth.jwt.jwks",
        "'auth: {jwt: {jwks: \"http://h/ x\"}}', auth.jwt.jwks",
        "'auth: {jwt: {trusted-origins: [apps.example.org]}}', auth.jwt.trusted-origins",
        "'auth: {jwt: {trusted-origins: [\"https://apps.example.org/\"]}}', auth.jwt.trusted-origins",
        // out of range
        "'http: {port: -1}', http.port",
        "'http: {port: 65536}', http.port",
        "'http: {max-body: 1023}', http.max-body",
        "'http: {max-learner-body: 1023}', http.max-learner-body",
        "'http: {max-bodies: 63MiB}', http.max-bodies",
        "'http: {max-body: 33MiB}', http.max-bodies",
        "'http: {request-timeout: 99ms}', http.request-timeout",
        "'management: {port: 65536}', management.port",
        "'database: {timeout: 999ms}', database.timeout",
        "'database: {read-connections: 0}', database.read-connections",
        "'ingest: {ack-timeout: 0s}', ingest.ack-timeout",
        "'ingest: {max-writes: 0}', ingest.max-writes",
        "'buffer: {max-pending: 0}', buffer.max-pending",
        "'buffer: {max-bytes: 1023B}', buffer.max-bytes",
        "'buffer: {retain: 61m}', buffer.retain",
        "'flush: {interval: 0ms}', flush.interval",
        "'flush: {batch-size: 10001}', flush.batch-size",
        "'flush: {lanes: 65}', flush.lanes",
        "'flush: {threshold: 0}', flush.threshold",
        "'flush: {max-backoff: 2h}', flush.max-backoff",
        "'shutdown: {drain-timeout: 2h}', shutdown.drain-timeout",
        // the drop-in for Open edX
        "'openedx: {enabled: true}', openedx.enabled",
        "'{openedx: {enabled: true}, auth: {mode: token, tokens: [a-token-of-enough-length]}}', openedx.enabled",
        "'openedx: {opaque-tokens: true}', openedx.opaque-tokens",
        "'openedx: {cache-ttl: 61m}', openedx.cache-ttl",
        "'openedx: {cache-entries: 0}', openedx.cache-entries",
        "'openedx: {tracking-switch: }', openedx.tracking-switch",
        "'openedx: {announce-max-backlog: 0}', openedx.announce-max-backlog",
        "'openedx: {tables: {user: {table: \"auth_user; DROP\"}}}', openedx.tables.user.table",
        "'openedx: {tables: {user: {table: a.b.c}}}', openedx.tables.user.table",
        "'openedx: {tables: {user: {is-staff: \"`is_staff`\"}}}', openedx.tables.user.is-staff",
        "'openedx: {tables: {waffle: {name: a.b}}}', openedx.tables.waffle.name",
        "'openedx: {tables: {enrolment: {course-id: }}}', openedx.tables.enrolment.course-id",
        "'openedx: {tables: {access-token: {token: 5x}}}', openedx.tables.access-token.token",
        // bad durations, sizes and URIs
        "'flush: {interval: 250}', flush.interval",
        "'flush: {interval: soon}', flush.interval",
        "'flush: {interval: 1.5s}', flush.interval",
        "'flush: {interval: }', flush.interval",
        "'flush: {interval: [1s]}', flush.interval",
        "'buffer: {retain: -1s}', buffer.retain",
        "'buffer: {max-bytes: 64KB}', buffer.max-bytes",
        "'buffer: {max-bytes: -1}', buffer.max-bytes",
        "'buffer: {max-bytes: 1.5MiB}', buffer.max-bytes",
        "'buffer: {max-bytes: 999999999999999GiB}', buffer.max-bytes",
        "'buffer: {max-bytes: }', buffer.max-bytes",
        "'buffer: {max-bytes: [1]}', buffer.max-bytes",
        "'buffer: {max-bytes: {bytes: 2048}}', buffer.max-bytes",
        "'database: {uri: \"postgresql://u:p@h/s\"}', database.uri",
        "'database: {uri: \"mysql://h/s\"}', database.uri",
        "'database: {uri: \"mysql://u:p@h:65536/s\"}', database.uri",
        "'database: {uri: [\"mysql://u:p@h/s\"]}', database.uri",
        "'database: {uri: {user: u, password: p, host: h, port: 1, schema: s}}', database.uri",
    })
    void load_ofAFileWithAWrongKey_namesItsPath(String yaml, String path) throws IOException {
        Path file = file(yaml);

        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> load(file, Map.of()))
                .satisfies(refusal -> {
                    assertThat(refusal.path()).isEqualTo(path);
                    assertThat(refusal).hasMessageStartingWith(path + " ");
                });
    }

    @ParameterizedTest
    @CsvSource({
        "WRITEBEHIND_FLUSH_INTERVAL, soon, flush.interval",
        "WRITEBEHIND_FLUSH_LANES, many, flush.lanes",
        "WRITEBEHIND_FLUSH_LANES, 2.5, flush.lanes",
        "WRITEBEHIND_BUFFER_MAX_BYTES, lots, buffer.max-bytes",
        "WRITEBEHIND_DATABASE_MIGRATE, maybe, database.migrate",
        "WRITEBEHIND_DATABASE_URI, mysql://h/s, database.uri",
        "WRITEBEHIND_INGEST_ACK, 0, ingest.ack",
        "WRITEBEHIND_HTTP_HOST, 0.0.0.0, http.host",
    })
    void load_withAWrongVariable_namesThePath(String name, String value, String path) {
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> load(null, Map.of(name, value)))
                .satisfies(refusal -> assertThat(refusal.path()).isEqualTo(path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http:\n  port: 1\n  host: a\n  port: 2\n",
                "http:\n  port: 1\nhttp:\n  port: 2\n",
            })
    void load_ofAFileWithADuplicateKey_namesFileLineAndKey(String yaml) throws IOException {
        Path file = file(yaml);

        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> load(file, Map.of()))
                .withMessageStartingWith(file.toString() + ":")
                .withMessageContaining(yaml.contains("host") ? "'port'" : "'http'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http: {port: 1", "http:\n\tport: 1\n", "http: 'x", "a: b: c"})
    void load_ofAFileThatIsNoYaml_namesTheFile(String yaml) throws IOException {
        Path file = file(yaml);

        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> load(file, Map.of()))
                .satisfies(refusal -> assertThat(refusal.path()).startsWith(file.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"- a\n- b\n", "just text", "42"})
    void load_ofAFileThatIsNoMapping_saysSo(String yaml) throws IOException {
        Path file = file(yaml);

        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> load(file, Map.of()))
                .withMessageStartingWith("the file must be a section");
    }

    @Test
    void load_ofAFileThatIsMissing_namesIt() {
        Path missing = directory.resolve("missing.yaml");

        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> load(missing, Map.of()))
                .satisfies(refusal -> assertThat(refusal.path()).isEqualTo(missing.toString()));
    }

    /** The refusal goes to the log. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "database:\n  uri: mysql://u:s3cr3t@h/s: x\n",
                "database:\n  uri: mysql://u:s3cr3t@h/s\n bad\n",
                "database:\n  uri: 'mysql://u:s3cr3t@h/s\n",
                "database:\n  uri: \"mysql://u:\\s3cr3t@h/s\"\n",
                "database:\n  uri: mysql://u:s3cr3t@h@h/s\n",
                "database:\n  uri: [mysql://u:s3cr3t@h/s]\n",
                "database:\n  uri: {mysql://u:s3cr3t@h/s: x}\n",
                "database: mysql://u:s3cr3t@h/s\n",
                "database:\n  uri: mysql://u:s3cr3t@h/s\n  migrate: maybe\n",
                "auth:\n  tokens: [s3cr3t]\n",
                "auth:\n  tokens: s3cr3t-s3cr3t-s3cr3t\n",
                "auth:\n  tokens: ['s3cr3t of several words']\n",
                "auth:\n  tokens: [{s3cr3t: s3cr3t}]\n",
                "auth:\n  jwt: {secret: s3cr3t}\n",
                "auth:\n  jwt: {secret: [s3cr3t-s3cr3t-s3cr3t]}\n",
                "auth:\n  mode: token\n  jwt: {secret: s3cr3t-s3cr3t-s3cr3t}\n",
            })
    void load_ofAWrongFile_doesNotShowThePassword(String yaml) throws IOException {
        Path file = file(yaml);

        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> load(file, Map.of()))
                .satisfies(refusal -> assertThat(refusal.toString()).doesNotContain("s3cr3t"));
    }

    @Test
    void toString_ofAllSettings_doesNotShowThePassword() {
        Settings settings = load(null, Map.of("WRITEBEHIND_DATABASE_URI", "mysql://u:s3cr3t@h/s"))
                .settings();

        assertThat(settings.database().requiredUri().password()).isEqualTo("s3cr3t");
        assertThat(settings.toString()).contains("mysql://u:***@h:3306/s").doesNotContain("s3cr3t");
    }

    @Test
    void toString_ofAllSettings_doesNotShowTokensNorSecret() {
        Settings settings = load(
                        null,
                        Map.of(
                                "WRITEBEHIND_AUTH_TOKENS", "s3cr3t-s3cr3t-s3cr3t",
                                "WRITEBEHIND_AUTH_JWT_SECRET", "s3cr3t+s3cr3t+s3cr3t"))
                .settings();

        assertThat(settings.auth().tokens()).containsExactly(new Secret("s3cr3t-s3cr3t-s3cr3t"));
        assertThat(settings.toString()).doesNotContain("s3cr3t");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " a-token-of-enough-length , another-token-long-enough,",
                ",a-token-of-enough-length,,another-token-long-enough"
            })
    void load_withAListInTheEnvironment_splitsItAtCommas(String text) {
        Settings settings = load(null, Map.of("WRITEBEHIND_AUTH_TOKENS", text)).settings();

        assertThat(settings.auth().tokens())
                .containsExactly(new Secret("a-token-of-enough-length"), new Secret("another-token-long-enough"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"token", "jwt"})
    void load_withAuthentication_bindsAnyAddress(String mode) {
        assertThatNoException()
                .isThrownBy(() -> load(
                        null,
                        Map.of(
                                "WRITEBEHIND_HTTP_HOST", "0.0.0.0",
                                "WRITEBEHIND_AUTH_MODE", mode,
                                "WRITEBEHIND_AUTH_TOKENS", "a-token-of-enough-length",
                                "WRITEBEHIND_AUTH_JWT_JWKS", "jwks.json")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0.0.0.0", "::", "10.0.0.1", "example.org", "128.0.0.1", "127.0.0.1.example.org", "localhost.x"})
    void load_withoutAuthentication_refusesToBindWhatOthersReach(String host) {
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> load(null, Map.of("WRITEBEHIND_HTTP_HOST", host)))
                .satisfies(refusal -> assertThat(refusal.path()).isEqualTo("http.host"))
                .withMessageContaining("auth.allow-unauthenticated");
        assertThatNoException()
                .isThrownBy(() -> load(
                        null, Map.of("WRITEBEHIND_HTTP_HOST", host, "WRITEBEHIND_AUTH_ALLOW_UNAUTHENTICATED", "true")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.8.9.10", "localhost", "::1", "[::1]"})
    void load_withoutAuthentication_bindsLoopback(String host) {
        assertThatCode(() -> load(null, Map.of("WRITEBEHIND_HTTP_HOST", host))).doesNotThrowAnyException();
    }

    private void assertOverridesOnly(String path, Settings settings) throws IOException {
        Settings defaults = load(null, Map.of()).settings();
        for (String key : leafKeys()) {
            Object value = value(settings, key);
            if (key.equals(path)) {
                assertThat(value).as(path).isEqualTo(OTHERS.get(path).value());
                assertThat(value).as(path).isNotEqualTo(value(defaults, key));
            } else if (!partners(path).containsKey(key)) {
                assertThat(value).as(key + " with " + path).isEqualTo(value(defaults, key));
            }
        }
    }

    /** What else must be set where a key is: another host needs leave to be bound, another mode a key. */
    private static Map<String, String> partners(String path) {
        Map<String, String> jwt = Map.of("auth.mode", "jwt", "auth.jwt.jwks", "jwks.json");
        Map<String, String> partners = new LinkedHashMap<>(
                switch (path) {
                    case "http.host" -> Map.of("auth.allow-unauthenticated", "true");
                    case "auth.mode" -> jwt;
                    case "openedx.enabled" -> jwt;
                    case "openedx.opaque-tokens" -> {
                        Map<String, String> all = new LinkedHashMap<>(jwt);
                        all.put("openedx.enabled", "true");
                        yield all;
                    }
                    case "journal.kind" -> Map.of("journal.kafka.bootstrap-servers", "a:9092");
                    case "management.host" -> Map.of("management.tokens-file", "tokens");
                    case "http.tls.certificate", "http.tls.key", "http.tls.client-auth", "http.tls.client-ca" ->
                        tls("http.tls");
                    case "management.tls.certificate",
                            "management.tls.key",
                            "management.tls.client-auth",
                            "management.tls.client-ca" -> tls("management.tls");
                    case "database.tls.ca" -> Map.of("database.tls.mode", "verify-ca");
                    case "database.tls.certificate" -> Map.of("database.tls.key", "key.pem");
                    case "database.tls.key" -> Map.of("database.tls.certificate", "certificate.pem");
                    default -> Map.of();
                });
        partners.remove(path);
        return partners;
    }

    private static Map<String, String> tls(String section) {
        return Map.of(
                section + ".certificate", "certificate.pem",
                section + ".key", "key.pem",
                section + ".client-auth", "required",
                section + ".client-ca", "ca.pem");
    }

    private static Map<String, String> environment(String path) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put(ConfigFile.variable(path), OTHERS.get(path).text());
        partners(path).forEach((key, text) -> environment.put(ConfigFile.variable(key), text));
        return environment;
    }

    private static String yaml(String path) {
        Map<String, String> texts = new TreeMap<>();
        texts.put(path, OTHERS.get(path).text());
        if (OTHERS.get(path).value() instanceof List) {
            texts.put(path, "[\"" + texts.get(path).replace(",", "\",\"") + "\"]");
        }
        texts.putAll(partners(path));
        StringBuilder yaml = new StringBuilder();
        texts.forEach((key, text) -> {
            String[] names = key.split("\\.", -1);
            for (int i = 0; i < names.length; i++) {
                String line = "  ".repeat(i) + names[i] + ":";
                boolean last = i == names.length - 1;
                if (last || yaml.indexOf(line + "\n") < 0) {
                    yaml.append(line).append(last ? " " + text : "").append('\n');
                }
            }
        });
        return yaml.toString();
    }

    private static List<String> leafKeys() throws IOException {
        List<String> paths = new ArrayList<>();
        addLeafKeys(new YAMLMapper().readTree(SHIPPED.toFile()), "", paths);
        return paths;
    }

    private static void addLeafKeys(JsonNode section, String prefix, List<String> paths) {
        section.properties().forEach(field -> {
            String path = prefix + field.getKey();
            if (field.getValue().isObject()) {
                addLeafKeys(field.getValue(), path + ".", paths);
            } else {
                paths.add(path);
            }
        });
    }

    private static @Nullable Object value(Settings settings, String path) {
        Object value = settings;
        for (String name : path.split("\\.", -1)) {
            value = component(value, name);
        }
        return value;
    }

    private static @Nullable Object component(Object owner, String name) {
        StringBuilder accessor = new StringBuilder();
        for (String word : name.split("-", -1)) {
            accessor.append(
                    accessor.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        try {
            Method method = owner.getClass().getMethod(accessor.toString());
            return method.invoke(owner);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no setting " + name, e);
        }
    }

    private static LoadedSettings load(@Nullable Path file, Map<String, String> environment) {
        return new ConfigFile(file, environment).load();
    }

    private Settings load(String yaml) throws IOException {
        return load(file(yaml), Map.of()).settings();
    }

    private Path file(String yaml) throws IOException {
        return Files.write(directory.resolve("given.yaml"), yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static void putTls(Map<String, Given> others, String section) {
        others.put(section + ".certificate", new Given("/etc/tls.crt", Path.of("/etc/tls.crt")));
        others.put(section + ".key", new Given("/etc/tls.key", Path.of("/etc/tls.key")));
        others.put(section + ".client-auth", new Given("request", TlsSettings.ClientAuth.REQUEST));
        others.put(section + ".client-ca", new Given("/etc/ca.crt", Path.of("/etc/ca.crt")));
    }

    private static Map<String, Given> others() {
        Map<String, Given> others = new LinkedHashMap<>();
        others.put("http.host", new Given("0.0.0.0", "0.0.0.0"));
        others.put("http.port", new Given("0", 0));
        others.put("http.max-body", new Given("64KiB", ByteSize.ofKibibytes(64)));
        others.put("http.max-learner-body", new Given("16KiB", ByteSize.ofKibibytes(16)));
        others.put("http.max-bodies", new Given("1GiB", ByteSize.ofMebibytes(1024)));
        others.put("http.request-timeout", new Given("2m", Duration.ofMinutes(2)));
        others.put("http.max-header", new Given("32KiB", ByteSize.ofKibibytes(32)));
        others.put("http.max-connections", new Given("7", 7));
        putTls(others, "http.tls");
        others.put("management.host", new Given("10.0.0.1", "10.0.0.1"));
        others.put("management.port", new Given("65535", 65_535));
        others.put("management.hosts", new Given("admin.example,10.0.0.1", List.of("admin.example", "10.0.0.1")));
        others.put(
                "management.tokens",
                new Given(
                        "0123456789abcdef,fedcba9876543210",
                        List.of(new Secret("0123456789abcdef"), new Secret("fedcba9876543210"))));
        others.put("management.tokens-file", new Given("/etc/tokens", Path.of("/etc/tokens")));
        putTls(others, "management.tls");
        others.put("database.uri", new Given("mysql://u:p%40@h:3307/s", new DatabaseUri("u", "p@", "h", 3307, "s")));
        others.put("database.migrate", new Given("false", false));
        others.put("database.timeout", new Given("3s", Duration.ofSeconds(3)));
        others.put("database.read-connections", new Given("7", 7));
        others.put("database.allow-public-key-retrieval", new Given("true", true));
        others.put("database.tls.mode", new Given("verify-identity", DatabaseTlsSettings.Mode.VERIFY_IDENTITY));
        others.put("database.tls.ca", new Given("/etc/ca.pem", Path.of("/etc/ca.pem")));
        others.put("database.tls.certificate", new Given("/etc/own.pem", Path.of("/etc/own.pem")));
        others.put("database.tls.key", new Given("/etc/own-key.pem", Path.of("/etc/own-key.pem")));
        others.put("auth.mode", new Given("jwt", AuthSettings.Mode.JWT));
        others.put("auth.allow-unauthenticated", new Given("true", true));
        others.put(
                "auth.tokens",
                new Given(
                        "0123456789abcdef,fedcba9876543210",
                        List.of(new Secret("0123456789abcdef"), new Secret("fedcba9876543210"))));
        others.put("auth.tokens-file", new Given("/etc/tokens", Path.of("/etc/tokens")));
        others.put("auth.jwt.jwks", new Given("/etc/jwks.json", "/etc/jwks.json"));
        others.put("auth.jwt.secret", new Given("a-shared-secret-", new Secret("a-shared-secret-")));
        others.put("auth.jwt.issuer", new Given("https://lms.example/oauth2", "https://lms.example/oauth2"));
        others.put("auth.jwt.audience", new Given("openedx", "openedx"));
        others.put(
                "auth.jwt.trusted-origins",
                new Given(
                        "https://apps.example.org,https://*.example.com:8443",
                        List.of("https://apps.example.org", "https://*.example.com:8443")));
        others.put("ingest.ack", new Given("database", Acknowledgement.DATABASE));
        others.put("ingest.ack-timeout", new Given("250ms", Duration.ofMillis(250)));
        others.put("ingest.max-writes", new Given("9", 9));
        others.put("journal.kind", new Given("kafka", JournalSettings.Kind.KAFKA));
        others.put("journal.dir", new Given("/var/lib/journal", Path.of("/var/lib/journal")));
        others.put("journal.segment-size", new Given("1MiB", ByteSize.ofMebibytes(1)));
        others.put("journal.kafka.bootstrap-servers", new Given("a:9092,b:9092", "a:9092,b:9092"));
        others.put("journal.kafka.topic", new Given("other", "other"));
        others.put("journal.kafka.group", new Given("others", "others"));
        others.put("journal.kafka.linger", new Given("7ms", Duration.ofMillis(7)));
        others.put("journal.kafka.session-timeout", new Given("9s", Duration.ofSeconds(9)));
        others.put("journal.kafka.max-log", new Given("54321", 54_321L));
        others.put("journal.kafka.properties-file", new Given("/etc/kafka", Path.of("/etc/kafka")));
        others.put("buffer.max-pending", new Given("1000000000", 1_000_000_000));
        others.put("buffer.max-bytes", new Given("1GiB", ByteSize.ofMebibytes(1024)));
        others.put("buffer.retain", new Given("0s", Duration.ZERO));
        others.put("flush.interval", new Given("1h", Duration.ofHours(1)));
        others.put("flush.batch-size", new Given("10000", 10_000));
        others.put("flush.lanes", new Given("64", 64));
        others.put("flush.threshold", new Given("1", 1));
        others.put("flush.max-backoff", new Given("1ms", Duration.ofMillis(1)));
        others.put("openedx.enabled", new Given("true", true));
        others.put("openedx.cache-ttl", new Given("5s", Duration.ofSeconds(5)));
        others.put("openedx.cache-entries", new Given("7", 7));
        others.put("openedx.opaque-tokens", new Given("true", true));
        others.put("openedx.tracking-switch", new Given("a.switch", "a.switch"));
        others.put("openedx.announce", new Given("true", true));
        others.put("openedx.announce-max-backlog", new Given("7", 7));
        others.put("openedx.tables.user.table", new Given("a_table", "a_table"));
        others.put("openedx.tables.user.id", new Given("a_column", "a_column"));
        others.put("openedx.tables.user.username", new Given("a_column", "a_column"));
        others.put("openedx.tables.user.is-staff", new Given("a_column", "a_column"));
        others.put("openedx.tables.user.password", new Given("a_column", "a_column"));
        others.put("openedx.tables.enrolment.table", new Given("a_table", "a_table"));
        others.put("openedx.tables.enrolment.user-id", new Given("a_column", "a_column"));
        others.put("openedx.tables.enrolment.course-id", new Given("a_column", "a_column"));
        others.put("openedx.tables.enrolment.is-active", new Given("a_column", "a_column"));
        others.put("openedx.tables.waffle.table", new Given("a_table", "a_table"));
        others.put("openedx.tables.waffle.name", new Given("a_column", "a_column"));
        others.put("openedx.tables.waffle.active", new Given("a_column", "a_column"));
        others.put("openedx.tables.access-token.table", new Given("a_table", "a_table"));
        others.put("openedx.tables.access-token.token", new Given("a_column", "a_column"));
        others.put("openedx.tables.access-token.expires", new Given("a_column", "a_column"));
        others.put("openedx.tables.access-token.user-id", new Given("a_column", "a_column"));
        others.put("openedx.tables.application.table", new Given("a_table", "a_table"));
        others.put("openedx.tables.application.user-id", new Given("a_column", "a_column"));
        others.put("shutdown.drain-timeout", new Given("0s", Duration.ZERO));
        others.put("log.level", new Given("debug", Level.DEBUG));
        others.put("log.format", new Given("json", LogSettings.Format.JSON));
        return others;
    }
}
