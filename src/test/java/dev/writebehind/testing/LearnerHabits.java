package dev.writebehind.testing;

import java.util.Random;
import java.util.Set;

/**
 * The habits of a learner, by chance: what is reported of a block of which type, how long each report takes, how many
 * writes a request holds. The same seed gives the same habits on every platform ({@link Random} and {@link StrictMath}
 * are specified to the bit). Not for concurrent use.
 *
 * <table>
 * <caption>Reports of a block</caption>
 * <tr><td>video</td><td>0.25, 0.5, 0.75, 1.0; one in ten is left before the end</td></tr>
 * <tr><td>html, annotatable, poll, survey</td><td>1.0 when seen or answered, one in eight twice</td></tr>
 * <tr><td>problem</td><td>1.0; one in twelve is reset to 0.0 and mostly solved again</td></tr>
 * <tr><td>openassessment, lti, drag-and-drop-v2, edx_sga, staffgradedxblock, done</td><td>1.0 once</td></tr>
 * </table>
 */
public final class LearnerHabits {
    /** The most writes in one request. */
    public static final int MAX_BATCH = 30;
    /** One learner in so many sends small batches, as a phone that was offline; the others every write by itself. */
    public static final int ONE_BATCHES_IN = 7;

    private static final int SECOND = 1_000;
    private static final Set<String> PAGE_TYPES = Set.of("html", "annotatable", "poll", "survey");

    private final Random random;
    private final boolean impatient;

    /** Takes what a learner reports. */
    public interface Reports {
        /** Takes one report, so long after the one before. */
        void report(double completion, int afterMillis);
    }

    /**
     * Makes the habits of one learner.
     *
     * @param impatient whether some resets are answered within milliseconds
     */
    public LearnerHabits(Random random, boolean impatient) {
        this.random = random;
        this.impatient = impatient;
    }

    /** Goes through a block of that type. */
    public void complete(String blockType, Reports to) {
        if (blockType.equals("video")) {
            int quarters = chance(0.1) ? between(1, 3) : 4;
            for (int quarter = 1; quarter <= quarters; quarter++) {
                to.report(quarter / 4.0, between(10 * SECOND, 60 * SECOND));
            }
        } else if (PAGE_TYPES.contains(blockType)) {
            to.report(1.0, between(2 * SECOND, 15 * SECOND));
            if (chance(0.12)) {
                to.report(1.0, between(50, 5 * SECOND));
            }
        } else {
            to.report(1.0, between(10 * SECOND, 60 * SECOND));
            if (blockType.equals("problem") && chance(0.08)) {
                resetAndSolve(to);
            }
        }
    }

    private void resetAndSolve(Reports to) {
        boolean quick = impatient && chance(0.4);
        to.report(0.0, quick ? between(1, 20) : between(500, 30 * SECOND));
        if (quick || chance(0.6)) {
            to.report(1.0, quick ? between(1, 20) : between(5 * SECOND, 60 * SECOND));
        }
    }

    /** Returns how many writes the next request holds, if this one sends batches. */
    public int batchSize() {
        return between(2, MAX_BATCH);
    }

    /** Returns true with that probability. */
    public boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** Returns a number of that range. */
    public int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    /** Returns a number from 0 on, of that mean. */
    public double exponential(double mean) {
        return -mean * StrictMath.log(1 - random.nextDouble());
    }
}
