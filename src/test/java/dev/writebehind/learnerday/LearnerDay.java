package dev.writebehind.learnerday;

import dev.writebehind.testing.DemoCourse;
import dev.writebehind.testing.DemoCourse.Block;
import dev.writebehind.testing.LearnerHabits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A day of a few thousand learners on the Open edX demo course: who reports which completion, in which request and
 * when. The same seed always gives the same day, on every platform ({@link Random} and {@link StrictMath} are specified
 * to the bit). Nothing here knows the service; a driver plays the requests against whatever it wants to test.
 *
 * <p>The course has 313 leaf blocks in 17 sequentials; what is reported of one depends on its type
 * ({@link LearnerHabits}).
 *
 * <p>Three learners in four sit in one of six classes. A class starts its first lesson (a sequential) at a fixed time
 * and the next one every twenty minutes, so its learners open the same lesson within seconds: the bursts. The others
 * start anywhere, any time. One learner in seven sends small batches, as a phone does that was offline; these may hold
 * several values of one block. All others send every write by itself. One in twelve goes back over old pages at the
 * end, which report the values they already have.
 */
public final class LearnerDay {

    /** Enough learners for well over 100,000 writes. */
    public static final int DEFAULT_LEARNERS = 2_500;

    /** The learner with index i is user {@code FIRST_USER_ID + i}. */
    public static final int FIRST_USER_ID = 10_001;

    private static final int SECOND = 1_000;
    private static final int MINUTE = 60 * SECOND;
    private static final int CLASSES = 6;
    private static final int CLASS_DISTANCE = 90 * MINUTE;
    private static final int LESSON_DISTANCE = 20 * MINUTE;
    private static final int DAY = 13 * 60 * MINUTE;

    private final List<List<Request>> byLearner;
    private final List<Request> requests;

    private LearnerDay(List<List<Request>> byLearner) {
        this.byLearner = List.copyOf(byLearner);
        this.requests = byLearner.stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparingLong(Request::atMillis).thenComparingInt(Request::userId))
                .toList();
    }

    /** One reported completion. */
    public record LearnerWrite(int userId, String courseKey, String blockKey, double completion) {}

    /**
     * One call of a learner's device. Its writes all belong to {@code userId} and take effect in list order. A block
     * may occur several times; a JSON object can't say so, there its last value is what counts.
     *
     * @param atMillis virtual time since the start of the day; strictly increasing among the requests of one learner
     */
    public record Request(int userId, long atMillis, List<LearnerWrite> writes) {
        public Request {
            writes = List.copyOf(writes);
        }
    }

    /**
     * How much of what a day holds.
     *
     * @param keys distinct (course, block, user), that is the rows at the end
     * @param repeats writes of the value the row already has
     * @param lowered writes of a smaller value than the row has (resets)
     */
    public record Counts(int learners, int requests, int writes, int keys, int repeats, int lowered) {}

    public static LearnerDay generate(long seed) {
        return generate(seed, DEFAULT_LEARNERS);
    }

    public static LearnerDay generate(long seed, int learners) {
        List<List<Block>> lessons = lessons(DemoCourse.blocks());
        Random seeds = new Random(seed);
        List<List<Request>> byLearner = new ArrayList<>(learners);
        for (int index = 0; index < learners; index++) {
            byLearner.add(new Walk(new Random(seeds.nextLong()), FIRST_USER_ID + index, lessons).requests());
        }
        return new LearnerDay(byLearner);
    }

    /** Every request of the day in the order of its virtual time; those of one learner are in their own order. */
    public List<Request> requests() {
        return requests;
    }

    /** The requests of each learner in order; the list at index i is that of user {@code FIRST_USER_ID + i}. */
    public List<List<Request>> requestsByLearner() {
        return byLearner;
    }

    public Counts counts() {
        Map<List<Object>, Double> state = new HashMap<>();
        int writes = 0;
        int repeats = 0;
        int lowered = 0;
        for (Request request : requests) {
            for (LearnerWrite write : request.writes()) {
                writes++;
                Double before = state.put(List.of(write.userId(), write.blockKey()), write.completion());
                if (before != null && before == write.completion()) {
                    repeats++;
                } else if (before != null && before > write.completion()) {
                    lowered++;
                }
            }
        }
        return new Counts(byLearner.size(), requests.size(), writes, state.size(), repeats, lowered);
    }

    private static List<List<Block>> lessons(List<Block> blocks) {
        Map<String, List<Block>> lessons = new LinkedHashMap<>();
        for (Block block : blocks) {
            if (block.reports()) {
                lessons.computeIfAbsent(block.lesson(), lesson -> new ArrayList<>())
                        .add(block);
            }
        }
        return List.copyOf(lessons.values());
    }

    /** One learner's way through the course. */
    private static final class Walk {
        private final Random random;
        private final LearnerHabits habits;
        private final int userId;
        private final List<List<Block>> lessons;
        private final boolean batches;
        private final Map<Block, Double> reported = new LinkedHashMap<>();
        private final List<Request> requests = new ArrayList<>();
        private final List<LearnerWrite> unsent = new ArrayList<>();
        private long now;
        private int batchSize;

        Walk(Random random, int userId, List<List<Block>> lessons) {
            this.random = random;
            this.habits = new LearnerHabits(random, true);
            this.userId = userId;
            this.lessons = lessons;
            this.batches = habits.chance(1.0 / LearnerHabits.ONE_BATCHES_IN);
            this.batchSize = habits.batchSize();
        }

        List<Request> requests() {
            boolean inClass = habits.chance(0.75);
            int classNumber = random.nextInt(CLASSES);
            int lesson = inClass ? 2 * classNumber : random.nextInt(lessons.size());
            long bell = inClass ? (long) classNumber * CLASS_DISTANCE : random.nextInt(DAY);
            int left = habits.chance(0.02) ? Integer.MAX_VALUE : 6 + (int) habits.exponential(48);
            for (; lesson < lessons.size() && left > 0; lesson++) {
                now = Math.max(now, bell + (long) Math.min(habits.exponential(4 * SECOND), MINUTE));
                for (Block block : lessons.get(lesson)) {
                    if (left-- > 0 && !habits.chance(0.04)) {
                        habits.complete(block.type(), (value, after) -> report(block, value, after));
                    }
                }
                bell += inClass ? LESSON_DISTANCE : 0;
            }
            if (habits.chance(1.0 / 12)) {
                goBack();
            }
            send();
            return List.copyOf(requests);
        }

        /** Old pages opened again report what they have already reported. */
        private void goBack() {
            List<Map.Entry<Block, Double>> seen = List.copyOf(reported.entrySet());
            if (seen.isEmpty()) {
                return;
            }
            int from = random.nextInt(seen.size());
            int to = Math.min(seen.size(), from + habits.between(3, 25));
            seen.subList(from, to)
                    .forEach(page -> report(page.getKey(), page.getValue(), habits.between(200, 4 * SECOND)));
        }

        private void report(Block block, double completion, int afterMillis) {
            now += afterMillis;
            reported.put(block, completion);
            unsent.add(new LearnerWrite(userId, block.courseKey(), block.key(), completion));
            if (!batches || unsent.size() == batchSize) {
                send();
            }
        }

        private void send() {
            if (!unsent.isEmpty()) {
                requests.add(new Request(userId, now, unsent));
                unsent.clear();
                batchSize = habits.batchSize();
            }
        }
    }
}
