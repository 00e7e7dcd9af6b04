package dev.writebehind.loadtest.scenario;

import dev.writebehind.loadtest.traffic.Write;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes that one learner was told of each of the blocks: hence what the table may hold in the end. Not for
 * concurrent use; a learner has one request out at a time.
 */
public final class Outcomes {
    private final Map<Place, Outcome> byPlace = new LinkedHashMap<>();

    /** A block of a run of the course. */
    public record Place(int run, int block) {}

    /**
     * The known outcome of one row.
     *
     * @param acknowledged value of the last acknowledged write; null if there is none
     * @param earlier values whose writes may have happened, sent before that one
     * @param later the same, sent after it
     */
    public record Outcome(@Nullable Double acknowledged, List<Double> earlier, List<Double> later) {
        static final Outcome NOTHING = new Outcome(null, List.of(), List.of());

        Outcome acknowledged(double value) {
            return new Outcome(value, joined(earlier, later), List.of());
        }

        Outcome unknown(double value) {
            return new Outcome(acknowledged, earlier, joined(later, List.of(value)));
        }

        private static List<Double> joined(List<Double> some, List<Double> more) {
            if (more.isEmpty()) {
                return some;
            }
            List<Double> all = new ArrayList<>(some);
            all.addAll(more);
            return List.copyOf(all);
        }
    }

    void acknowledged(List<Write> writes) {
        writes.forEach(write -> put(write, outcome(write).acknowledged(write.completion())));
    }

    void unknown(List<Write> writes) {
        writes.forEach(write -> put(write, outcome(write).unknown(write.completion())));
    }

    /** Returns every block of which something may be in the table. */
    Map<Place, Outcome> byPlace() {
        return byPlace;
    }

    private Outcome outcome(Write write) {
        return byPlace.getOrDefault(new Place(write.run(), write.block()), Outcome.NOTHING);
    }

    private void put(Write write, Outcome outcome) {
        byPlace.put(new Place(write.run(), write.block()), outcome);
    }
}
