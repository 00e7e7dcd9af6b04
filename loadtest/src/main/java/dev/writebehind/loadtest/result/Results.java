package dev.writebehind.loadtest.result;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The results of one comparison: everything that it measured; immutable.
 *
 * @param command that repeats it
 * @param machine processor, cores, memory, system, Java
 * @param database what the server calls itself, and how durable its commits are
 * @param pool connections of the direct writes
 * @param poolTrials how that number was found; empty where it was given
 * @param runs in the order in which they were done
 */
public record Results(
        Instant at,
        String command,
        String machine,
        String database,
        int pool,
        List<PoolTrial> poolTrials,
        List<Run> runs,
        @Nullable Ceilings ceilings,
        List<Verdict> verdicts) {
    public Results {
        poolTrials = List.copyOf(poolTrials);
        runs = List.copyOf(runs);
        verdicts = List.copyOf(verdicts);
    }
}
