package dev.writebehind.loadtest.scenario;

import dev.writebehind.loadtest.result.Latency;
import dev.writebehind.loadtest.result.Recording;
import dev.writebehind.loadtest.result.Recording.Step;
import dev.writebehind.loadtest.result.Second;
import dev.writebehind.loadtest.traffic.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import org.HdrHistogram.Histogram;

/**
 * The recorder that counts and times what a scenario's requests meet. Times are seconds since the schedule began, by
 * the given clock. Safe for any thread.
 *
 * <p>A request's time counts from when it was due, not from when it could be sent: a target that stalls a learner
 * stalls what the learner would have sent next. What was due and never sent counts with the time it had waited at the
 * end.
 */
final class Recorder {
    private static final int DIGITS = 3;
    private static final long MICROS = 1_000_000;

    private final DoubleSupplier clock;
    private final double begin;
    private final List<Tally> seconds = new ArrayList<>();
    private final Histogram answers = new Histogram(DIGITS);
    private final Histogram service = new Histogram(DIGITS);
    private final Histogram lateness = new Histogram(DIGITS);
    private final Map<String, Long> failures = new TreeMap<>();
    private final List<Step> steps = new ArrayList<>();
    private double end;
    private long dueWrites;
    private long acceptedWrites;
    private long acceptedInAll;
    private long unanswered;

    private static final class Tally {
        private long due;
        private long accepted;
        private long failed;
        private final Histogram answers = new Histogram(2);
    }

    /** Creates a recorder whose measured phase begins and ends at these times. */
    Recorder(DoubleSupplier clock, double begin, double end) {
        this.clock = clock;
        this.begin = begin;
        this.end = end;
    }

    double now() {
        return clock.getAsDouble();
    }

    /** Whether what is due then is still to be sent. */
    synchronized boolean isInTime(double due) {
        return due < end && now() < end;
    }

    /**
     * Counts a request that is sent now.
     *
     * @param free when the learner could have sent it at the earliest
     */
    synchronized void sent(Request request, double free) {
        countDue(request);
        if (isMeasured(request.due())) {
            lateness.recordValue(micros(now() - Math.max(request.due(), free)));
        }
    }

    /** Counts the answer, which comes now, to a request that was sent then. */
    synchronized void answered(Request request, double sent, Answer answer) {
        double now = now();
        int writes = request.writes().size();
        Tally second = second(now);
        if (answer instanceof Answer.Accepted || answer instanceof Answer.Late) {
            acceptedInAll += writes;
        }
        if (answer instanceof Answer.Accepted) {
            second.accepted += writes;
            acceptedWrites += isMeasured(now) ? writes : 0;
        } else {
            second.failed += writes;
            if (isMeasured(now)) {
                failures.merge(why(answer), 1L, Long::sum);
            }
        }
        unanswered += isMeasured(request.due()) && now >= end ? 1 : 0;
        if (!(answer instanceof Answer.Refused)) {
            second.answers.recordValue(micros(now - request.due()));
            if (isMeasured(request.due())) {
                answers.recordValue(micros(now - request.due()));
            }
            if (isMeasured(sent)) {
                service.recordValue(micros(now - sent));
            }
        }
    }

    /** Counts a request that was due before the end and that its learner never got to. */
    synchronized void neverSent(Request request) {
        countDue(request);
        if (isMeasured(request.due())) {
            unanswered++;
            answers.recordValue(micros(end - request.due()));
        }
    }

    /**
     * Judges a step of a scenario that looks for the highest rate. After two bad ones in a row there is no more: one
     * may be bad by chance.
     *
     * @param length seconds, up to now
     */
    synchronized void judgeStep(double length, double duePerSecond, double longest) {
        double now = now();
        long accepted = 0;
        Histogram met = new Histogram(2);
        for (int second = (int) Math.round(now - length); second < Math.round(now); second++) {
            Tally tally = second(second);
            accepted += tally.accepted;
            met.add(tally.answers);
        }
        double p99 = Latency.of(met).p99();
        boolean good = p99 <= longest && accepted >= 0.9 * duePerSecond * length;
        steps.add(new Step(duePerSecond, accepted / length, p99, good));
        boolean bad = !good && steps.size() > 1 && !steps.get(steps.size() - 2).good();
        if (bad) {
            end = Math.min(end, now);
        }
    }

    synchronized double end() {
        return end;
    }

    /** Returns what was recorded. */
    synchronized Recording recording() {
        List<Second> timeline = new ArrayList<>();
        for (int at = 0; at < seconds.size(); at++) {
            Tally tally = seconds.get(at);
            timeline.add(new Second(
                    at - (int) begin,
                    tally.due,
                    tally.accepted,
                    tally.failed,
                    Latency.of(tally.answers).p99()));
        }
        return new Recording(
                end - begin,
                dueWrites,
                acceptedWrites,
                acceptedInAll,
                unanswered,
                Latency.of(answers),
                Latency.of(service),
                Latency.of(lateness),
                failures,
                timeline,
                steps);
    }

    private void countDue(Request request) {
        int writes = request.writes().size();
        second(request.due()).due += writes;
        dueWrites += isMeasured(request.due()) ? writes : 0;
    }

    private boolean isMeasured(double at) {
        return at >= begin && at < end;
    }

    private Tally second(double at) {
        int index = (int) Math.max(0, at);
        while (seconds.size() <= index) {
            seconds.add(new Tally());
        }
        return seconds.get(index);
    }

    private static String why(Answer answer) {
        if (answer instanceof Answer.Refused refused) {
            return refused.why();
        }
        return answer instanceof Answer.Unknown unknown ? unknown.why() : ((Answer.Late) answer).why();
    }

    private static long micros(double seconds) {
        return Math.max(0, Math.round(seconds * MICROS));
    }
}
