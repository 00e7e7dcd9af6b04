package dev.writebehind.loadtest.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.writebehind.loadtest.traffic.Profile.Ramp;
import dev.writebehind.loadtest.traffic.Traffic.Habits;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrafficTest {
    private static final int LEARNERS = 2_000;
    private static final double RATE = 1_000;

    @ParameterizedTest
    @EnumSource(Habits.class)
    void traffic_makesTheRateWanted_fromTheFirstSecondOn(Habits habits) {
        Traffic traffic = traffic(habits, Profile.of(List.of(new Ramp(1, 1, 1))));
        // Batches come seldom and are large: their number in ten seconds varies by a tenth.
        assertThat((double) writes(traffic, 0, 10)).isCloseTo(10 * RATE, Percentage.withPercentage(12));
        assertThat((double) writes(traffic, 0, 100)).isCloseTo(100 * RATE, Percentage.withPercentage(3));
    }

    @Test
    void profile_changesTheRate_notTheOrder() {
        Traffic traffic = traffic(Habits.MIXED, Profile.of(List.of(new Ramp(10, 0.1, 0.1), new Ramp(10, 1, 1))));
        assertThat((double) writes(traffic, 0, 10)).isCloseTo(RATE, Percentage.withPercentage(10));
        assertThat((double) writes(traffic, 10, 20)).isCloseTo(10 * RATE, Percentage.withPercentage(5));
        for (int index = 0; index < 50; index++) {
            Learner learner = traffic.learner(index);
            double last = 0;
            for (int request = 0; request < 200; request++) {
                double due = learner.next().due();
                assertThat(due).isGreaterThanOrEqualTo(last);
                last = due;
            }
        }
    }

    @Test
    void profile_ramp_takesTheTimeOfItsMeanRate() {
        Profile profile = Profile.of(List.of(new Ramp(10, 0.5, 1.5), new Ramp(5, 2, 2)));
        assertThat(profile.stretch(10)).isCloseTo(10, within(0.01));
        assertThat(profile.stretch(20)).isCloseTo(15, within(0.01));
        assertThat(profile.stretch(24)).as("the last multiple lasts").isCloseTo(17, within(0.01));
        assertThat(Profile.STEADY.stretch(7)).isEqualTo(7);
    }

    @Test
    void sameLearner_walksTheSameWayAgain() {
        Traffic traffic = traffic(Habits.MIXED, Profile.STEADY);
        Learner once = traffic.learner(7);
        Learner again = traffic.learner(7);
        for (int request = 0; request < 500; request++) {
            assertThat(once.next()).isEqualTo(again.next());
        }
    }

    @Test
    void mostWritesAreOfNewRows_andSomeLowerAValue() {
        Traffic traffic = traffic(Habits.MIXED, Profile.STEADY);
        int writes = 0;
        int first = 0;
        int lowered = 0;
        for (int index = 0; index < 200; index++) {
            Learner learner = traffic.learner(index);
            Set<List<Integer>> seen = new HashSet<>();
            for (int request = 0; request < 100; request++) {
                for (Write write : learner.next().writes()) {
                    writes++;
                    first += seen.add(List.of(write.run(), write.block())) ? 1 : 0;
                    lowered += write.completion() == 0 ? 1 : 0;
                }
            }
        }
        assertThat((double) first / writes).isBetween(0.7, 0.95);
        assertThat(lowered).isPositive();
    }

    @Test
    void hotLearners_oneInAHundred_makeNineInTenWrites_eachWithAnotherValue() {
        Traffic traffic = traffic(Habits.HOT, Profile.STEADY);
        long hot = 0;
        for (int index = 0; index < LEARNERS / 100; index++) {
            hot += requests(traffic.learner(index), 0, 10).size();
        }
        assertThat((double) hot / writes(traffic, 0, 10)).isCloseTo(0.9, within(0.03));
        List<Request> some = requests(traffic.learner(0), 0, 5);
        for (int at = 5; at < some.size(); at++) {
            Write write = some.get(at).writes().get(0);
            Write before = some.get(at - 5).writes().get(0);
            assertThat(write.block()).isEqualTo(before.block());
            assertThat(write.completion()).isNotEqualTo(before.completion()).isBetween(0.0, 1.0);
        }
    }

    @Test
    void course_longerThanTheDemoCourse_hasBlocksOfItsOwn() {
        Course course = Course.demo(1_000);
        Set<String> keys = new HashSet<>();
        for (int block = 0; block < course.size(); block++) {
            keys.add(course.blockKey(3, block));
        }
        assertThat(keys).hasSize(1_000).allMatch(key -> key.length() <= 255);
        assertThat(course.courseKey(3)).isEqualTo("course-v1:OpenedX+DemoX+Run3");
    }

    private static Traffic traffic(Habits habits, Profile profile) {
        return new Traffic(Course.demo(300), habits, LEARNERS, RATE, profile);
    }

    private static long writes(Traffic traffic, double from, double to) {
        long writes = 0;
        for (int index = 0; index < traffic.learners(); index++) {
            writes += requests(traffic.learner(index), from, to).stream()
                    .mapToLong(request -> request.writes().size())
                    .sum();
        }
        return writes;
    }

    private static List<Request> requests(Learner learner, double from, double to) {
        List<Request> requests = new ArrayList<>();
        for (Request request = learner.next(); request.due() < to; request = learner.next()) {
            if (request.due() >= from) {
                requests.add(request);
            }
        }
        return requests;
    }
}
