package dev.writebehind.learnerday;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A day of a few thousand learners on the Open edX demo course: who reports which completion, in which request and
 * when. The same seed always gives the same day, on every platform ({@link Random} and {@link StrictMath} are specified
 * to the bit). Nothing here knows the service; a driver plays the requests against whatever it wants to test.
 *
 * <p>What the block types of the course (resource {@code demo-course-blocks.csv}, 313 leaf blocks in course order, in
 * 17 sequentials) report:
 *
 * <table>
 * <caption>Reports per block type</caption>
 * <tr><td>video (11)</td><td>0.25, 0.5, 0.75, 1.0; one in ten is left before the end</td></tr>
 * <tr><td>html (266), annotatable, poll, survey</td><td>1.0 when seen or answered, sometimes twice</td></tr>
 * <tr><td>problem (23)</td><td>1.0; rarely a reset to 0.0, mostly followed by 1.0, now and then within
 * milliseconds</td></tr>
 * <tr><td>openassessment, lti, drag-and-drop-v2, edx_sga, staffgradedxblock, done</td><td>1.0 once</td></tr>
 * <tr><td>library_content, discussion</td><td>nothing: an aggregator and excluded from completion upstream</td></tr>
 * </table>
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

    /** The most writes in one request. */
    public static final int MAX_BATCH = 30;

    private static final String RESOURCE = "/demo-course-blocks.csv";
    private static final String HEADER = "course_key,chapter,sequential,vertical,block_type,block_key";
    private static final Set<String> SILENT_TYPES = Set.of("library_content", "discussion");
    private static final Set<String> PAGE_TYPES = Set.of("html", "annotatable", "poll", "survey");

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

    /** A leaf block of the course. */
    record Block(String courseKey, String lesson, String type, String key) {}

    public static LearnerDay generate(long seed) {
        return generate(seed, DEFAULT_LEARNERS);
    }

    public static LearnerDay generate(long seed, int learners) {
        List<List<Block>> lessons = lessons(blocks());
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

    /** Every leaf block of the course in course order, including those that never report. */
    static List<Block> blocks() {
        try (InputStream in = LearnerDay.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("Missing resource " + RESOURCE);
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            if (!HEADER.equals(lines.readLine())) {
                throw new IllegalStateException(RESOURCE + " does not start with " + HEADER);
            }
            return lines.lines()
                    .map(line -> line.split(",", -1))
                    .map(cells -> new Block(cells[0], cells[2], cells[4], cells[5]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a block of this type reports completion of its own. */
    static boolean reports(String blockType) {
        return !SILENT_TYPES.contains(blockType);
    }

    private static List<List<Block>> lessons(List<Block> blocks) {
        Map<String, List<Block>> lessons = new LinkedHashMap<>();
        for (Block block : blocks) {
            if (reports(block.type())) {
                lessons.computeIfAbsent(block.lesson(), lesson -> new ArrayList<>())
                        .add(block);
            }
        }
        return List.copyOf(lessons.values());
    }

    /** One learner's way through the course. */
    private static final class Walk {
        private final Random random;
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
            this.userId = userId;
            this.lessons = lessons;
            this.batches = chance(1.0 / 7);
            this.batchSize = nextBatchSize();
        }

        List<Request> requests() {
            boolean inClass = chance(0.75);
            int classNumber = random.nextInt(CLASSES);
            int lesson = inClass ? 2 * classNumber : random.nextInt(lessons.size());
            long bell = inClass ? (long) classNumber * CLASS_DISTANCE : random.nextInt(DAY);
            int left = chance(0.02) ? Integer.MAX_VALUE : 6 + (int) exponential(48);
            for (; lesson < lessons.size() && left > 0; lesson++) {
                now = Math.max(now, bell + (long) Math.min(exponential(4 * SECOND), MINUTE));
                for (Block block : lessons.get(lesson)) {
                    if (left-- > 0 && !chance(0.04)) {
                        complete(block);
                    }
                }
                bell += inClass ? LESSON_DISTANCE : 0;
            }
            if (chance(1.0 / 12)) {
                goBack();
            }
            send();
            return List.copyOf(requests);
        }

        private void complete(Block block) {
            if (block.type().equals("video")) {
                int quarters = chance(0.1) ? 1 + random.nextInt(3) : 4;
                for (int quarter = 1; quarter <= quarters; quarter++) {
                    report(block, quarter / 4.0, between(10 * SECOND, 60 * SECOND));
                }
            } else if (PAGE_TYPES.contains(block.type())) {
                report(block, 1.0, between(2 * SECOND, 15 * SECOND));
                if (chance(0.12)) {
                    report(block, 1.0, between(50, 5 * SECOND));
                }
            } else {
                report(block, 1.0, between(10 * SECOND, 60 * SECOND));
                if (block.type().equals("problem") && chance(0.08)) {
                    boolean quick = chance(0.4);
                    report(block, 0.0, quick ? between(1, 20) : between(500, 30 * SECOND));
                    if (quick || chance(0.6)) {
                        report(block, 1.0, quick ? between(1, 20) : between(5 * SECOND, 60 * SECOND));
                    }
                }
            }
        }

        /** Old pages opened again report what they have already reported. */
        private void goBack() {
            List<Map.Entry<Block, Double>> seen = List.copyOf(reported.entrySet());
            if (seen.isEmpty()) {
                return;
            }
            int from = random.nextInt(seen.size());
            int to = Math.min(seen.size(), from + between(3, 25));
            seen.subList(from, to).forEach(page -> report(page.getKey(), page.getValue(), between(200, 4 * SECOND)));
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
                batchSize = nextBatchSize();
            }
        }

        private int nextBatchSize() {
            return between(2, MAX_BATCH);
        }

        private boolean chance(double probability) {
            return random.nextDouble() < probability;
        }

        private int between(int least, int most) {
            return least + random.nextInt(most - least + 1);
        }

        private double exponential(double mean) {
            return -mean * StrictMath.log(1 - random.nextDouble());
        }
    }
}
