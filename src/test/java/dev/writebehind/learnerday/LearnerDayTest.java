package dev.writebehind.learnerday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.writebehind.learnerday.LearnerDay.LearnerWrite;
import dev.writebehind.learnerday.LearnerDay.Request;
import dev.writebehind.learnerday.ReferenceModel.ActualRow;
import dev.writebehind.testing.DemoCourse;
import dev.writebehind.testing.DemoCourse.Block;
import dev.writebehind.testing.LearnerHabits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearnerDayTest {

    private static final LearnerDay DAY = LearnerDay.generate(42);
    private static final Map<String, String> TYPES =
            DemoCourse.blocks().stream().collect(Collectors.toMap(Block::key, Block::type));

    @Nested
    class Schedule {

        @Test
        void theSameSeedGivesTheSameDay() {
            assertThat(LearnerDay.generate(7, 50).requests())
                    .isEqualTo(LearnerDay.generate(7, 50).requests())
                    .isNotEqualTo(LearnerDay.generate(8, 50).requests());
        }

        @Test
        void theDayIsTheSameEverywhere() {
            LearnerDay.Counts counts = DAY.counts();

            assertThat(counts).isEqualTo(new LearnerDay.Counts(2_500, 134_139, 154_220, 127_594, 15_158, 962));
            assertThat(counts.writes()).isGreaterThanOrEqualTo(100_000);
        }

        @Test
        void theCourseIsComplete() {
            List<Block> blocks = DemoCourse.blocks();

            assertThat(blocks).hasSize(313).doesNotHaveDuplicates();
            assertThat(blocks)
                    .allSatisfy(block ->
                            assertThat(ReferenceModel.blockType(block.key())).isEqualTo(block.type()));
            assertThat(blocks.stream().filter(Block::reports)).hasSize(311);
        }

        @Test
        void everyReportingBlockIsReportedAndNoOther() {
            Set<String> reporting = DemoCourse.blocks().stream()
                    .filter(Block::reports)
                    .map(Block::key)
                    .collect(Collectors.toSet());

            assertThat(writes(DAY).stream().map(LearnerWrite::blockKey).collect(Collectors.toSet()))
                    .isEqualTo(reporting);
        }

        @Test
        void requestsAreInOrderOfTimeAndOfEachLearner() {
            Map<Integer, List<Request>> byUser = new HashMap<>();
            long last = 0;
            for (Request request : DAY.requests()) {
                assertThat(request.atMillis()).isGreaterThanOrEqualTo(last);
                last = request.atMillis();
                byUser.computeIfAbsent(request.userId(), user -> new ArrayList<>())
                        .add(request);
            }

            for (int i = 0; i < LearnerDay.DEFAULT_LEARNERS; i++) {
                List<Request> own = DAY.requestsByLearner().get(i);
                assertThat(byUser.getOrDefault(LearnerDay.FIRST_USER_ID + i, List.of()))
                        .isEqualTo(own);
                for (int j = 1; j < own.size(); j++) {
                    assertThat(own.get(j).atMillis())
                            .isGreaterThan(own.get(j - 1).atMillis());
                }
            }
        }

        @Test
        void aRequestHoldsBetweenOneAndThirtyWritesOfItsLearner() {
            assertThat(DAY.requests()).allSatisfy(request -> {
                assertThat(request.writes()).hasSizeBetween(1, LearnerHabits.MAX_BATCH);
                assertThat(request.writes()).extracting(LearnerWrite::userId).containsOnly(request.userId());
            });
            assertThat(DAY.requestsByLearner())
                    .filteredOn(own ->
                            own.stream().anyMatch(request -> request.writes().size() > 1))
                    .hasSizeBetween(200, 600);
        }

        @Test
        void lessonsStartWithABurst() {
            Map<Long, Integer> perSecond = new HashMap<>();
            DAY.requests().forEach(request -> perSecond.merge(request.atMillis() / 1_000, 1, Integer::sum));
            double seconds = DAY.requests().get(DAY.requests().size() - 1).atMillis() / 1_000.0;
            double usual = DAY.requests().size() / seconds;

            assertThat(perSecond.values().stream().mapToInt(n -> n).max().orElseThrow())
                    .isGreaterThan((int) (10 * usual));
        }

        @Test
        void valuesGoTheWaysTheyGoInReality() {
            Map<List<Object>, List<Double>> paths = new LinkedHashMap<>();
            for (LearnerWrite write : writes(DAY)) {
                List<Object> key = List.of(write.userId(), write.blockKey());
                paths.computeIfAbsent(key, first -> new ArrayList<>()).add(write.completion());
            }
            Map<String, Set<List<Double>>> byType = new HashMap<>();
            paths.forEach((key, path) -> byType.computeIfAbsent(
                            ReferenceModel.blockType((String) key.get(1)), type -> new HashSet<>())
                    .add(path));

            assertThat(byType.get("video")).contains(List.of(0.25, 0.5, 0.75, 1.0), List.of(0.25), List.of(0.25, 0.5));
            assertThat(byType.get("html"))
                    .contains(List.of(1.0), List.of(1.0, 1.0), List.of(1.0, 1.0, 1.0))
                    .allSatisfy(path -> assertThat(path).containsOnly(1.0));
            assertThat(byType.get("problem"))
                    .contains(List.of(1.0), List.of(1.0, 0.0), List.of(1.0, 0.0, 1.0), List.of(1.0, 1.0));
        }

        @Test
        void resetsComeInQuickSuccessionAndWithinOneRequest() {
            long quick = 0;
            long within = 0;
            for (List<Request> own : DAY.requestsByLearner()) {
                Map<String, Long> loweredAt = new HashMap<>();
                Map<String, Double> state = new HashMap<>();
                for (Request request : own) {
                    for (LearnerWrite write : request.writes()) {
                        Double before = state.put(write.blockKey(), write.completion());
                        if (before != null && before > write.completion()) {
                            loweredAt.put(write.blockKey(), request.atMillis());
                        } else if (write.completion() == 1.0 && loweredAt.containsKey(write.blockKey())) {
                            long pause = request.atMillis() - loweredAt.remove(write.blockKey());
                            within += pause == 0 ? 1 : 0;
                            quick += pause > 0 && pause <= 20 ? 1 : 0;
                        }
                    }
                }
            }

            assertThat(quick).isGreaterThan(20);
            assertThat(within).isGreaterThan(5);
        }
    }

    @Nested
    class Model {

        private static final String COURSE = "course-v1:OpenedX+DemoX+DemoCourse";
        private static final String PAGE = "block-v1:OpenedX+DemoX+DemoCourse+type@html+block@page";
        private static final String VIDEO = "block-v1:OpenedX+DemoX+DemoCourse+type@video+block@film";
        private static final String PROBLEM = "block-v1:OpenedX+DemoX+DemoCourse+type@problem+block@sum";
        private static final Instant START = Instant.parse("2026-03-02T08:00:00.000123Z");

        /** A page seen twice, a video watched to the half and a problem reset and solved again. */
        private final ReferenceModel model = new ReferenceModel();

        private final List<ActualRow> good = List.of(
                new ActualRow(COURSE, PAGE, "html", 42, 1.0, at(0, 5), at(0, 5)),
                new ActualRow(COURSE, VIDEO, "video", 42, 0.5, at(2, 5), at(3, 5)),
                new ActualRow(COURSE, PROBLEM, "problem", 42, 1.0, at(4, 3), at(4, 5)));

        Model() {
            write(PAGE, 1.0, 0);
            write(PAGE, 1.0, 1);
            write(VIDEO, 0.25, 2);
            write(VIDEO, 0.5, 3);
            write(PROBLEM, 1.0, 4);
            write(PROBLEM, 0.0, 4);
            write(PROBLEM, 1.0, 4);
        }

        @Test
        void theRowsOfDirectWritesDoNotDiffer() {
            assertThat(model.size()).isEqualTo(3);
            assertThat(model.differences(good, 10)).isEmpty();
            assertThat(model.differencesNewestValue(good, 10)).isEmpty();
        }

        @Test
        void aWholeDayOfDirectWritesDoesNotDiffer() {
            ReferenceModel whole = new ReferenceModel(Duration.ZERO);
            Map<List<Object>, ActualRow> table = new HashMap<>();
            for (Request request : DAY.requests()) {
                Instant sentAt = START.plusMillis(request.atMillis());
                Instant now = sentAt;
                for (LearnerWrite write : request.writes()) {
                    now = now.plusNanos(1_000);
                    whole.write(
                            write.userId(),
                            write.courseKey(),
                            write.blockKey(),
                            write.completion(),
                            sentAt,
                            sentAt.plusMillis(1));
                    saveDirectly(table, write, now);
                }
            }

            assertThat(whole.size()).isEqualTo(DAY.counts().keys());
            assertThat(whole.differences(table.values(), 10)).isEmpty();
        }

        @Test
        void aMissingRowIsFound() {
            assertThat(model.differences(good.subList(1, 3), 10)).containsExactly("missing row: " + name(PAGE));
        }

        @Test
        void anExtraRowIsFound() {
            ActualRow extra = new ActualRow(COURSE, PAGE, "html", 43, 1.0, at(0, 5), at(0, 5));

            assertThat(model.differences(plus(extra), 10))
                    .containsExactly("extra row: user 43, " + COURSE + ", " + PAGE);
        }

        @Test
        void aDuplicateRowIsFound() {
            assertThat(model.differences(plus(good.get(1)), 10)).containsExactly("duplicate row: " + name(VIDEO));
        }

        @Test
        void aWrongBlockTypeIsFound() {
            assertFault(
                    1,
                    row -> with(row, "html", row.completion(), row.created(), row.modified()),
                    "block_type is html instead of video: ");
        }

        @Test
        void aWrongValueIsFound() {
            assertFault(
                    1,
                    row -> with(row, row.blockType(), 0.25, row.created(), row.modified()),
                    "completion is 0.25 instead of 0.5: ");
            assertFault(
                    1,
                    row -> with(row, row.blockType(), Math.nextUp(0.5), row.created(), row.modified()),
                    "completion is 0.5000000000000001 instead of 0.5: ");
        }

        @Test
        void aNegativeZeroIsFound() {
            write(PAGE, 0.0, 5);
            write(PAGE, -0.0, 6);
            assertThat(model.differences(
                            List.of(with(good.get(0), "html", -0.0, at(0, 5), at(5, 5)), good.get(1), good.get(2)), 10))
                    .containsExactly("completion is -0.0 instead of 0.0: " + name(PAGE));
        }

        @Test
        void aModifiedMovedByAnEqualValueIsFound() {
            assertFaults(
                    0,
                    row -> with(row, row.blockType(), row.completion(), row.created(), at(1, 5)),
                    "modified 2026-03-02T08:00:01.005123Z is not within ",
                    "modified 2026-03-02T08:00:01.005123Z differs from created ");
        }

        @Test
        void aModifiedMovedWithinTheWindowIsFound() {
            assertFault(
                    0,
                    row -> with(row, row.blockType(), row.completion(), row.created(), at(0, 6)),
                    "modified 2026-03-02T08:00:00.006123Z differs from created ");
        }

        @Test
        void aModifiedLeftBehindIsFound() {
            assertFaults(
                    1,
                    row -> with(row, row.blockType(), row.completion(), row.created(), row.created()),
                    "modified 2026-03-02T08:00:02.005123Z is not within ",
                    "modified equals created ");
        }

        @Test
        void aResetThatVanishedWithinOneRequestIsFound() {
            assertFault(
                    2,
                    row -> with(row, row.blockType(), row.completion(), row.created(), row.created()),
                    "modified equals created ");
        }

        @Test
        void aModifiedBeforeCreatedIsFound() {
            assertFault(
                    2,
                    row -> with(row, row.blockType(), row.completion(), at(4, 5), at(4, 3)),
                    "modified 2026-03-02T08:00:04.003123Z is before created ");
        }

        @Test
        void aWrongCreatedIsFound() {
            assertFault(
                    1,
                    row -> with(row, row.blockType(), row.completion(), at(2, -2), row.modified()),
                    "created 2026-03-02T08:00:01.998123Z is not within ");
            assertFault(
                    1,
                    row -> with(row, row.blockType(), row.completion(), at(2, 12), row.modified()),
                    "created 2026-03-02T08:00:02.012123Z is not within ");
        }

        @Test
        void theWindowIsInclusiveWithItsTolerance() {
            List<ActualRow> early = replace(1, row -> with(row, "video", 0.5, at(2, -1), at(3, -1)));
            List<ActualRow> late = replace(1, row -> with(row, "video", 0.5, at(2, 11), at(3, 11)));
            Instant beforeFirst = at(2, -1).minusNanos(1_000);
            Instant afterLast = at(3, 11).plusNanos(1_000);
            List<ActualRow> tooEarly = replace(1, row -> with(row, "video", 0.5, beforeFirst, at(3, 0)));
            List<ActualRow> tooLate = replace(1, row -> with(row, "video", 0.5, at(2, 0), afterLast));

            assertThat(model.differences(early, 10)).isEmpty();
            assertThat(model.differences(late, 10)).isEmpty();
            assertThat(model.differences(tooEarly, 10)).hasSize(1);
            assertThat(model.differences(tooLate, 10)).hasSize(1);
        }

        @Test
        void theNewestValueLeavesTheTimesAlone() {
            Instant elsewhere = START.minusSeconds(3_600);
            List<ActualRow> times = good.stream()
                    .map(row -> with(row, row.blockType(), row.completion(), elsewhere, elsewhere))
                    .toList();

            assertThat(model.differencesNewestValue(times, 10)).isEmpty();
            assertThat(model.differencesNewestValue(good.subList(1, 3), 10))
                    .containsExactly("missing row: " + name(PAGE));
            assertThat(model.differencesNewestValue(plus(good.get(0)), 10))
                    .containsExactly("duplicate row: " + name(PAGE));
            assertThat(model.differencesNewestValue(
                            replace(1, row -> with(row, "html", 0.25, row.created(), row.modified())), 10))
                    .containsExactly(
                            "block_type is html instead of video: " + name(VIDEO),
                            "completion is 0.25 instead of 0.5: " + name(VIDEO));
            assertThat(model.differencesNewestValue(
                            plus(new ActualRow(COURSE, PAGE, "html", 43, 1.0, START, START)), 10))
                    .containsExactly("extra row: user 43, " + COURSE + ", " + PAGE);
        }

        @Test
        void theFindingsAreLimitedButCounted() {
            assertThat(model.differences(List.of(), 2)).hasSize(3).last().isEqualTo("… and 1 more");
            assertThat(model.differences(List.of(), 3)).hasSize(3).noneMatch(line -> line.startsWith("…"));
        }

        @Test
        void anAcknowledgementBeforeTheWriteIsRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.write(42, COURSE, PAGE, 1.0, START, START.minusNanos(1)));
        }

        @ParameterizedTest
        @CsvSource({
            "block-v1:O+C+R+type@html+block@a+b, html",
            "block-v1:O+C+R+branch@draft-branch+type@drag-and-drop-v2+block@x, drag-and-drop-v2",
            "lib-block-v1:O+L+type@problem+block@x, problem",
            "lb:O:slug:video:id, video",
            "i4x://O/C/survey/x, survey"
        })
        void theBlockTypeComesFromTheKey(String blockKey, String blockType) {
            assertThat(ReferenceModel.blockType(blockKey)).isEqualTo(blockType);
        }

        @Test
        void aKeyWithoutATypeIsRefused() {
            assertThatIllegalArgumentException().isThrownBy(() -> ReferenceModel.blockType("not:a:block:key"));
        }

        private void write(String blockKey, double completion, int second) {
            model.write(42, COURSE, blockKey, completion, at(second, 0), at(second, 10));
        }

        private static void saveDirectly(Map<List<Object>, ActualRow> table, LearnerWrite write, Instant now) {
            List<Object> key = List.of(write.userId(), write.blockKey());
            ActualRow row = table.get(key);
            if (row == null) {
                String type = TYPES.get(write.blockKey());
                table.put(
                        key,
                        new ActualRow(
                                write.courseKey(),
                                write.blockKey(),
                                type,
                                write.userId(),
                                write.completion(),
                                now,
                                now));
            } else if (row.completion() != write.completion()) {
                table.put(key, with(row, row.blockType(), write.completion(), row.created(), now));
            }
        }

        private void assertFault(int index, UnaryOperator<ActualRow> fault, String expected) {
            assertFaults(index, fault, expected);
        }

        private void assertFaults(int index, UnaryOperator<ActualRow> fault, String... expected) {
            List<String> found = model.differences(replace(index, fault), 10);

            assertThat(found).hasSameSizeAs(expected);
            for (int i = 0; i < expected.length; i++) {
                assertThat(found.get(i))
                        .startsWith(expected[i])
                        .endsWith(": " + name(good.get(index).blockKey()));
            }
        }

        private List<ActualRow> replace(int index, UnaryOperator<ActualRow> change) {
            return IntStream.range(0, good.size())
                    .mapToObj(i -> i == index ? change.apply(good.get(i)) : good.get(i))
                    .toList();
        }

        private List<ActualRow> plus(ActualRow row) {
            List<ActualRow> rows = new ArrayList<>(good);
            rows.add(row);
            return rows;
        }

        private static ActualRow with(
                ActualRow row, String blockType, double completion, Instant created, Instant modified) {
            return new ActualRow(
                    row.courseKey(), row.blockKey(), blockType, row.userId(), completion, created, modified);
        }

        private static Instant at(int second, int millis) {
            return START.plusSeconds(second).plusMillis(millis);
        }

        private static String name(String blockKey) {
            return "user 42, " + COURSE + ", " + blockKey;
        }
    }

    private static List<LearnerWrite> writes(LearnerDay day) {
        return day.requests().stream()
                .flatMap(request -> request.writes().stream())
                .toList();
    }
}
