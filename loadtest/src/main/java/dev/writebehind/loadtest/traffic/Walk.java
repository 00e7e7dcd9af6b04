package dev.writebehind.loadtest.traffic;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A learner who goes through the course block by block, and then through the next run of it. Not for concurrent use.
 *
 * <p>A video reports each quarter; a page 1.0 when seen, one in eight twice; a problem 1.0, one in twelve is reset to
 * 0.0 and mostly solved again; everything else 1.0 once. Pages take 2 to 15 s, the rest 10 to 60 s.
 */
final class Walk implements Learner {
    private static final Set<String> PAGE_TYPES = Set.of("html", "annotatable", "poll", "survey");
    private static final int MAX_BATCH = 30;

    private final Course course;
    private final boolean batches;
    private final Random random;
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
        this.random = random;
        this.speed = speed;
        this.profile = profile;
        this.block = random.nextInt(course.size());
        this.batchSize = between(2, MAX_BATCH);
        // What lies before 0 is not sent: everybody is somewhere in the midst of things when the schedule begins.
        now = -between(600_000, 1_200_000) / 1_000.0;
    }

    @Override
    public Request next() {
        while (ready.isEmpty()) {
            complete();
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

    private void complete() {
        String type = course.block(block).type();
        if (type.equals("video")) {
            int quarters = chance(0.1) ? between(1, 3) : 4;
            for (int quarter = 1; quarter <= quarters; quarter++) {
                report(quarter / 4.0, between(10_000, 60_000));
            }
        } else if (PAGE_TYPES.contains(type)) {
            report(1.0, between(2_000, 15_000));
            if (chance(0.12)) {
                report(1.0, between(50, 5_000));
            }
        } else {
            report(1.0, between(10_000, 60_000));
            if (type.equals("problem") && chance(0.08)) {
                report(0.0, between(500, 30_000));
                if (chance(0.6)) {
                    report(1.0, between(5_000, 60_000));
                }
            }
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
            batchSize = between(2, MAX_BATCH);
        }
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    private int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }
}
