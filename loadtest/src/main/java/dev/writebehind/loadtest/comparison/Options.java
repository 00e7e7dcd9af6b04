package dev.writebehind.loadtest.comparison;

import dev.writebehind.loadtest.result.Variant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of a comparison, as picocli fills them in; not changed after that. */
public final class Options {
    private static final List<String> SHORT = List.of("LearnerDay", "UserTableBusy", "MaxThroughput");
    private static final List<String> LONG = List.of(
            "LearnerDay", "UserTableBusy", "ExamSpike", "HotLearner", "MobileBatch", "DatabaseOutage", "MaxThroughput");

    @Option(
            names = "--database",
            paramLabel = "URI",
            description = "mysql://user:password@host:port/any of a server, with"
                    + " a user who may create schemas and users; without it, a MariaDB is started for the time being")
    private String database = "";

    @Option(
            names = "--long",
            description = "the long form: all scenarios, three rounds, longer phases, the direct"
                    + " writes' pool tuned; takes hours")
    private boolean isLong;

    @Option(
            names = "--scenarios",
            split = ",",
            paramLabel = "NAME",
            description = "of LearnerDay, UserTableBusy,"
                    + " ExamSpike, HotLearner, MobileBatch, DatabaseOutage, MaxThroughput, Soak")
    private List<String> scenarios = new ArrayList<>();

    @Option(
            names = "--variants",
            split = ",",
            paramLabel = "NAME",
            converter = VariantOption.class,
            description = "of before-key, before-dropped, after-memory, after-journal, after-database, bare-http")
    private List<Variant> variants = new ArrayList<>();

    @Option(names = "--rounds", description = "how often each scenario is run against each variant")
    private int rounds;

    @Option(names = "--rate", description = "writes due in a second")
    private double rate;

    @Option(names = "--learners", description = "how many take part")
    private int learners;

    @Option(names = "--course-size", description = "blocks of the course (default: ${DEFAULT-VALUE})")
    private int courseSize = 300;

    @Option(names = "--duration", paramLabel = "SECONDS", description = "of the measured phase")
    private int duration;

    @Option(
            names = "--hold",
            paramLabel = "SECONDS",
            description =
                    "for which users' rows are held at a time in" + " UserTableBusy (40 in the long form, else 3)")
    private double hold;

    @Option(names = "--share", description = "of the users whose rows are held at any time (0.2)")
    private double share;

    @Option(
            names = "--pool",
            paramLabel = "CONNECTIONS",
            description =
                    "of the direct writes; the long form tries" + " several and takes the best, the short one takes 32")
    private int pool;

    @Option(names = "--out", paramLabel = "DIR", description = "for the report (loadtest/results)")
    private @Nullable Path out;

    /** The converter of a variant's name. */
    static final class VariantOption implements ITypeConverter<Variant> {
        @Override
        public Variant convert(String value) {
            return Arrays.stream(Variant.values())
                    .filter(variant -> variant.option().equals(value.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("there is no variant called " + value));
        }
    }

    String database() {
        return database;
    }

    boolean isLong() {
        return isLong;
    }

    List<String> scenarios() {
        if (scenarios.isEmpty()) {
            return isLong ? LONG : SHORT;
        }
        return scenarios;
    }

    /** Whether somebody wants certain variants. */
    boolean choosesVariants() {
        return !variants.isEmpty();
    }

    List<Variant> variants() {
        return variants.isEmpty() ? List.of(Variant.values()) : variants;
    }

    int rounds() {
        return rounds > 0 ? rounds : isLong ? 3 : 1;
    }

    double rate(double otherwise) {
        return rate > 0 ? rate : otherwise;
    }

    int learners(int otherwise) {
        return learners > 0 ? learners : otherwise;
    }

    int courseSize() {
        return courseSize;
    }

    Duration duration(Duration otherwise) {
        return duration > 0 ? Duration.ofSeconds(duration) : otherwise;
    }

    Duration hold(Duration otherwise) {
        return hold > 0 ? Duration.ofMillis(Math.round(hold * 1_000)) : otherwise;
    }

    double share(double otherwise) {
        return share > 0 ? share : otherwise;
    }

    /** Returns the size of the direct writes' pool, or null if it is to be found out. */
    @Nullable
    Integer pool() {
        return pool > 0 ? Integer.valueOf(pool) : isLong ? null : Integer.valueOf(32);
    }

    /** Returns the directory for the report. */
    public Path directory() {
        return out == null
                ? Path.of("results")
                : Path.of(System.getProperty("loadtest.from", ".")).resolve(out);
    }
}
