package dev.writebehind.store;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.store.ChangeBatch.Resets;
import dev.writebehind.store.ChangeBatch.Upserts;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.ServerDefaults;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the server itself has noted of a session's statements: each that writes stands behind the claim. */
@Alone
@ExtendWith(VertxExtension.class)
class FencedStatementsIT {
    private static final long HORIZON = 1_800_000_000_000_000L;
    private static final Pattern WRITING =
            Pattern.compile("\\s*(INSERT INTO|UPDATE|DELETE)\\b.*", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);
    private static final Pattern BEGIN = Pattern.compile("\\s*(BEGIN|START TRANSACTION).*", Pattern.CASE_INSENSITIVE);
    private static final Pattern END = Pattern.compile("\\s*(COMMIT|ROLLBACK)\\b.*", Pattern.CASE_INSENSITIVE);
    private static final Pattern CHECK =
            Pattern.compile(Pattern.quote(FenceTable.CHECK).replace("?", "\\E('[^']*'|\\d+|\\?)\\Q"));

    private final KeyPool keys = new KeyPool();
    private final TestDatabase database = TestDatabase.create();
    private final DatabaseSettings settings =
            new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
    private Fence fence;
    private long clock = 1_763_800_000_123_456L;

    private static final class Everything implements Announcer {
        @Override
        public boolean isWanted() {
            return true;
        }

        @Override
        public boolean failed(Throwable cause) {
            return true;
        }
    }

    /** A statement of a connection, as the server has noted it. */
    private record Noted(String connection, String command, String text) {}

    @BeforeEach
    void prepare() throws Exception {
        Schema.of(settings, true, true).prepare(true);
        fence = FenceTable.of(settings).claim("completions", UUID.randomUUID());
    }

    @AfterEach
    void close() {
        database.close();
    }

    @SuppressWarnings("try") // the defaults are there to be closed
    @Test
    void everyStatementThatWrites_standsInATransaction_thatHasReadTheClaimFirst(Vertx vertx) {
        Set<String> connections = new HashSet<>();
        try (ServerDefaults ignored = ServerDefaults.set(database, "log_output='TABLE'", "general_log=1")) {
            for (Announcer announcer : List.of(Announcer.NONE, new Everything())) {
                UpsertSessions sessions =
                        UpsertSessions.create(vertx, settings, 1, announcer, () -> Optional.of(fence));
                writeByAllWays(await(sessions.open()));
                connections.addAll(connectionsOf(fence));
                await(sessions.close());
            }
        }
        Set<String> seen = new HashSet<>();
        for (String connection : connections) {
            List<Noted> noted = noted(connection);
            assertAllFenced(noted);
            noted.stream().filter(each -> each.command().equals("Prepare")).forEach(each -> seen.add(each.text()));
        }
        TableShape shape =
                await(Pools.create(vertx, "test", settings, 1).getConnection().compose(TableShape::read));
        UpsertStatements all = UpsertStatements.forShape(shape);
        assertThat(seen)
                .contains(
                        all.insertAll(),
                        all.updateAll(),
                        all.insert(),
                        all.update(),
                        all.updateAhead(),
                        all.announce(),
                        all.reset());
        assertThat(seen.contains(all.announceNew())).isEqualTo(shape.hasConsecutiveIds());
        assertThat(seen.contains(all.announceNoted())).isEqualTo(shape.dialect().notesIds());
    }

    private void writeByAllWays(UpsertSession session) {
        int n = (int) (clock % 1_000_000);
        Upserts both = new Upserts(writes(n, n + 1));
        await(session.commit(both, HORIZON));
        await(session.commit(new Upserts(writes(n, n + 1), true), HORIZON));
        await(session.commit(new Upserts(writes(n + 1, n + 2)), HORIZON));
        await(session.commit(new Upserts(writes(n + 2, n + 3)), HORIZON));
        await(session.commit(new Upserts(writes(n)), HORIZON));
        await(session.commit(new Upserts(writes(n + 9), true), HORIZON));
        database.execute("UPDATE completion_blockcompletion SET modified = '2100-01-01'");
        await(session.commit(new Upserts(writes(n, n + 1), true), HORIZON));
        await(session.commitPresent(new Upserts(writes(n, n + 20)), HORIZON));
        await(session.commitEncoded(UpsertSession.encode(writes(n + 30)), 1, false));
        await(session.blocked(new Upserts(writes(n))));
        await(session.commit(new Resets(List.of(new CourseReset(LearnerCourse.of(key(n)), ++clock))), HORIZON));
        database.execute("RENAME TABLE " + OutboxTable.NAME + " TO elsewhere");
        await(session.commit(new Upserts(writes(n + 40, n + 41)), HORIZON));
        database.execute("RENAME TABLE elsewhere TO " + OutboxTable.NAME);
    }

    /** The fence's nonce stands in what the server has noted of its check. */
    private List<String> connectionsOf(Fence claim) {
        return database
                .query("SELECT DISTINCT thread_id FROM mysql.general_log WHERE command_type = 'Execute' AND argument"
                        + " LIKE 'SELECT 1 FROM " + FenceTable.NAME + "%" + claim.nonce() + "%'")
                .stream()
                .map(row -> row.get(0))
                .toList();
    }

    private List<Noted> noted(String connection) {
        List<Noted> noted = new ArrayList<>();
        for (List<String> row : database.query("SELECT command_type, CONVERT(argument USING utf8mb4)"
                + " FROM mysql.general_log WHERE thread_id = " + connection
                + " AND event_time >= NOW() - INTERVAL 10 MINUTE")) {
            noted.add(new Noted(connection, row.get(0), row.get(1)));
        }
        return noted;
    }

    private static void assertAllFenced(List<Noted> statements) {
        boolean begun = false;
        boolean first = false;
        boolean fenced = false;
        int writes = 0;
        for (Noted each : statements) {
            if (!each.command().equals("Query") && !each.command().equals("Execute")) {
                continue;
            }
            if (BEGIN.matcher(each.text()).matches()) {
                begun = true;
                first = true;
                fenced = false;
            } else if (END.matcher(each.text()).matches()) {
                begun = false;
                fenced = false;
            } else {
                Matcher check = CHECK.matcher(each.text());
                fenced = fenced || (begun && first && check.matches());
                first = false;
                if (WRITING.matcher(each.text()).matches()) {
                    writes++;
                    assertThat(fenced).as(each.text()).isTrue();
                }
            }
        }
        assertThat(writes).isGreaterThan(15);
    }

    private List<CoalescedWrite> writes(int... users) {
        List<CoalescedWrite> writes = new ArrayList<>();
        for (int user : users) {
            long at = ++clock;
            writes.add(new CoalescedWrite(key(user), (at % 100) / 100.0, at, at, at, true));
        }
        return writes;
    }

    private CompletionKey key(int user) {
        return new CompletionKey(user, keys.course("course"), keys.block("b"));
    }
}
