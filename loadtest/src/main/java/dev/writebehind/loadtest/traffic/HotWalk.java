package dev.writebehind.loadtest.traffic;

import java.util.List;
import java.util.Random;

/** A learner who reports a few blocks over and over, each time with another value. Not for concurrent use. */
final class HotWalk implements Learner {
    private static final int BLOCKS = 5;
    private static final int VALUES = 1_024;

    private final int first;
    private final int blocks;
    private final Random random;
    private final double perSecond;
    private final Profile profile;
    private double now;
    private int count;

    HotWalk(Course course, Random random, double perSecond, Profile profile) {
        this.blocks = Math.min(BLOCKS, course.size());
        this.first = random.nextInt(course.size() - blocks + 1);
        this.random = random;
        this.perSecond = perSecond;
        this.profile = profile;
    }

    @Override
    public Request next() {
        now += -Math.log(1 - random.nextDouble()) / perSecond;
        count++;
        double value = (double) (count / blocks % VALUES) / VALUES;
        return new Request(profile.stretch(now), List.of(new Write(0, first + count % blocks, value)));
    }
}
