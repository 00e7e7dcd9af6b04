package dev.writebehind.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiveSettingsTest {
    private static final String DATABASE = "database:\n  uri: mysql://u:s3cr3t@h/s\n";

    @TempDir
    private Path directory;

    private Path file;
    private final AtomicInteger told = new AtomicInteger();

    @BeforeEach
    void name() {
        file = directory.resolve("writebehind.yaml");
    }

    @Test
    void reload_ofWhatReloads_isInForceAndTold() throws IOException {
        LiveSettings live = open("flush:\n  interval: 5s\n");
        write("flush:\n  interval: 50ms\n  lanes: 4\n");

        assertThat(live.reload())
                .isEqualTo(new Reload.Applied(
                        List.of(
                                new Reload.Change("flush.interval", "5s", "50ms"),
                                new Reload.Change("flush.lanes", "2", "4")),
                        List.of()));
        assertThat(live.get().flush().interval()).isEqualTo(Duration.ofMillis(50));
        assertThat(live.part(Settings::flush).get().lanes()).isEqualTo(4);
        assertThat(told).hasValue(1);
        assertThat(live.reload()).isEqualTo(new Reload.Applied(List.of(), List.of()));
        assertThat(told).as("nothing changed").hasValue(1);
    }

    @Test
    void reload_ofAKeyThatIsGone_isItsDefaultAgain() throws IOException {
        LiveSettings live = open("buffer:\n  max-pending: 7\n");
        write("");

        live.reload();

        assertThat(live.get().buffer().maxPending()).isEqualTo(1_000_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flush:\n  interval: 50ms\n  lanes: 0\n",
                "flush:\n  interval: 50ms\nflash: 1\n",
                "flush:\n  interval: 50ms\nhttp:\n  max-bodies: 1MiB\n",
                "flush:\n  interval: 50ms\n\tlanes: 4\n",
                "flush:\n  interval: 50ms\ndatabase:\n  uri:\n",
            })
    void reload_ofAnythingWrong_changesNothing(String yaml) throws IOException {
        LiveSettings live = open("flush:\n  interval: 5s\n");
        Settings before = live.get();
        Files.writeString(file, yaml.contains("uri") ? yaml : DATABASE + yaml);

        assertThat(live.reload()).isInstanceOf(Reload.Refused.class);
        assertThat(live.get()).isSameAs(before);
        assertThat(told).hasValue(0);
    }

    @Test
    void reload_refused_saysWhichKeyAndWhy_withoutSecrets() throws IOException {
        LiveSettings live = open("");
        Files.writeString(file, "database:\n  uri: mysql://u:s3cr3t@\n");

        assertThat(live.reload())
                .isInstanceOfSatisfying(
                        Reload.Refused.class,
                        refused -> assertThat(refused.reason())
                                .startsWith("database.uri is wrong: ")
                                .doesNotContain("s3cr3t"));

        Files.delete(file);
        assertThat(live.reload())
                .isInstanceOfSatisfying(
                        Reload.Refused.class,
                        refused -> assertThat(refused.reason()).contains(file.toString(), "can't be read"));
    }

    @Test
    void reload_ofWhatNeedsARestart_isNamedUntilItIsAsBefore_andTheRestIsInForce() throws IOException {
        LiveSettings live = open("");
        write("http:\n  port: 9999\n  request-timeout: 7s\n");

        assertThat(live.reload())
                .isEqualTo(new Reload.Applied(
                        List.of(new Reload.Change("http.request-timeout", "30s", "7s")), List.of("http.port")));
        assertThat(live.get().http().port()).isEqualTo(8080);
        assertThat(live.get().http().requestTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(setting(live, "http.port"))
                .isEqualTo(new Setting("http.port", "8080", new Origin.Default(), false, "9999"));
        assertThat(live.reload()).isEqualTo(new Reload.Applied(List.of(), List.of("http.port")));

        write("http:\n  request-timeout: 7s\n");
        assertThat(live.reload()).isEqualTo(new Reload.Applied(List.of(), List.of()));
        assertThat(setting(live, "http.port").awaitingRestart()).isNull();
    }

    @Test
    void all_saysWhereEachValueComesFrom_andNoSecret() throws IOException {
        write("# a comment\nflush:\n  interval: 5s\n  lanes: 3\nauth:\n  tokens: [\"0123456789abcdef\"]\n");
        LiveSettings live = LiveSettings.open(new ConfigFile(file, Map.of("WRITEBEHIND_FLUSH_LANES", "5")));

        assertThat(setting(live, "flush.interval"))
                .isEqualTo(new Setting("flush.interval", "5s", new Origin.InFile(file, 5), true, null));
        assertThat(setting(live, "flush.lanes"))
                .isEqualTo(new Setting("flush.lanes", "5", new Origin.Variable("WRITEBEHIND_FLUSH_LANES"), true, null));
        assertThat(setting(live, "buffer.max-bytes").value()).isEqualTo("768MiB");
        assertThat(setting(live, "ingest.ack").value()).isEqualTo("journal");
        assertThat(setting(live, "openedx.tables.user.is-staff").value()).isEqualTo("is_staff");
        assertThat(setting(live, "auth.tokens").value()).isEqualTo("[***]");
        assertThat(setting(live, "database.uri").value()).isEqualTo("mysql://u:***@h:3306/s");
        assertThat(live.all().toString()).doesNotContain("s3cr3t", "0123456789abcdef");
    }

    @Test
    void all_afterAReload_saysWhereTheNewValuesComeFrom() throws IOException {
        LiveSettings live = open("");
        write("\n\nflush:\n  interval: 9s\n");
        live.reload();

        assertThat(setting(live, "flush.interval").origin()).isEqualTo(new Origin.InFile(file, 6));
    }

    @Test
    void look_actsOnceTheFileStaysAsItIs() throws IOException {
        LiveSettings live = open("");
        assertThat(live.look()).isEmpty();
        write("flush:\n  interval: 9s\n");

        assertThat(live.look()).isEmpty();
        assertThat(live.look()).containsInstanceOf(Reload.Applied.class);
        assertThat(live.look()).isEmpty();
        assertThat(live.get().flush().interval()).isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void look_throughALinkThatIsSwapped_seesTheNewFile() throws IOException {
        Path first = Files.createDirectory(directory.resolve("..1"));
        Path second = Files.createDirectory(directory.resolve("..2"));
        Files.writeString(first.resolve("writebehind.yaml"), DATABASE);
        Files.writeString(second.resolve("writebehind.yaml"), DATABASE + "flush:\n  lanes: 9\n");
        Path data = Files.createSymbolicLink(directory.resolve("..data"), first.getFileName());
        Files.createSymbolicLink(file, Path.of("..data", "writebehind.yaml"));
        LiveSettings live = LiveSettings.open(new ConfigFile(file, Map.of()));

        Path swapped = Files.createSymbolicLink(directory.resolve("..tmp"), second.getFileName());
        Files.move(swapped, data, StandardCopyOption.ATOMIC_MOVE);
        live.look();
        live.look();

        assertThat(live.get().flush().lanes()).isEqualTo(9);
    }

    @Test
    void reload_aListenerFails_theOthersAreTold() throws IOException {
        LiveSettings live = open("");
        live.onChange(() -> {
            throw new IllegalStateException("on purpose");
        });
        live.onChange(told::incrementAndGet);
        write("flush:\n  lanes: 9\n");

        live.reload();

        assertThat(told).hasValue(2);
    }

    @Test
    void reload_whereThereIsNoFile_saysSo() {
        LiveSettings live =
                LiveSettings.open(new ConfigFile(null, Map.of("WRITEBEHIND_DATABASE_URI", "mysql://u:p@h/s")));

        assertThat(live.reload()).isEqualTo(new Reload.NoFile());
        assertThat(live.look()).isEmpty();
    }

    @Test
    void open_withoutADatabase_isRefused() throws IOException {
        Files.writeString(file, "");
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> LiveSettings.open(new ConfigFile(file, Map.of())))
                .withMessageStartingWith("database.uri");
    }

    private LiveSettings open(String yaml) throws IOException {
        write(yaml);
        LiveSettings live = LiveSettings.open(new ConfigFile(file, Map.of()));
        live.onChange(told::incrementAndGet);
        return live;
    }

    private void write(String yaml) throws IOException {
        Files.writeString(file, DATABASE + yaml);
    }

    private static Setting setting(LiveSettings live, String key) {
        return live.all().stream()
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElseThrow();
    }
}
