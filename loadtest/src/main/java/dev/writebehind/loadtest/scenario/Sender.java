package dev.writebehind.loadtest.scenario;

import dev.writebehind.loadtest.traffic.Learner;
import dev.writebehind.loadtest.traffic.Request;
import io.gatling.javaapi.core.Session;
import java.time.Duration;
import java.util.Objects;

/** One learner on the way through a scenario: a virtual user of Gatling's. Confined to the user's session. */
final class Sender {
    private static final String KEY = "sender";
    /** Seconds; the end of a scenario may come sooner than planned. */
    private static final double MAX_WAIT = 4;

    private final Recorder recorder;
    private final Learner learner;
    private final Outcomes outcomes;
    private final int userId;
    private Request request;
    private double free;
    private double sent;
    private int status;
    private String body = "";

    Sender(Recorder recorder, Learner learner, Outcomes outcomes, int userId) {
        this.recorder = recorder;
        this.learner = learner;
        this.outcomes = outcomes;
        this.userId = userId;
        this.request = learner.next();
    }

    static Sender of(Session session) {
        return Objects.requireNonNull(session.<Sender>get(KEY));
    }

    Session in(Session session) {
        return session.set(KEY, this);
    }

    int userId() {
        return userId;
    }

    Request request() {
        return request;
    }

    /** Whether the next request is still to be sent; if not, what was due besides is counted. */
    boolean goesOn() {
        if (recorder.isInTime(request.due())) {
            return true;
        }
        while (request.due() < recorder.end()) {
            recorder.neverSent(request);
            request = learner.next();
        }
        return false;
    }

    /** Returns how long to wait before looking again: until the next request is due, but not for long at a time. */
    Duration untilDue() {
        double seconds = Math.min(request.due() - recorder.now(), MAX_WAIT);
        return Duration.ofNanos(Math.max(0, Math.round(seconds * 1e9)));
    }

    boolean isDue() {
        return recorder.now() >= request.due() && recorder.isInTime(request.due());
    }

    void sending() {
        status = 0;
        body = "";
        recorder.sent(request, free);
        sent = recorder.now();
    }

    /** Notes the answer's status; without this there was no answer. */
    void status(int status) {
        this.status = status;
    }

    void body(String body) {
        this.body = body;
    }

    /** Counts what came of the request, and goes on to the next. */
    void done() {
        Answer answer = Answer.of(status, body);
        recorder.answered(request, sent, answer);
        if (answer instanceof Answer.Accepted || answer instanceof Answer.Late) {
            outcomes.acknowledged(request.writes());
        } else if (answer instanceof Answer.Unknown) {
            outcomes.unknown(request.writes());
        }
        free = recorder.now();
        request = learner.next();
    }
}
