package dev.writebehind.loadtest.traffic;

import dev.writebehind.testing.LearnerHabits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * A learner who goes through the course block by block, and then through the next run of it. Not for concurrent use.
 * {@link LearnerHabits} says what it reports of a block; it is patient.
 */
final class Walk implements Learner {
    private final Course course;
    private final boolean batches;
    private final LearnerHabits habits;
    private final double speed;
    private final Profile profile;
    private final Deque<Request> ready = new ArrayDeque<>();
    private final List<Write> unsent = new ArrayList<>();
    private double now;
    private int run;
    private int block;
    private int batchSize;

    Walk(Course course, boolean batches, Random random, double speed, Profile profile) {
        this.course = course;
        this.batches = batches;
        this.habits = new LearnerHabits(random, false);
        this.speed = speed;
        this.profile = profile;
        this.block = random.nextInt(course.size());
        this.batchSize = habits.batchSize();
        // What lies before 0 is not sent: everybody is somewhere in the midst of things when the schedule begins.
        now = -habits.between(600_000, 1_200_000) / 1_000.0;
    }

    @Override
    public Request next() {
        while (ready.isEmpty()) {
            habits.complete(course.block(block).type(), this::report);
            if (++block == course.size()) {
                send(); // a batch is of one run
                block = 0;
                run++;
            }
        }
        return ready.remove();
    }

    /** Returns how many writes come within so many seconds. */
    long writesIn(double seconds) {
        long writes = 0;
        while (true) {
            Request request = next();
            if (request.due() > seconds) {
                return writes;
            }
            writes += request.writes().size();
        }
    }

    private void report(double completion, int afterMillis) {
        now += afterMillis / 1_000.0;
        unsent.add(new Write(run, block, completion));
        if (!batches || unsent.size() >= batchSize) {
            send();
        }
    }

    private void send() {
        if (!unsent.isEmpty()) {
            if (now >= 0) {
                ready.add(new Request(profile.stretch(now / speed), unsent));
            }
            unsent.clear();
            batchSize = habits.batchSize();
        }
    }
}
