package dev.writebehind.store;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is learned of keys is what the server itself makes of them, on every collation that it has. */
@ExtendWith(VertxExtension.class)
class SpellingsIT {
    private static final String TABLE = "completion_blockcompletion";

    /** Letters that some collation unites, or tells apart though Java's case folding does not, and the like of them. */
    private static final List<String> NAMES = List.of(
            "cafe",
            "café",
            "CAFÉ",
            "cafe\u0301",
            "straße",
            "strasse",
            "straẞe",
            "ა",
            "Ა",
            "i",
            "I",
            "ı",
            "İ",
            "y",
            "j",
            "u",
            "v",
            "w",
            "aa",
            "å",
            "ae",
            "æ",
            "ccs",
            "cscs",
            "ﬁ",
            "fi",
            "a\u200bb",
            "ab",
            "a\u00adb",
            "😀",
            "😁",
            "𝒜",
            "A",
            "k",
            "\u212a",
            "Å",
            "\u212b",
            "ς",
            "σ",
            "Σ",
            "ꭰ",
            "Ꭰ",
            "ł",
            "l",
            "ø",
            "o",
            "đ",
            "d",
            "ñ",
            "n",
            "か",
            "が",
            "カ",
            "ｶ",
            "dž",
            "ǆ",
            "a-b",
            "a_b",
            "a.b",
            "1",
            "①",
            "²",
            "2",
            "€",
            "œ",
            "oe");

    private static final KeyPool KEYS = new KeyPool();
    private static TestDatabase database;
    private static UpsertSessions sessions;

    @BeforeAll
    static void prepare(Vertx vertx) throws Exception {
        database = TestDatabase.create();
        DatabaseSettings settings =
                new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
        Schema.of(settings).prepare(true);
        sessions = UpsertSessions.create(vertx, settings, 2);
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "utf8mb4_unicode_ci",
                "utf8mb4_general_ci",
                "utf8mb4_0900_ai_ci",
                "utf8mb4_0900_as_ci",
                "utf8mb4_unicode_520_ci",
                "utf8mb4_uca1400_ai_ci",
                "utf8mb4_lithuanian_ci",
                "utf8mb4_roman_ci",
                "utf8mb4_german2_ci",
                "utf8mb4_hu_0900_ai_ci",
                "utf8mb4_danish_ci",
                "utf8mb3_general_ci",
                "utf8mb3_unicode_ci",
                "latin1_swedish_ci",
                "latin1_german2_ci",
                "latin2_general_ci",
                "cp1251_general_ci",
                "ucs2_general_ci",
                "greek_general_ci"
            })
    void learn_ofKeys_unitesWhatTheServerHoldsEqualAndRefusesWhatItCantHold(String collation) {
        Assumptions.assumeTrue(has(collation), () -> "the server has no " + collation);
        convert(collation);
        UpsertSession session = await(sessions.open());
        List<BlockKey> blocks = NAMES.stream().map(KEYS::block).toList();
        List<CoalescedWrite> writes = new ArrayList<>();
        for (BlockKey block : blocks) {
            CompletionKey key = new CompletionKey(1, KEYS.course("c"), block);
            writes.add(new CoalescedWrite(key, 1, 1, 1, 1, false));
        }

        KnownSpellings known = await(session.learn(writes));
        session.close();

        List<Boolean> storable =
                writes.stream().map(write -> known.refusal(write).isEmpty()).toList();
        assertThat(storable).as("storable").isEqualTo(storable(collation));
        boolean[][] equal = equal(collation);
        for (int a = 0; a < blocks.size(); a++) {
            for (int b = 0; b < blocks.size(); b++) {
                if (storable.get(a) && storable.get(b)) {
                    assertThat(known.canonical(blocks.get(a)).equals(known.canonical(blocks.get(b))))
                            .as("%s and %s", NAMES.get(a), NAMES.get(b))
                            .isEqualTo(equal[a][b]);
                }
            }
        }
    }

    /** In several questions, and looked through on another thread. */
    @Test
    void learn_ofManyKeys_asksAboutEachOfALearnerWithOneThatMustBeAsked() {
        convert("utf8mb4_unicode_ci");
        UpsertSession session = await(sessions.open());
        List<CoalescedWrite> writes = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            for (String name : List.of("gr\u00fcn" + i, "gr\u00dcn" + i, "grun" + i)) {
                CompletionKey key = new CompletionKey(1 + i % 2, KEYS.course("c"), KEYS.block(name));
                writes.add(new CoalescedWrite(key, 1, 1, 1, 1, false));
            }
        }

        KnownSpellings known = await(session.learn(writes));
        session.close();

        for (int i = 0; i < 3_000; i++) {
            String canonical = known.canonical(KEYS.block("gr\u00fcn" + i));
            assertThat(canonical)
                    .isEqualTo(known.canonical(KEYS.block("gr\u00dcn" + i)))
                    .isEqualTo(known.canonical(KEYS.block("grun" + i)))
                    .isNotEqualTo(known.canonical(KEYS.block("grun" + (i + 1) % 3_000)));
        }
    }

    /** On these collations pure ASCII is not asked about: so they must tell it apart as Java does. */
    @Test
    void mustAsk_plainCollationsOfThisServer_tellAsciiApartButForCase() {
        List<String> plain = database
                .query("SELECT COLLATION_NAME, CHARACTER_SET_NAME FROM information_schema."
                        + (database.isMariaDb() ? "COLLATION_CHARACTER_SET_APPLICABILITY" : "COLLATIONS")
                        + " WHERE COLLATION_NAME LIKE '%\\_ci'")
                .stream()
                .filter(row -> row.get(1) != null)
                .map(row -> row.get(0).startsWith(row.get(1)) ? row.get(0) : row.get(1) + "_" + row.get(0))
                .filter(name -> !new KeyColumn(charset(name), name).mustAsk(true))
                .distinct()
                .toList();
        assertThat(plain).contains("utf8mb4_unicode_ci", "utf8mb4_general_ci", "utf8mb3_general_ci");
        String letters = IntStream.rangeClosed('!', '~')
                .filter(c -> c < 'A' || c > 'Z')
                .mapToObj(c -> "SELECT _utf8mb4'" + (c == '\'' || c == '\\' ? "\\" : "") + (char) c + "' AS c")
                .collect(Collectors.joining(" UNION ALL "));
        for (String collation : plain) {
            String sql = "SELECT COUNT(*), COUNT(DISTINCT CONVERT(c USING " + charset(collation) + ") COLLATE "
                    + collation + ") FROM (" + letters + ") l";
            List<String> counts = database.query(sql).get(0);
            assertThat(counts.get(1)).as(collation).isEqualTo(counts.get(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf8mb4_turkish_ci", "utf8mb4_tr_0900_ai_ci", "swe7_swedish_ci"})
    void open_aCollationThatDoesNotTakeTheLettersAsKeysDo_isRefused(String collation) {
        Assumptions.assumeTrue(has(collation), () -> "the server has no " + collation);
        convert(collation);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> await(sessions.open())))
                .hasCauseInstanceOf(UnfitSchemaException.class)
                .hasMessageContaining("does not take the letters A to Z as Open edX's do");
    }

    private static void convert(String collation) {
        database.execute(
                "ALTER TABLE " + TABLE + " CONVERT TO CHARACTER SET " + charset(collation) + " COLLATE " + collation);
    }

    private static boolean has(String collation) {
        return !database.query("SHOW COLLATION LIKE '" + collation.replace("_", "\\_") + "'")
                        .isEmpty()
                || !database.query("SHOW COLLATION LIKE '"
                                + collation
                                        .substring(collation.indexOf('_') + 1)
                                        .replace("_", "\\_") + "'")
                        .isEmpty();
    }

    private static String charset(String collation) {
        return collation.substring(0, collation.indexOf('_'));
    }

    private static List<Boolean> storable(String collation) {
        return NAMES.stream()
                .map(name -> database.value("SELECT CONVERT(CONVERT(_utf8mb4'" + name + "' USING " + charset(collation)
                                + ") USING utf8mb4) = BINARY _utf8mb4'" + name + "'")
                        .equals("1"))
                .toList();
    }

    private static boolean[][] equal(String collation) {
        String names = IntStream.range(0, NAMES.size())
                .mapToObj(i -> "SELECT " + i + " AS i, CONVERT(_utf8mb4'" + NAMES.get(i) + "' USING "
                        + charset(collation) + ") COLLATE " + collation + " AS k")
                .collect(Collectors.joining(" UNION ALL "));
        boolean[][] equal = new boolean[NAMES.size()][NAMES.size()];
        for (List<String> pair :
                database.query("WITH n AS (" + names + ") SELECT a.i, b.i FROM n a JOIN n b ON a.k = b.k")) {
            equal[Integer.parseInt(pair.get(0))][Integer.parseInt(pair.get(1))] = true;
        }
        return equal;
    }
}
