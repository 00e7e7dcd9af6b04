package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.journal.LogRecord.Content;
import dev.writebehind.journal.LogRecord.Reset;
import dev.writebehind.journal.LogRecord.Writes;
import dev.writebehind.journal.Told.AllCommitted;
import dev.writebehind.journal.Told.AtRest;
import dev.writebehind.journal.Told.CarriedOut;
import dev.writebehind.journal.Told.Claim;
import dev.writebehind.journal.Told.Committed;
import dev.writebehind.journal.Told.Floor;
import dev.writebehind.journal.Told.FlushAsked;
import dev.writebehind.journal.Told.Paused;
import dev.writebehind.journal.Told.Retried;
import dev.writebehind.journal.Told.RetryAsked;
import dev.writebehind.journal.Told.Written;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every release has to understand of the others, byte by byte, and the table of releases that says so. */
class MessageVersionsTest {
    private static final String TWO_RELEASES = """

            What instances of other releases write and read has changed. Those that are not upgraded yet would stop at \
            it. So it takes two releases, and the first of them changes nothing that is written:
            1. Leave the lines of this test as they are: they are in topics. Give the new form the next version. Have \
            MessageCodec read it beside the old ones, by its version byte, and write the old ones still:
               MessageVersions.PRESENT = (next, as before). Add a row to the table in docs/scale-out.md, Upgrades.
            2. Only in a later release: write it. PRESENT = (next, next), and a further row.
            A new kind of message is a new form too: until step 2 nobody may send it.""";

    private static final String INSTANCE = "0123456789abcdeffedcba9876543210";
    private static final Pattern ROW = Pattern.compile("\\| (\\d+\\.\\d+\\.\\d+) \\| 1(?: to (\\d+))? \\| (\\d+) \\|");

    private final KeyPool keys = new KeyPool();
    private final MessageCodec written = new MessageCodec(keys, new MessageVersions(1, 1));
    private final MessageCodec present = new MessageCodec(keys);

    @Test
    void messages_ofVersion1_areWrittenAndRead_byteByByte() {
        Map<String, Message> pinned = pinned();
        assertThat(pinned.keySet().stream().map(hex -> hex.substring(2, 4)).distinct())
                .as(TWO_RELEASES)
                .containsExactlyElementsOf(kinds());
        pinned.forEach((hex, message) -> {
            assertThat(HexFormat.of().formatHex(written.encode(message)))
                    .as("%s, written.%s", message, TWO_RELEASES)
                    .isEqualTo(hex);
            assertThat(present.decode(HexFormat.of().parseHex(hex)))
                    .as("%s, read.%s", hex, TWO_RELEASES)
                    .isEqualTo(message);
        });
    }

    private static List<String> kinds() {
        return IntStream.rangeClosed(1, ToldCodec.LAST_KIND)
                .mapToObj(kind -> HexFormat.of().toHexDigits((byte) kind))
                .toList();
    }

    private Map<String, Message> pinned() {
        CompletionKey key = new CompletionKey(7, keys.course("c"), keys.block("b"));
        CompletionKey next = new CompletionKey(7, keys.course("c"), keys.block("\u00e9"));
        LearnerCourse course = LearnerCourse.of(key);
        String request = INSTANCE + "0000000000000009";
        String told = INSTANCE + "0000000000000000";
        String valid = "00000000000000050000000000000006";
        Map<String, Message> pinned = new LinkedHashMap<>();
        pinned.put(
                "0101" + request + valid + "00000002" + "00" + "00000007000163" + "000162" + "3fe0000000000000" + "03"
                        + "0002c3a9" + "3ff0000000000000",
                request(new Writes(List.of(new CompletionWrite(key, 0.5), new CompletionWrite(next, 1, true)))));
        pinned.put("0102" + request + valid + "00000007000163" + "000000000000000a", request(new Reset(course, 10)));
        pinned.put("0103", new Message.Probe());
        pinned.put("0104" + told + "0000000000000003" + INSTANCE, told(new Claim(3, instance())));
        pinned.put(
                "0105" + told + "0000000000000003" + "00000003" + "00" + "00000007000163" + "000162"
                        + "000000000000000b" + "03" + "0002c3a9" + "000000000000000c" + "00026e6f" + "06"
                        + "000000000000000d",
                told(new Committed(
                        3,
                        List.of(
                                new Written(key, 11, null),
                                new Written(next, 12, "no"),
                                new CarriedOut(course, 13, null)))));
        pinned.put("0106" + told + "000000000000000e", told(new AllCommitted(14)));
        pinned.put("0107" + told, told(new FlushAsked()));
        pinned.put("0108" + told + "01", told(new Paused(true)));
        pinned.put("0109" + told + "000000000000000f", told(new Floor(15)));
        pinned.put("010a" + told + "0000000000000010", told(new RetryAsked(16)));
        pinned.put("010b" + told + "0000000000000011" + "01" + "01" + "00026e6f", told(new Retried(17, true, "no")));
        pinned.put("010b" + told + "0000000000000012" + "01" + "00", told(new Retried(18, true, null)));
        pinned.put("010c" + told + "0000000000000013", told(new AtRest(19)));
        return pinned;
    }

    private static UUID instance() {
        return new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);
    }

    private static Message request(Content content) {
        return new Message.Entry(new Origin(instance(), 9), new Validity(5, 6), content);
    }

    private static Message told(Content content) {
        return new Message.Entry(new Origin(instance(), 0), Validity.UNLIMITED, content);
    }

    @Test
    void place_isKeptInTheForm_thatEveryReleaseReads() {
        assertThat(new Place(5, 123).committed().metadata())
                .as("what the group keeps.%s", TWO_RELEASES)
                .isEqualTo("1 123");
    }

    private record Release(Version number, int read, int written) {
        static Release of(Matcher row) {
            int read = row.group(2) == null ? 1 : Integer.parseInt(row.group(2));
            return new Release(Version.parse(row.group(1)), read, Integer.parseInt(row.group(3)));
        }
    }

    private static List<Release> releases() throws IOException {
        return ROW.matcher(Files.readString(Path.of("docs/scale-out.md")))
                .results()
                .map(result -> Release.of(matched(result.group())))
                .toList();
    }

    private static Matcher matched(String row) {
        Matcher matcher = ROW.matcher(row);
        assertThat(matcher.matches()).isTrue();
        return matcher;
    }

    /** So that whoever upgrades one instance after the other, or goes back, is understood by the others. */
    @Test
    void releases_writeNothing_thatTheOneBeforeDoesNotRead() throws IOException {
        List<Release> releases = releases();
        assertThat(releases).isNotEmpty();
        Release before = releases.get(0);
        for (Release release : releases.subList(1, releases.size())) {
            assertThat(release.number()).as(TWO_RELEASES).isGreaterThan(before.number());
            assertThat(release.written())
                    .as("what %s writes.%s", release.number(), TWO_RELEASES)
                    .isLessThanOrEqualTo(before.read());
            assertThat(release.read())
                    .as("what %s reads, as topics may hold it", release.number())
                    .isGreaterThanOrEqualTo(before.read());
            before = release;
        }
        assertThat(new MessageVersions(before.read(), before.written()))
                .as("the last row of the table in docs/scale-out.md, Upgrades.%s", TWO_RELEASES)
                .isEqualTo(MessageVersions.PRESENT);
        assertThat(before.number())
                .as("a row is of this release or of one before")
                .isLessThanOrEqualTo(present());
    }

    private static Version present() throws IOException {
        String versions = Files.readAllLines(Path.of("pom.xml")).stream()
                .filter(line -> line.startsWith("  <version>"))
                .collect(Collectors.joining());
        return Version.parse(versions.replaceAll("\\s*<version>([0-9.]+)(-SNAPSHOT)?</version>", "$1"));
    }

    @Test
    void versions_thatWriteWhatTheyDoNotRead_areRefused() {
        assertThatThrownBy(() -> new MessageVersions(1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MessageVersions(1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MessageVersions(256, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
