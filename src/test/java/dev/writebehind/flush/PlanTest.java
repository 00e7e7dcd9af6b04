package dev.writebehind.flush;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.store.ChangeBatch.Resets;
import dev.writebehind.store.ChangeBatch.Upserts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PlanTest {
    private final KeyPool pool = new KeyPool();

    @Test
    void plan_ofNothing_hasNoLanes() {
        assertThat(plan(List.of(), List.of(), 500, 4)).isEqualTo(Plan.EMPTY);
    }

    @Test
    void plan_sortsByTheUniqueKey_overAllLanes() {
        List<CoalescedWrite> drained = List.of(
                write(2, "B", "x"), write(1, "a", "y"), write(1, "b", "X"), write(3, "A", "b"), write(1, "A", "c"));

        assertThat(changes(plan(List.of(), drained, 2, 2)))
                .containsExactly(
                        List.of(List.of(drained.get(3), drained.get(4)), List.of(drained.get(1), drained.get(2))),
                        List.of(List.of(drained.get(0))));
    }

    @ParameterizedTest
    @CsvSource({
        // writes, batch size, lanes: batches in each lane
        "1,    500, 4, 1",
        "500,  500, 4, 1",
        "501,  500, 4, 1 1",
        "2000, 500, 4, 1 1 1 1",
        "2001, 500, 4, 2 2 1",
        "4000, 500, 2, 4 4",
        "4001, 500, 2, 5 4",
        "10,   1,   3, 4 4 2",
        "10,   1,   64, 1 1 1 1 1 1 1 1 1 1",
        "10,   500, 1, 1",
    })
    void plan_cutsFullBatchesIntoLanesOfTheSameLength(int writes, int batchSize, int lanes, String batchesOfLanes) {
        List<List<List<? extends Change>>> plan =
                changes(plan(List.of(), random(writes, new Random(1)), batchSize, lanes));

        assertThat(plan.stream().map(lane -> String.valueOf(lane.size())).toList())
                .containsExactly(batchesOfLanes.split(" ", -1));
    }

    @Test
    void plan_ofRandomWrites_visitsEachOnceAndInOrder() {
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            int batchSize = 1 + random.nextInt(40);
            int lanes = 1 + random.nextInt(8);
            List<CoalescedWrite> drained = Collections.unmodifiableList(random(random.nextInt(400), random));

            List<List<List<? extends Change>>> plan = changes(plan(List.of(), drained, batchSize, lanes));

            List<List<? extends Change>> batches =
                    plan.stream().flatMap(List::stream).toList();
            List<Change> visited =
                    batches.stream().<Change>flatMap(List::stream).toList();
            assertThat(plan).hasSizeLessThanOrEqualTo(lanes).noneMatch(List::isEmpty);
            assertThat(batches).noneMatch(List::isEmpty).allMatch(batch -> batch.size() <= batchSize);
            assertThat(batches.stream().filter(batch -> batch.size() < batchSize))
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(visited).containsExactlyInAnyOrderElementsOf(drained);
            assertThat(visited.stream().map(write -> ((CoalescedWrite) write).key()))
                    .isSorted();
        }
    }

    @Test
    void plan_withResets_spreadsThemOverTheLanesInBatchesOfTheirOwnBeforeTheWrites() {
        List<CourseReset> resets = new ArrayList<>();
        for (int user = 1; user <= 45; user++) {
            resets.add(new CourseReset(new LearnerCourse(user, pool.course("c")), 1_000 - user));
        }
        List<CoalescedWrite> writes = List.of(write(100, "a", "x"), write(101, "a", "x"));
        Plan plan = plan(resets, writes, 1, 2);

        assertThat(plan.lanes()).hasSize(2);
        assertThat(changes(plan).get(0))
                .containsExactly(
                        List.copyOf(resets.subList(0, 20)),
                        List.copyOf(resets.subList(40, 45)),
                        List.of(writes.get(0)));
        assertThat(changes(plan).get(1)).containsExactly(List.copyOf(resets.subList(20, 40)), List.of(writes.get(1)));
        assertThat(plan.oldestReset()).isEqualTo(955);
    }

    @Test
    void plan_resets_goByLearnerAndCourse_asEveryInstanceHasIt() {
        List<CourseReset> drained = List.of(reset(2, "a"), reset(1, "b"), reset(1, "A"));

        assertThat(changes(plan(drained, List.of(), 500, 1)))
                .containsExactly(List.of(List.of(drained.get(2), drained.get(1), drained.get(0))));
    }

    @Test
    void plan_ofResetsAlone_takesOneLane() {
        CourseReset reset = new CourseReset(new LearnerCourse(1, pool.course("c")), 7);
        assertThat(plan(List.of(reset), List.of(), 500, 4))
                .isEqualTo(new Plan(List.of(List.of(new Task(new Resets(List.of(reset)), Task.Locks.UNKNOWN))), 7));
    }

    @Test
    void plan_whatWasLockedAMomentAgo_comesLastInBatchesOfItsOwn() {
        CourseReset reset = new CourseReset(new LearnerCourse(9, pool.course("c")), 7);
        List<CoalescedWrite> writes =
                List.of(write(1, "a", "x"), write(2, "a", "x"), write(3, "a", "x"), write(4, "a", "x"));
        Set<Change> locked = Set.of(reset, writes.get(0), writes.get(2));

        Plan plan = Plan.of(List.of(reset), writes, write -> false, locked::contains, 500, 1, Plan.Spread.RANGES);

        assertThat(plan.lanes())
                .containsExactly(List.of(
                        new Task(new Upserts(List.of(writes.get(1), writes.get(3))), Task.Locks.UNKNOWN),
                        new Task(new Resets(List.of(reset)), Task.Locks.EXPECTED),
                        new Task(new Upserts(List.of(writes.get(0), writes.get(2))), Task.Locks.EXPECTED)));
    }

    @Test
    void plan_rowsThatAreThere_comeInBatchesOfTheirOwn() {
        List<CoalescedWrite> writes = new ArrayList<>();
        for (int user = 1; user <= 20; user++) {
            writes.add(write(user, "a", "x"));
        }
        List<CoalescedWrite> odd =
                writes.stream().filter(write -> write.key().userId() % 2 == 1).toList();
        List<CoalescedWrite> even =
                writes.stream().filter(write -> write.key().userId() % 2 == 0).toList();

        Plan plan = Plan.of(List.of(), writes, even::contains, change -> false, 500, 2, Plan.Spread.RANGES);

        assertThat(plan.lanes())
                .containsExactly(
                        List.of(new Task(new Upserts(odd), Task.Locks.UNKNOWN)),
                        List.of(new Task(new Upserts(even, true), Task.Locks.UNKNOWN)));
        Task known = plan.lanes().get(1).get(0);
        assertThat(List.of(known.firstHalf(), known.at(Set.of(5, 6, 7, 8, 9), true)))
                .as("what is left of them is known as well")
                .containsOnly(new Task(new Upserts(even.subList(0, 5), true), Task.Locks.UNKNOWN));
    }

    @Test
    void plan_byLearner_hasAllOfALearnerInOneLane_andNoMoreLanesThanBatches() {
        List<CoalescedWrite> writes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            writes.add(write(1 + i % 25, "c" + i / 25, "x"));
        }
        Set<Change> locked = Set.copyOf(writes.subList(90, 100));
        for (int size : List.of(10, 40, 100)) {
            Plan plan = Plan.of(
                    List.of(),
                    writes,
                    write -> write.key().course().value().hashCode() % 2 == 0,
                    locked::contains,
                    size,
                    4,
                    Plan.Spread.LEARNERS);

            Map<Integer, Set<Integer>> lanes = new HashMap<>();
            List<Change> planned = new ArrayList<>();
            for (int lane = 0; lane < plan.lanes().size(); lane++) {
                for (Task task : plan.lanes().get(lane)) {
                    planned.addAll(task.changes());
                    for (Change change : task.changes()) {
                        lanes.computeIfAbsent(change.learnerCourse().userId(), user -> new HashSet<>())
                                .add(lane);
                    }
                }
            }
            assertThat(lanes.values()).hasSize(25).allMatch(all -> all.size() == 1);
            assertThat(planned).containsExactlyInAnyOrderElementsOf(writes);
            assertThat(plan.lanes()).hasSize(Math.min(4, (100 + size - 1) / size));
        }
    }

    private CourseReset reset(int user, String course) {
        return new CourseReset(new LearnerCourse(user, pool.course(course)), 7);
    }

    private static Plan plan(List<CourseReset> resets, List<CoalescedWrite> writes, int batchSize, int lanes) {
        return Plan.of(resets, writes, write -> false, change -> false, batchSize, lanes, Plan.Spread.RANGES);
    }

    private static List<List<List<? extends Change>>> changes(Plan plan) {
        return plan.lanes().stream()
                .<List<List<? extends Change>>>map(lane ->
                        lane.stream().<List<? extends Change>>map(Task::changes).toList())
                .toList();
    }

    private List<CoalescedWrite> random(int count, Random random) {
        List<CoalescedWrite> writes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            writes.add(write(i + 1, "course" + random.nextInt(5), (random.nextBoolean() ? "B" : "b") + i % 30));
        }
        Collections.shuffle(writes, random);
        return writes;
    }

    private CoalescedWrite write(int userId, String course, String block) {
        return CoalescedWrite.of(
                new CompletionWrite(new CompletionKey(userId, pool.course(course), pool.block(block)), 1.0), 1);
    }

    /** As they are where a site has several instances. */
    @Test
    void learners_thatHaveAFactorInCommon_areSpreadOverAllLanes() {
        List<CoalescedWrite> writes = new ArrayList<>();
        for (int i = 1; i <= 400; i++) {
            writes.add(write(4 * i, "c", "x"));
        }
        Plan plan = Plan.of(List.of(), writes, write -> false, change -> false, 10, 4, Plan.Spread.LEARNERS);
        assertThat(plan.lanes())
                .hasSize(4)
                .allSatisfy(lane ->
                        assertThat(lane.stream().mapToInt(Task::size).sum()).isBetween(60, 140));
    }

    @ParameterizedTest
    @EnumSource(Plan.Spread.class)
    void fewWrites_areOneTransaction_whateverIsKnownOfTheirRows(Plan.Spread spread) {
        List<CoalescedWrite> writes = new ArrayList<>();
        for (int i = 0; i < 17; i++) {
            writes.add(write(1, "c", "x" + i));
        }
        Predicate<CoalescedWrite> known = write -> !write.equals(writes.get(0));
        List<CoalescedWrite> few = writes.subList(0, 16);
        assertThat(Plan.of(List.of(), few, known, change -> false, 500, 1, spread)
                        .lanes())
                .containsExactly(List.of(new Task(new Upserts(sorted(few), false), Task.Locks.UNKNOWN)));
        assertThat(Plan.of(List.of(), few, write -> true, change -> false, 500, 1, spread)
                        .lanes())
                .containsExactly(List.of(new Task(new Upserts(sorted(few), true), Task.Locks.UNKNOWN)));
        assertThat(Plan.of(List.of(), few, known, change -> false, 15, 1, spread)
                        .lanes()
                        .get(0))
                .hasSize(2);
        assertThat(Plan.of(List.of(), writes, known, change -> false, 500, 1, spread)
                        .lanes()
                        .get(0))
                .hasSize(2);
    }

    private static List<CoalescedWrite> sorted(List<CoalescedWrite> writes) {
        return writes.stream().sorted(Comparator.comparing(CoalescedWrite::key)).toList();
    }
}
