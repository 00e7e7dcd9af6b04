package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.writebehind.testing.Command;
import dev.writebehind.testing.Packaging;
import dev.writebehind.testing.StrictYaml;
import dev.writebehind.testing.StrimziFile;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.kafka.KafkaClusterSpec;
import io.strimzi.api.kafka.model.kafka.listener.GenericKafkaListener;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What {@code src/packaging/kubernetes-shared-log} makes of the files of one instance, by {@code kubectl} itself, and
 * that the brokers beside it are those that its instances look for.
 */
class SharedLogKubernetesTest {
    private static final String DIRECTORY = "kubernetes-shared-log";

    @Test
    void strimzisObjects_holdOnlyWhatTheirTypesKnow_andBelongToOneCluster() throws IOException {
        String cluster = StrimziFile.only(Kafka.class).getMetadata().getName();
        for (JsonNode document : StrictYaml.documents(Packaging.read(StrimziFile.NAME))) {
            assertThat(document.get("apiVersion").asText()).isEqualTo("kafka.strimzi.io/v1");
        }

        for (var object : List.of(
                StrimziFile.only(KafkaNodePool.class),
                StrimziFile.only(KafkaTopic.class),
                StrimziFile.only(KafkaUser.class))) {
            assertThat(object.getMetadata().getLabels()).isEqualTo(Map.of("strimzi.io/cluster", cluster));
        }
        assertThat(StrimziFile.only(KafkaNodePool.class).getSpec().getReplicas())
                .isEqualTo(3);
    }

    @Test
    void reader_refusesWhatStrimzisTypesDoNotKnow() throws IOException {
        String misspelt = Packaging.read(StrimziFile.NAME).replace("kraftMetadata", "kraftMeta");

        assertThatThrownBy(() -> StrictYaml.only(misspelt, KafkaNodePool.class))
                .isInstanceOf(UnrecognizedPropertyException.class);
    }

    @Test
    void brokersSettings_areThoseThatStrimziLeavesToItsUsers() throws IOException {
        for (String name :
                StrimziFile.only(Kafka.class).getSpec().getKafka().getConfig().keySet()) {
            assertThat(isForbidden(name)).as(name).isFalse();
        }
        assertThat(isForbidden("broker.id")).isTrue();
    }

    @Test
    void instances_lookForTheBrokersOfStrimzi() throws IOException {
        Kafka kafka = StrimziFile.only(Kafka.class);
        GenericKafkaListener listener =
                kafka.getSpec().getKafka().getListeners().get(0);
        JsonNode settings = Packaging.yaml(DIRECTORY + "/configmap.yaml").get("data");

        assertThat(kafka.getSpec().getKafka().getListeners()).hasSize(1);
        assertThat(listener.isTls()).isTrue();
        assertThat(settings.get("writebehind.yaml").asText())
                .contains("bootstrap-servers: " + kafka.getMetadata().getName() + "-kafka-bootstrap:"
                        + listener.getPort() + "\n");
        assertThat(listener.getAuth().getType())
                .isEqualTo("scram-sha-512")
                .isEqualTo(StrimziFile.only(KafkaUser.class)
                        .getSpec()
                        .getAuthentication()
                        .getType());
        assertThat(settings.get("kafka.properties").asText())
                .contains("security.protocol=SASL_SSL\n", "sasl.mechanism=SCRAM-SHA-512\n");
    }

    @Test
    void instances_areADeployment_thatKeepsNothing_andIsReplacedOneByOne() throws IOException {
        String rendered = rendered();
        Deployment deployment = StrictYaml.only(rendered, Deployment.class);
        PodSpec pod = deployment.getSpec().getTemplate().getSpec();

        assertThat(rendered).doesNotContain("StatefulSet", "PersistentVolumeClaim", "storage:");
        assertThat(deployment.getSpec().getReplicas()).isEqualTo(2);
        assertThat(deployment
                        .getSpec()
                        .getStrategy()
                        .getRollingUpdate()
                        .getMaxUnavailable()
                        .getIntVal())
                .isEqualTo(1);
        assertThat(pod.getTopologySpreadConstraints())
                .extracting(each -> each.getTopologyKey() + " " + each.getWhenUnsatisfiable())
                .containsExactly("kubernetes.io/hostname DoNotSchedule", "topology.kubernetes.io/zone ScheduleAnyway");
        assertThat(pod.getVolumes().stream().map(Volume::getName))
                .containsExactlyInAnyOrderElementsOf(pod.getContainers().get(0).getVolumeMounts().stream()
                        .map(VolumeMount::getName)
                        .toList());
        PodDisruptionBudget budget = StrictYaml.only(rendered, PodDisruptionBudget.class);
        assertThat(budget.getSpec().getMaxUnavailable().getIntVal()).isEqualTo(1);
        assertThat(deployment.getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(budget.getSpec().getSelector().getMatchLabels());
    }

    @Test
    void instances_areElseThoseOfOneInstance() throws IOException {
        PodSpec pod = StrictYaml.only(rendered(), Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec();
        PodSpec single = StrictYaml.only(Packaging.read("kubernetes/statefulset.yaml"), StatefulSet.class)
                .getSpec()
                .getTemplate()
                .getSpec();
        Container container = pod.getContainers().get(0);
        container.setVolumeMounts(single.getContainers().get(0).getVolumeMounts());

        assertThat(container).isEqualTo(single.getContainers().get(0));
        assertThat(pod.getSecurityContext()).isEqualTo(single.getSecurityContext());
        assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(single.getTerminationGracePeriodSeconds());
    }

    @Test
    void filesOfKafka_areMountedWhereItsPropertiesLookForThem_fromSecretsOfStrimzi() throws IOException {
        String rendered = rendered();
        PodSpec pod = StrictYaml.only(rendered, Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec();
        String mounted = pod.getContainers().get(0).getVolumeMounts().stream()
                .filter(mount -> mount.getName().equals("kafka"))
                .findFirst()
                .orElseThrow()
                .getMountPath();
        String properties = StrictYaml.only(rendered, ConfigMap.class).getData().get("kafka.properties");

        assertThat(properties)
                .contains("location=" + mounted + "/ca.crt\n", "${secrets:" + mounted + ":sasl.jaas.config}\n");
        assertThat(pod.getVolumes().stream()
                        .filter(volume -> volume.getName().equals("kafka"))
                        .flatMap(volume -> volume.getProjected().getSources().stream())
                        .map(source -> source.getSecret().getName() + " "
                                + source.getSecret().getItems().get(0).getPath()))
                .containsExactly(
                        StrimziFile.only(Kafka.class).getMetadata().getName() + "-cluster-ca-cert ca.crt",
                        StrimziFile.only(KafkaUser.class).getMetadata().getName() + " sasl.jaas.config");
    }

    private static String rendered() {
        assumeThat(Command.run("kubectl", "version", "--client"))
                .as("kubectl is installed")
                .isTrue();
        return Command.output("kubectl", "kustomize", Packaging.path(DIRECTORY).toString())
                .orElseThrow();
    }

    private static boolean isForbidden(String name) {
        return startsWithAny(name, KafkaClusterSpec.FORBIDDEN_PREFIXES)
                && !startsWithAny(name, KafkaClusterSpec.FORBIDDEN_PREFIX_EXCEPTIONS);
    }

    private static boolean startsWithAny(String name, String prefixes) {
        return Arrays.stream(prefixes.split(", *", -1)).anyMatch(name::startsWith);
    }
}
