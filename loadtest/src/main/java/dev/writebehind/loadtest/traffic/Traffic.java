package dev.writebehind.loadtest.traffic;

import dev.writebehind.testing.LearnerHabits;
import java.util.Random;

/**
 * The traffic of a scenario: who of all learners reports what and when; immutable, safe for any thread. The same
 * traffic always gives the same walks.
 *
 * <p>A learner walks through the demo course block by block, from anywhere, with the think times that its block types
 * take, all divided by {@link #speed} so that the learners together make the rate wanted.
 */
public final class Traffic {
    private static final double CALIBRATION_SECONDS = 50_000;

    private final Course course;
    private final Habits habits;
    private final int learners;
    private final double speed;
    private final double hotSpeed;
    private final Profile profile;

    /** The kinds of learners that there are. */
    public enum Habits {
        /** One in seven sends small batches, as a phone that was offline; the others every write by itself. */
        MIXED,
        /** All send small batches. */
        BATCHES,
        /** One in a hundred makes nine in ten writes, to a few blocks, each time with another value. */
        HOT
    }

    /**
     * Plans traffic.
     *
     * @param rate writes a second, of all learners together, where the profile's multiple is 1
     */
    public Traffic(Course course, Habits habits, int learners, double rate, Profile profile) {
        this.course = course;
        this.habits = habits;
        this.learners = learners;
        this.profile = profile;
        double hotRate = habits == Habits.HOT ? rate * 0.9 : 0;
        int hot = hotLearners();
        double own = new Walk(course, habits == Habits.BATCHES, new Random(1), 1, Profile.STEADY)
                        .writesIn(CALIBRATION_SECONDS)
                / CALIBRATION_SECONDS;
        this.speed = (rate - hotRate) / ((learners - hot) * own);
        this.hotSpeed = hot == 0 ? 0 : hotRate / hot;
    }

    /** Returns the course that they take. */
    public Course course() {
        return course;
    }

    /** Returns how many learners there are. */
    public int learners() {
        return learners;
    }

    /** Returns by how much the think times are shortened. */
    public double speed() {
        return speed;
    }

    /** Returns what a learner does, from the beginning; learners count from 0. */
    public Learner learner(int index) {
        Random random = new Random(index * 7_919L + 17);
        if (index < hotLearners()) {
            return new HotWalk(course, random, hotSpeed, profile);
        }
        boolean batches = habits == Habits.BATCHES
                || (habits == Habits.MIXED && random.nextInt(LearnerHabits.ONE_BATCHES_IN) == 0);
        return new Walk(course, batches, random, speed, profile);
    }

    private int hotLearners() {
        return habits == Habits.HOT ? Math.max(1, learners / 100) : 0;
    }
}
