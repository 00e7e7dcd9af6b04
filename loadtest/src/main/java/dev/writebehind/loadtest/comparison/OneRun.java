package dev.writebehind.loadtest.comparison;

import dev.writebehind.loadtest.result.CpuUse;
import dev.writebehind.loadtest.result.DatabaseUse;
import dev.writebehind.loadtest.result.Recording;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Variant;
import dev.writebehind.loadtest.scenario.Load;
import dev.writebehind.loadtest.scenario.RecordingFiles;
import dev.writebehind.loadtest.traffic.Course;
import dev.writebehind.testing.FaultyProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The execution of one run, from an empty schema to the comparison of its rows. Not for concurrent use. */
final class OneRun {
    private static final Duration CLIENT_START = Duration.ofSeconds(60);
    /** Gatling's own end, beyond the requests that are still out. */
    private static final Duration CLIENT_END = Duration.ofSeconds(30);
    /** Runs of the course in which everybody is enrolled. */
    private static final int COURSE_RUNS = 4;

    private final Processes processes;
    private final String serverUri;
    private final RunPlan plan;
    private final Path directory;

    OneRun(Processes processes, String serverUri, RunPlan plan, Path results) {
        this.processes = processes;
        this.serverUri = serverUri;
        this.plan = plan;
        this.directory = Processes.directory(results, plan.name());
    }

    /** Does it; throws {@link RunFailedException} when a process dies or does not do its part. */
    Run execute() throws InterruptedException, IOException, SQLException {
        try (RunSchema schema = RunSchema.create(serverUri, plan.variant(), plan.learners());
                FaultyProxy proxy = new FaultyProxy(schema.port());
                UserTableInjector injector = new UserTableInjector(
                        schema,
                        plan.learners(),
                        plan.busy().share(),
                        plan.busy().hold())) {
            if (plan.isMobileBatch()) {
                schema.enrol(Course.demo(plan.courseSize()), COURSE_RUNS);
            }
            String databaseUri = schema.targetUri(plan.isDatabaseOutage() ? proxy.port() : 0);
            try (Child server = processes.target(
                            plan.variant(), databaseUri, plan.pool(), directory, plan.isMobileBatch());
                    Target target = Target.listening(server, plan.variant())) {
                return measure(schema, proxy, injector, target);
            }
        }
    }

    private Run measure(RunSchema schema, FaultyProxy proxy, UserTableInjector injector, Target target)
            throws InterruptedException, IOException, SQLException {
        DatabaseMeter database = new DatabaseMeter(schema);
        Measured measured;
        try (Child client = processes.client(plan.scenario(), load(target), directory)) {
            long lead = Long.parseLong(client.awaitReady(CLIENT_START).group(1));
            long start = System.nanoTime() + lead * 1_000_000;
            measured = new Phases(start, schema, proxy, injector, target, client).run();
            injector.close();
            Duration left = plan.timeout().plus(CLIENT_END);
            int status = client.awaitExit(plan.isOpenEnded() ? left.plus(plan.duration()) : left);
            if (status != 0) {
                throw new RunFailedException("Gatling failed; " + client.death());
            }
        }
        target.check();
        double drain = target.drainAndStop();
        DatabaseUse use = database.end();
        if (use.statements() == 0 && plan.variant() != Variant.BARE_HTTP) {
            throw new RunFailedException("the server does not count statements: start it with performance_schema = ON");
        }
        Recording recording = RecordingFiles.read(directory);
        return new Run(
                plan.scenario(),
                plan.variant(),
                plan.round(),
                plan.parameters(),
                measured.heldShare(),
                drain,
                recording,
                use,
                measured.cpu(),
                rows(schema));
    }

    private RowCheck rows(RunSchema schema) throws IOException, SQLException {
        if (plan.variant() == Variant.BARE_HTTP) {
            return new RowCheck(0, 0, 0, 0, List.of());
        }
        return RowComparison.compare(
                schema.database(), directory, plan.variant().isAfter());
    }

    private Load load(Target target) {
        return new Load(
                target.uri().toString(),
                plan.rate(),
                plan.learners(),
                plan.courseSize(),
                plan.warmUp(),
                plan.duration(),
                plan.timeout(),
                "",
                false,
                directory);
    }

    private record Measured(CpuUse cpu, double heldShare) {}

    /** The course of events beside the client while it sends. */
    private final class Phases {
        private static final long LOOK_MILLIS = 50;

        private final long start;
        private final RunSchema schema;
        private final FaultyProxy proxy;
        private final UserTableInjector injector;
        private final Target target;
        private final Child client;

        Phases(
                long start,
                RunSchema schema,
                FaultyProxy proxy,
                UserTableInjector injector,
                Target target,
                Child client) {
            this.start = start;
            this.schema = schema;
            this.proxy = proxy;
            this.injector = injector;
            this.target = target;
            this.client = client;
        }

        Measured run() throws InterruptedException {
            CpuMeter cpu = new CpuMeter(target.pid(), client.pid(), schema.port());
            Duration begin = plan.warmUp();
            Duration end = begin.plus(plan.duration());
            until(begin.minus(plan.settle()), null);
            if (plan.isUserTableBusy()) {
                injector.start(plan.busy().transactions());
            }
            until(begin, null);
            cpu.begin();
            Looks looks = new Looks(cpu);
            if (plan.isDatabaseOutage()) {
                until(begin.plus(plan.duration().dividedBy(3)), looks);
                proxy.set(FaultyProxy.Mode.REFUSE);
                until(end.minus(plan.duration().dividedBy(3)), looks);
                proxy.set(FaultyProxy.Mode.PASS);
            }
            until(end, looks);
            return new Measured(looks.cpu.use(), looks.share());
        }

        private void until(Duration since, @Nullable Looks looks) throws InterruptedException {
            long at = start + since.toNanos();
            while (System.nanoTime() < at) {
                target.check();
                if (!client.isAlive()) {
                    if (plan.isOpenEnded()) {
                        return;
                    }
                    throw new RunFailedException("too early, " + client.death());
                }
                if (injector.failure() != null) {
                    throw new RunFailedException("the transactions on the user table failed: " + injector.failure());
                }
                if (looks != null) {
                    looks.look();
                }
                Thread.sleep(Math.min(LOOK_MILLIS, Math.max(1, (at - System.nanoTime()) / 1_000_000)));
            }
        }

        /** The sum of what many looks have told; its mean is what counts. */
        private final class Looks {
            private final CpuMeter cpu;
            private long count;
            private double sum;

            Looks(CpuMeter cpu) {
                this.cpu = cpu;
            }

            void look() {
                cpu.look();
                count++;
                sum += (double) injector.heldRows() / plan.learners();
            }

            double share() {
                return count == 0 ? 0 : sum / count;
            }
        }
    }
}
