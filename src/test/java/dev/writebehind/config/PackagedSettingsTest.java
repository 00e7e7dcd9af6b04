package dev.writebehind.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writebehind.testing.Packaging;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The settings that packages bring, and the variables that they set. */
class PackagedSettingsTest {
    private static final String JOURNAL = "/var/lib/completion-writebehind/journal";
    private static final Map<String, String> REQUIRED =
            Map.of("WRITEBEHIND_DATABASE_URI", "mysql://u:p@mysql:3306/openedx");

    @Test
    void compose_setsWhatAreSettings_andAServiceWouldTakeThem() throws IOException {
        Map<String, String> environment = variables(Packaging.yaml("docker/compose.yaml"), "writebehind");
        assertThat(environment).containsKeys("WRITEBEHIND_AUTH_MODE", "WRITEBEHIND_MANAGEMENT_HOSTS");

        LoadedSettings loaded = load(Packaging.read("docker/writebehind.yaml"), environment);

        assertThat(loaded.unknownVariables()).isEmpty();
        assertServesOthers(loaded.settings());
        assertThat(loaded.settings().journal().dir()).isEqualTo(Path.of(JOURNAL));
    }

    @Test
    void composeOfASharedLog_hasInstancesAlike_onItsBrokers_behindItsProxy() throws IOException {
        JsonNode compose = Packaging.yaml("docker/compose-shared-log.yaml");
        List<Map<String, String>> all = Stream.of("writebehind-1", "writebehind-2", "topic", "migrate")
                .map(service -> variables(compose, service))
                .toList();

        LoadedSettings loaded = load(Packaging.read("docker/writebehind.yaml"), all.get(0));

        assertThat(all).containsOnly(all.get(0));
        assertThat(loaded.unknownVariables()).isEmpty();
        assertServesOthers(loaded.settings());
        assertThat(loaded.settings().journal().isShared()).isTrue();
        List<String> brokers =
                List.of(loaded.settings().journal().kafka().requiredServers().split(","));
        assertThat(brokers).hasSize(3);
        for (String broker : brokers) {
            String name = broker.substring(0, broker.indexOf(':'));
            assertThat(variables(compose, name)).containsEntry("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://" + broker);
            assertThat(compose.at("/services/topic/depends_on/" + name + "/condition")
                            .asText())
                    .isEqualTo("service_healthy");
        }
        assertThat(loaded.settings().management().hosts()).containsExactly("writebehind-1", "writebehind-2");
        for (String instance : loaded.settings().management().hosts()) {
            assertThat(Packaging.read("docker/haproxy.cfg")).contains(instance + " " + instance + ":8080\n");
            assertThat(Packaging.read("docker/prometheus-shared-log.yaml")).contains(instance + ":8081");
            assertThat(compose.at("/services/proxy/depends_on/" + instance).isObject())
                    .isTrue();
        }
    }

    @Test
    void kubernetesOfASharedLog_setsWhatAreSettings() throws IOException {
        Map<String, String> environment = new HashMap<>(REQUIRED);
        environment.put("WRITEBEHIND_MANAGEMENT_TOKENS", "a-token-of-an-operator");
        String file = Packaging.yaml("kubernetes-shared-log/configmap.yaml")
                .at("/data/writebehind.yaml")
                .asText();

        LoadedSettings loaded = load(file, environment);

        assertServesOthers(loaded.settings());
        assertThat(loaded.settings().journal().isShared()).isTrue();
        assertThat(loaded.settings().journal().kafka().propertiesFile())
                .isEqualTo(Path.of("/etc/completion-writebehind/kafka.properties"));
    }

    @Test
    void kubernetes_setsWhatAreSettings_andAServiceWouldTakeThem() throws IOException {
        Map<String, String> environment = new HashMap<>(REQUIRED);
        Packaging.yaml("kubernetes/statefulset.yaml")
                .at("/spec/template/spec/containers/0/env")
                .forEach(variable -> environment.putIfAbsent(
                        variable.get("name").asText(), variable.path("value").asText("of a Secret")));
        String file = Packaging.yaml("kubernetes/configmap.yaml")
                .at("/data/writebehind.yaml")
                .asText();
        assertThat(file).contains("auth:");

        LoadedSettings loaded = load(file, environment);

        assertThat(loaded.unknownVariables()).isEmpty();
        assertServesOthers(loaded.settings());
        assertThat(loaded.settings().journal().dir()).isEqualTo(Path.of(JOURNAL));
    }

    @Test
    void debianVariables_inTheExample_areSettings() throws IOException {
        Map<String, String> environment = new HashMap<>();
        for (String line : Files.readAllLines(Packaging.path("deb/default"))) {
            if (line.startsWith("#WRITEBEHIND_")) {
                String[] variable = line.substring(1).split("=", 2);
                environment.put(variable[0], variable[1]);
            }
        }
        assertThat(environment)
                .containsOnlyKeys("WRITEBEHIND_DATABASE_URI", "WRITEBEHIND_AUTH_MODE", "WRITEBEHIND_AUTH_TOKENS");
        environment.put("WRITEBEHIND_AUTH_TOKENS", "a-token-of-a-server");

        assertThat(load("", environment).unknownVariables()).isEmpty();
    }

    @Test
    void image_withoutMore_doesNotServeOthersUnchecked() throws IOException {
        String file = Packaging.read("docker/writebehind.yaml");

        assertThatThrownBy(() -> load(file, REQUIRED))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("management.tokens-file");
        Map<String, String> guarded = new HashMap<>(REQUIRED);
        guarded.put("WRITEBEHIND_MANAGEMENT_TOKENS", "a-token-of-an-operator");
        assertThatThrownBy(() -> load(file, guarded))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("auth.mode");
    }

    /** The build replaces one line of the defaults. */
    @Test
    void debianBuild_findsTheJournalsLine_once() throws IOException {
        String from = "  dir: data/journal";
        String pom = Files.readString(Path.of("pom.xml"));

        assertThat(pom).contains("from=\"" + from + "\" to=\"  dir: " + JOURNAL + "\"");
        assertThat(Files.readAllLines(Path.of("conf", "writebehind.yaml"))).containsOnlyOnce(from);
    }

    private static void assertServesOthers(Settings settings) {
        assertThat(List.of(settings.http().host(), settings.management().host()))
                .containsOnly("0.0.0.0");
        assertThat(List.of(settings.http().port(), settings.management().port()))
                .containsExactly(8080, 8081);
    }

    private static Map<String, String> variables(JsonNode compose, String service) {
        Map<String, String> variables = new HashMap<>(Packaging.variables(compose, service));
        variables.putAll(REQUIRED);
        return variables;
    }

    private static LoadedSettings load(String file, Map<String, String> environment) {
        return SettingsLoader.load(Path.of("packaged.yaml"), file.getBytes(StandardCharsets.UTF_8), environment);
    }
}
