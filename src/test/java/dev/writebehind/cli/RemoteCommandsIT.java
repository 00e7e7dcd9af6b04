package dev.writebehind.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.RunningService;
import dev.writebehind.ServiceExtension;
import dev.writebehind.testing.Bodies;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The commands that ask something of the running service. */
class RemoteCommandsIT {
    private static final int POISON = 666;

    @RegisterExtension
    static final ServiceExtension SUITE = ServiceExtension.with("flush.interval=200ms");

    @AfterEach
    void resume() {
        SUITE.service().manage("POST", "/admin/resume");
    }

    @Test
    void status_tellsWhatThereIsInATable_withoutADatabaseInTheSettings() {
        CommandRun run = run("status");
        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().map(line -> line.split(" ", 2)[0]))
                .contains("service", "pending", "flushing", "journal", "effect", "settings", "wrong");
        assertThat(run.out()).contains("serving, ready", "of 1,000,000 keys", "on, every 200 ms over 2 lanes");
    }

    @Test
    void status_asJson_isTheServicesOwnAnswer() {
        CommandRun run = run("status", "--json");
        assertThat(run.status()).isZero();
        assertThat(run.out().lines()).hasSize(1);
        assertThat(new JsonObject(run.out()).getString("phase")).isEqualTo("serving");
    }

    @Test
    void status_watchedByAProgram_printsALineForEachLook() {
        run("pause");
        SUITE.service().write(7, "course-v1:O+C+R", "b", 0.5);
        CommandRun run = run("status", "--watch", "--count", "2");
        assertThat(run.status()).isZero();
        assertThat(run.out().lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .matches("\\S+Z serving ready pending=[1-9]\\d* oldest=\\d+\\.\\ds flushing=paused journal=ok"
                                + " writes/s=\\d+ rows/s=\\d+ dead-letters=\\d+ wrong=flushing-paused"));
        assertThat(run.out()).doesNotContain("\u001b");
    }

    @Test
    void status_countOfNone_isAMistake() {
        assertThat(run("status", "--count", "0").status()).isEqualTo(2);
    }

    @Test
    void flush_pause_resume_sayWhatCameOfIt() {
        SUITE.service().write(1, "course-v1:O+C+R", "b", 0.5);
        CommandRun flushed = run("flush");
        assertThat(flushed.status()).as(flushed.output()).isZero();
        assertThat(SUITE.database().value("SELECT COUNT(*) FROM completion_blockcompletion WHERE user_id = 1"))
                .isEqualTo("1");

        CommandRun paused = run("pause");
        assertThat(paused.status()).isZero();
        assertThat(paused.out()).contains("paused", "resume");

        CommandRun refused = run("flush");
        assertThat(refused.status()).isEqualTo(6);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).contains("paused", "resume");
        assertThat(run("status").out()).contains("PAUSED", "WRONG", "flushing-paused", "POST /admin/resume");

        assertThat(run("resume").status()).isZero();
        assertThat(run("flush").status()).isZero();
    }

    @Test
    void reload_ofAServiceWithoutAFile_isNotDone() {
        CommandRun run = run("reload");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("no file");
    }

    @Test
    void reload_tellsWhatChanged_andRefusesWhatIsWrong(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("writebehind.yaml");
        Files.writeString(file, "buffer:\n  retain: 5s\n");
        try (RunningService service =
                RunningService.startWith(file, SUITE.database().uri())) {
            String address = service.managementAddress();
            Files.writeString(file, "buffer:\n  retain: 6s\nhttp:\n  max-learner-body: 300KiB\n");
            CommandRun changed = CommandRun.of(Map.of(), "reload", "--management", address);
            assertThat(changed.status()).as(changed.output()).isZero();
            assertThat(changed.out()).contains("http.max-learner-body");

            Files.writeString(file, "buffer:\n  retain: soon\n");
            CommandRun wrong = CommandRun.of(Map.of(), "reload", "--management", address);
            assertThat(wrong.status()).isEqualTo(2);
            assertThat(wrong.err()).contains("Nothing was changed", "buffer.retain");

            CommandRun shown = CommandRun.of(Map.of(), "config", "--management", address);
            assertThat(shown.out().lines().filter(line -> line.startsWith("buffer.retain ")))
                    .singleElement()
                    .asString()
                    .contains("6s", "writebehind.yaml:2");
            assertThat(shown.out().lines().filter(line -> line.startsWith("http.max-learner-body ")))
                    .singleElement()
                    .asString()
                    .contains("WAITS FOR A RESTART: 300KiB");
            Files.writeString(file, "buffer:\n  retain: 6s\n");
            assertThat(CommandRun.of(Map.of(), "reload", "--management", address)
                            .status())
                    .isZero();
        }
    }

    @Test
    void config_showsEverySettingAndItsOrigin_butNoPassword() {
        CommandRun run = run("config");
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("flush.interval", "200ms", "WRITEBEHIND_FLUSH_INTERVAL", "default");
        assertThat(run.out().lines().filter(line -> line.startsWith("database.uri ")))
                .singleElement()
                .asString()
                .contains(":***@");
        assertThat(new JsonObject(run("config", "--json").out()).getJsonArray("settings"))
                .isNotEmpty();
    }

    @Test
    void validate_comparesWithTheRunningService(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("next.yaml");
        Files.writeString(
                file, "flush:\n  interval: 300ms\nopenedx:\n  cache-ttl: 31s\nhttp:\n  max-learner-body: 300KiB\n");
        CommandRun run = run("config", "--validate", file.toString());
        assertThat(run.status()).isZero();
        assertThat(run.out())
                .contains("is valid", "note: database.uri")
                .contains("flush.interval: 200ms → 300ms, without a restart")
                .contains("http.max-learner-body: 256KiB → 300KiB, NEEDS A RESTART");
    }

    @Test
    void deadLetters_areListedShownTriedAgainAndDropped() {
        assertThat(run("dead-letters", "list").out()).contains("There are no dead letters");
        SUITE.database()
                .execute("ALTER TABLE completion_blockcompletion ADD CONSTRAINT no_poison CHECK (user_id < " + POISON
                        + ")");
        try {
            for (int i = 0; i < 3; i++) {
                assertThat(SUITE.service()
                                .post("", Bodies.write(POISON + i, 0.5))
                                .statusCode())
                        .isEqualTo(202);
            }
            SUITE.service().flush();
            List<String> ids = ids();
            assertThat(ids).hasSize(3);
            assertThat(run("dead-letters", "list").out().lines()).hasSize(4);
            CommandRun shown = run("dead-letters", "show", ids.get(0));
            assertThat(shown.status()).isZero();
            assertThat(shown.out())
                    .contains(ids.get(0), "no_poison", "created_at")
                    .containsPattern("received_at +20\\d\\d-");

            CommandRun refused = run("dead-letters", "retry", ids.get(0));
            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.out()).contains(ids.get(0) + ": ", "no_poison");
            assertThat(run("dead-letters", "drop", ids.get(2)).status()).isZero();
            assertThat(run("dead-letters", "drop", ids.get(2)).status()).isEqualTo(1);
            assertThat(ids()).containsExactly(ids.get(0), ids.get(1));
            assertThat(run("dead-letters", "retry", "--all").status()).isEqualTo(1);
        } finally {
            SUITE.database().execute("ALTER TABLE completion_blockcompletion DROP CONSTRAINT no_poison");
        }
        CommandRun retried = run("dead-letters", "retry", "--all");
        assertThat(retried.status()).as(retried.output()).isZero();
        assertThat(ids()).isEmpty();
        assertThat(SUITE.database()
                        .value("SELECT COUNT(*) FROM completion_blockcompletion WHERE user_id IN (666, 667)"))
                .isEqualTo("2");
    }

    @Test
    void deadLetters_dropAll_needsAYes_andWhatIsNoIdIsAMistake() {
        CommandRun all = run("dead-letters", "drop", "--all");
        assertThat(all.status()).isEqualTo(2);
        assertThat(all.err()).contains("--yes");
        assertThat(run("dead-letters", "drop", "--all", "--yes").status()).isZero();
        assertThat(run("dead-letters", "drop").status()).isEqualTo(2);
        assertThat(run("dead-letters", "retry", "1", "--all").status()).isEqualTo(2);
        assertThat(run("dead-letters", "drop", "../lock").status()).isEqualTo(2);
        assertThat(run("dead-letters", "show", "1").status()).isEqualTo(1);
        assertThat(run("dead-letters", "retry", "1").status()).isEqualTo(1);
    }

    @Test
    void anyOfThem_atThePublicPort_saysThatItIsTheWrongOne() {
        CommandRun run = CommandRun.of(
                Map.of(),
                "status",
                "--management",
                "127.0.0.1:" + SUITE.service().port());
        assertThat(run.status()).isEqualTo(4);
        assertThat(run.err()).contains("public port");
    }

    private static List<String> ids() {
        JsonArray letters = new JsonArray(run("dead-letters", "list", "--json").out());
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < letters.size(); i++) {
            ids.add(letters.getJsonObject(i).getString("id"));
        }
        return ids;
    }

    private static CommandRun run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--management=" + SUITE.service().managementAddress());
        return CommandRun.of(Map.of(), all.toArray(String[]::new));
    }
}
