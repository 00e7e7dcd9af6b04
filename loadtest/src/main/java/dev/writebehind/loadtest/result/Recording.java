package dev.writebehind.loadtest.result;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The record of what the client saw; immutable. All but {@code acceptedInAll} and the timeline is about the measured
 * phase alone.
 *
 * @param seconds how long the phase was
 * @param dueWrites writes that the scenario's schedule had in it, sent or not
 * @param acceptedWrites writes acknowledged in it
 * @param acceptedInAll writes acknowledged from the first to the last request, warm-up included
 * @param unansweredRequests requests due in the phase that were not answered at its end, those included that their
 *     learner could not send yet because an earlier one was still out; in {@code answers} with the time until then
 * @param answers from when a request was due until it was answered, timed out, or the phase ended: what callers feel.
 *     Refusals are left out: they are fast, and no service
 * @param service from when a request was sent until its answer
 * @param lateness from when it was due, and its learner free, until it was sent: the client's own delay
 * @param failures requests that were not acknowledged, by what they were told instead
 * @param timeline from the first second of the warm-up to the last answer
 * @param steps the rates that were tried, where the scenario looks for the highest
 */
public record Recording(
        double seconds,
        long dueWrites,
        long acceptedWrites,
        long acceptedInAll,
        long unansweredRequests,
        Latency answers,
        Latency service,
        Latency lateness,
        Map<String, Long> failures,
        List<Second> timeline,
        List<Step> steps) {
    public Recording {
        failures = Map.copyOf(failures);
        timeline = List.copyOf(timeline);
        steps = List.copyOf(steps);
    }

    /**
     * Some seconds at one rate.
     *
     * @param duePerSecond writes due in a second
     * @param acceptedPerSecond writes acknowledged in a second
     * @param p99 as in {@link #answers}, in milliseconds
     * @param good whether the target kept up
     */
    public record Step(double duePerSecond, double acceptedPerSecond, double p99, boolean good) {}

    /** Returns the writes acknowledged in a second. */
    public double acceptedPerSecond() {
        return seconds == 0 ? 0 : acceptedWrites / seconds;
    }

    /**
     * Returns the writes acknowledged in a second that the run stands for: at the knee where the scenario looks for it,
     * since the steps beyond it are no service; 0 if there was none.
     */
    public double throughput() {
        return steps.isEmpty()
                ? acceptedPerSecond()
                : knee().map(Step::acceptedPerSecond).orElse(0.0);
    }

    /** Returns the writes that were due in a second. */
    public double duePerSecond() {
        return seconds == 0 ? 0 : dueWrites / seconds;
    }

    /** Returns how many requests were refused or failed. */
    public long failedRequests() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns the highest step at which the target kept up: the knee. */
    public Optional<Step> knee() {
        return steps.stream().filter(Step::good).max(Comparator.comparingDouble(Step::duePerSecond));
    }
}
