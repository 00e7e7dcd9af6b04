package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.writebehind.testing.Packaging;
import dev.writebehind.testing.StrictYaml;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code src/packaging/kubernetes} holds, read as Kubernetes' own types: a name that these don't know fails. */
class KubernetesFilesTest {
    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "ConfigMap", ConfigMap.class,
            "PodDisruptionBudget", PodDisruptionBudget.class,
            "Secret", Secret.class,
            "Service", Service.class,
            "StatefulSet", StatefulSet.class);

    @Test
    void everyObject_holdsOnlyWhatItsTypeKnows() throws IOException {
        List<String> read = new ArrayList<>();
        for (HasMetadata object : objects()) {
            assertThat(object.getMetadata().getLabels())
                    .containsEntry("app.kubernetes.io/name", "completion-writebehind");
            assertThat(object.getApiVersion()).isIn("v1", "apps/v1", "policy/v1");
            read.add(object.getKind());
        }

        assertThat(read)
                .containsExactlyInAnyOrder(
                        "ConfigMap", "PodDisruptionBudget", "Secret", "Service", "Service", "StatefulSet");
    }

    @Test
    void reader_refusesWhatTheTypesDoNotKnow() throws IOException {
        JsonNode misspelt = StrictYaml.documents(Packaging.read("kubernetes/statefulset.yaml")
                        .replace("terminationGracePeriod", "terminationGrace"))
                .get(0);

        assertThatThrownBy(() -> StrictYaml.read(misspelt, StatefulSet.class))
                .isInstanceOf(UnrecognizedPropertyException.class);
    }

    @Test
    void kustomization_namesEveryFileButTheOptionalOnes() throws IOException {
        List<String> named = new ArrayList<>();
        Packaging.yaml("kubernetes/kustomization.yaml").get("resources").forEach(each -> named.add(each.asText()));
        named.addAll(List.of("kustomization.yaml", "secret.example.yaml", "servicemonitor.yaml"));

        try (Stream<Path> files = Files.list(Packaging.path("kubernetes"))) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrderElementsOf(named);
        }
    }

    @Test
    void references_leadToWhatIsThere() throws IOException {
        PodSpec pod = pod();
        Container container = pod.getContainers().get(0);
        Secret secret = only(Secret.class);
        Map<String, Integer> ports = new HashMap<>();
        for (ContainerPort port : container.getPorts()) {
            ports.put(port.getName(), port.getContainerPort());
        }

        assertThat(ports).isEqualTo(Map.of("http", 8080, "management", 8081));
        for (Service service : all(Service.class)) {
            for (ServicePort port : service.getSpec().getPorts()) {
                assertThat(ports).containsEntry(port.getTargetPort().getStrVal(), port.getPort());
            }
            assertThat(statefulSet().getSpec().getTemplate().getMetadata().getLabels())
                    .containsAllEntriesOf(service.getSpec().getSelector());
        }
        assertThat(all(Service.class).stream().map(each -> each.getMetadata().getName()))
                .contains(statefulSet().getSpec().getServiceName());
        assertThat(statefulSet().getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(statefulSet().getSpec().getSelector().getMatchLabels())
                .containsAllEntriesOf(
                        only(PodDisruptionBudget.class).getSpec().getSelector().getMatchLabels());
        assertThat(secret.getStringData())
                .containsKey(container
                        .getEnv()
                        .get(0)
                        .getValueFrom()
                        .getSecretKeyRef()
                        .getKey());
        for (Volume volume : pod.getVolumes()) {
            if (volume.getSecret() != null) {
                assertThat(volume.getSecret().getSecretName())
                        .isEqualTo(secret.getMetadata().getName());
                volume.getSecret()
                        .getItems()
                        .forEach(item -> assertThat(secret.getStringData()).containsKey(item.getKey()));
            }
            if (volume.getConfigMap() != null) {
                assertThat(volume.getConfigMap().getName())
                        .isEqualTo(only(ConfigMap.class).getMetadata().getName());
            }
        }
    }

    @Test
    void paths_inSettings_areMounted_andSettingsWouldReload() throws IOException {
        Map<String, String> mounts = new HashMap<>();
        for (VolumeMount mount : pod().getContainers().get(0).getVolumeMounts()) {
            mounts.put(mount.getName(), mount.getMountPath());
            assertThat(mount.getSubPath()).isNull(); // such a file never changes
        }
        List<String> volumes =
                new ArrayList<>(pod().getVolumes().stream().map(Volume::getName).toList());
        statefulSet()
                .getSpec()
                .getVolumeClaimTemplates()
                .forEach(each -> volumes.add(each.getMetadata().getName()));

        assertThat(volumes).containsExactlyInAnyOrderElementsOf(mounts.keySet());
        assertThat(only(ConfigMap.class).getData().get("writebehind.yaml"))
                .contains("dir: " + mounts.get("journal") + "/journal\n")
                .contains("tokens-file: " + mounts.get("secrets") + "/api-tokens\n");
        assertThat(Packaging.read("docker/Dockerfile"))
                .contains("WRITEBEHIND_CONFIG=" + mounts.get("settings") + "/writebehind.yaml ")
                .contains("VOLUME " + mounts.get("journal") + "\n");
    }

    /** The profile "restricted" of Kubernetes' Pod Security Standards. */
    @Test
    void pod_keepsToTheRestrictedProfile() throws IOException {
        PodSpec pod = pod();
        Container container = pod.getContainers().get(0);

        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(pod.getHostNetwork()).isNull();
        assertThat(pod.getVolumes()).allMatch(volume -> volume.getHostPath() == null);
        assertThat(Packaging.read("docker/Dockerfile"))
                .contains("USER " + pod.getSecurityContext().getRunAsUser() + ":"
                        + pod.getSecurityContext().getRunAsGroup() + "\n");
    }

    private static PodSpec pod() throws IOException {
        return statefulSet().getSpec().getTemplate().getSpec();
    }

    private static StatefulSet statefulSet() throws IOException {
        return only(StatefulSet.class);
    }

    private static <T> T only(Class<T> kind) throws IOException {
        assertThat(all(kind)).hasSize(1);
        return all(kind).get(0);
    }

    private static <T> List<T> all(Class<T> kind) throws IOException {
        return objects().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private static List<HasMetadata> objects() throws IOException {
        List<HasMetadata> objects = new ArrayList<>();
        try (Stream<Path> files = Files.list(Packaging.path("kubernetes"))) {
            for (Path file : files.sorted().toList()) {
                for (JsonNode document : StrictYaml.documents(Files.readString(file))) {
                    Class<? extends HasMetadata> kind =
                            KINDS.get(document.get("kind").asText());
                    if (kind != null) {
                        objects.add(StrictYaml.read(document, kind));
                    }
                }
            }
        }
        return objects;
    }
}
