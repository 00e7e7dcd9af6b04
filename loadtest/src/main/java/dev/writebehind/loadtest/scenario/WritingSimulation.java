package dev.writebehind.loadtest.scenario;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.asLongAs;
import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.bodyString;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import dev.writebehind.loadtest.traffic.Course;
import dev.writebehind.loadtest.traffic.Profile;
import dev.writebehind.loadtest.traffic.Profile.Ramp;
import dev.writebehind.loadtest.traffic.Traffic;
import dev.writebehind.loadtest.traffic.Traffic.Habits;
import io.gatling.javaapi.core.Assertion;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The base that all scenarios share: learners who send what their walk holds when it is due, and wait for the answer of
 * their own last request before the next, as order within a learner needs. Gatling makes one instance and calls it on
 * one thread at a time; requests run on its event loops.
 */
abstract class WritingSimulation extends Simulation {
    /** From Gatling's start until the schedule's: learners are made meanwhile. */
    private static final double LEAD = 1.5;

    private final Load load;
    private final Recorder recorder;
    private final Outcomes[] outcomes;
    private final Traffic traffic;
    private volatile long zero;

    /** The nominal rate throughout. */
    static final List<Ramp> STEADY = List.of(new Ramp(1, 1, 1));

    /** The endpoint that is written to. */
    enum Endpoint {
        NATIVE,
        OPENEDX
    }

    /**
     * Plans a scenario.
     *
     * @param profile of the measured phase; before it, the rate grows up to where that begins
     */
    WritingSimulation(Load load, Habits habits, List<Ramp> profile, Endpoint endpoint, List<Assertion> assertions) {
        this.load = load;
        this.traffic = new Traffic(
                Course.demo(load.courseSize()), habits, load.learners(), load.rate(), warmedUp(load, profile));
        this.recorder = new Recorder(
                this::seconds,
                load.warmUp().toMillis() / 1_000.0,
                load.warmUp().plus(load.duration()).toMillis() / 1_000.0);
        this.outcomes = new Outcomes[load.learners()];
        AtomicInteger next = new AtomicInteger();
        ChainBuilder step = exec(session -> {
                    Sender.of(session).sending();
                    return session;
                })
                .exec(endpoint == Endpoint.NATIVE ? nativeWrite() : openedxWrite())
                .exec(session -> {
                    Sender.of(session).done();
                    return session.markAsSucceeded();
                });
        setUp(scenario(getClass().getSimpleName())
                        .exec(session -> newSender(next.getAndIncrement()).in(session))
                        .exec(asLongAs(session -> Sender.of(session).goesOn())
                                .on(pause(session -> Sender.of(session).untilDue())
                                        .doIf(session -> Sender.of(session).isDue())
                                        .then(step)))
                        .injectOpen(atOnceUsers(load.learners())))
                .protocols(protocol())
                .assertions(load.judged() ? assertions : List.of());
    }

    Recorder recorder() {
        return recorder;
    }

    Load load() {
        return load;
    }

    /** Called when the schedule begins, in a moment. */
    void beginning() {}

    @Override
    public void before() {
        zero = System.nanoTime() + Math.round(LEAD * 1e9);
        Marks.print(Marks.START_IN_MILLIS, Math.round(LEAD * 1_000));
        beginning();
    }

    @Override
    public void after() {
        RecordingFiles.write(load.output(), recorder.recording(), traffic, outcomes);
    }

    private static Profile warmedUp(Load load, List<Ramp> profile) {
        double warmUp = load.warmUp().toMillis() / 1_000.0;
        double multiple = profile.get(0).from();
        List<Ramp> ramps = new ArrayList<>();
        ramps.add(new Ramp(warmUp * 0.6, multiple * 0.05, multiple));
        ramps.add(new Ramp(warmUp * 0.4, multiple, multiple));
        ramps.addAll(profile);
        return Profile.of(ramps);
    }

    private double seconds() {
        return (System.nanoTime() - zero) / 1e9;
    }

    private Sender newSender(int index) {
        outcomes[index] = new Outcomes();
        return new Sender(recorder, traffic.learner(index), outcomes[index], 1 + index);
    }

    private HttpProtocolBuilder protocol() {
        return http.baseUrl(load.target())
                .contentTypeHeader("application/json")
                .shareConnections()
                .disableCaching()
                .disableFollowRedirect()
                .disableWarmUp();
    }

    private HttpRequestActionBuilder nativeWrite() {
        Bodies bodies = new Bodies(traffic.course());
        String query = load.ack().isEmpty() ? "" : "?ack=" + load.ack();
        return checked(http("write").post("/v1/completions" + query).body(StringBody(session -> {
            Sender sender = Sender.of(session);
            return bodies.ofNative(sender.userId(), sender.request());
        })));
    }

    private HttpRequestActionBuilder openedxWrite() {
        Bodies bodies = new Bodies(traffic.course());
        LearnerTokens tokens = new LearnerTokens();
        return checked(http("batch")
                .post("/api/completion/v1/completion-batch")
                .header(
                        "Authorization",
                        session -> "JWT " + tokens.of(Sender.of(session).userId()))
                .body(StringBody(session -> {
                    Sender sender = Sender.of(session);
                    return bodies.ofOpenedx(sender.userId(), sender.request());
                })));
    }

    private HttpRequestActionBuilder checked(HttpRequestActionBuilder request) {
        return request.requestTimeout(load.timeout())
                .check(bodyString()
                        .transformWithSession((body, session) -> note(session, body))
                        .optional())
                .check(status().transformWithSession((code, session) -> note(session, code))
                        .in(200, 202));
    }

    private static String note(Session session, @Nullable String body) {
        Sender.of(session).body(body == null ? "" : body);
        return "";
    }

    private static int note(Session session, int code) {
        Sender.of(session).status(code);
        return code;
    }
}
