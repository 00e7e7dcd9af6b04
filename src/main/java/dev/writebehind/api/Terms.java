package dev.writebehind.api;

import static java.util.Objects.requireNonNull;

import dev.writebehind.completion.Receipts;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.DurationText;
import dev.writebehind.http.Problem;
import dev.writebehind.http.ProblemException;
import dev.writebehind.http.QueryString;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the query of a change asks of its answer; immutable.
 *
 * @param timeout longest wait for the acknowledgement; null: the service's
 * @param stamps whether the answer tells when the writes were received
 */
record Terms(Acknowledgement ack, @Nullable Duration timeout, boolean stamps) {
    /** What most requests ask. */
    private static final Map<Acknowledgement, Terms> PLAIN = plain();

    Terms {
        requireNonNull(ack, "ack");
        if (timeout != null && timeout.isZero()) {
            throw new IllegalArgumentException("nobody waits no time");
        }
    }

    /**
     * Reads {@code ack} and {@code timeout}, or throws {@link ProblemException}.
     *
     * @param standard the acknowledgement of requests that name none
     */
    static Terms of(QueryString query, Supplier<Acknowledgement> standard) {
        return terms(ack(query, standard), timeout(query.one("timeout")), false);
    }

    /** Reads what the query of writes asks, with {@code return}. */
    static Terms ofWrites(QueryString query, Supplier<Acknowledgement> standard) {
        return terms(ack(query, standard), timeout(query.one("timeout")), stamps(query.one("return")));
    }

    /** Returns what is to be filled for the answer; null: nobody asks. */
    @Nullable
    Receipts receipts(int writes) {
        return stamps ? new Receipts(writes) : null;
    }

    private static Terms terms(Acknowledgement ack, @Nullable Duration timeout, boolean stamps) {
        return timeout == null && !stamps ? requireNonNull(PLAIN.get(ack)) : new Terms(ack, timeout, stamps);
    }

    private static Acknowledgement ack(QueryString query, Supplier<Acknowledgement> standard) {
        String named = query.one("ack");
        return named == null
                ? standard.get()
                : Acknowledgement.named(named).orElseThrow(() -> invalid("ack", "must be memory, journal or database"));
    }

    private static @Nullable Duration timeout(@Nullable String text) {
        if (text == null) {
            return null;
        }
        Duration timeout;
        try {
            timeout = DurationText.parse(text);
        } catch (IllegalArgumentException e) {
            throw invalid("timeout", "must be a duration such as 250ms or 2s");
        }
        if (timeout.isZero()) {
            throw invalid("timeout", "must be longer than 0");
        }
        return timeout;
    }

    private static boolean stamps(@Nullable String wanted) {
        if (wanted != null && !wanted.equals("stamps")) {
            throw invalid("return", "must be stamps");
        }
        return wanted != null;
    }

    private static ProblemException invalid(String name, String reason) {
        return new ProblemException(Problem.invalidParameter(name, reason));
    }

    private static Map<Acknowledgement, Terms> plain() {
        Map<Acknowledgement, Terms> plain = new EnumMap<>(Acknowledgement.class);
        for (Acknowledgement ack : Acknowledgement.values()) {
            plain.put(ack, new Terms(ack, null, false));
        }
        return plain;
    }
}
