package dev.writebehind.loadtest.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.loadtest.scenario.Outcomes.Outcome;
import dev.writebehind.loadtest.scenario.Outcomes.Place;
import dev.writebehind.loadtest.traffic.Write;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutcomesTest {
    private final Outcomes outcomes = new Outcomes();

    @Test
    void acknowledged_theLastValueCounts_alsoWithinARequest() {
        outcomes.acknowledged(List.of(write(0.25), write(0.5)));
        outcomes.acknowledged(List.of(write(0.75)));
        assertThat(outcome()).isEqualTo(new Outcome(0.75, List.of(), List.of()));
    }

    @Test
    void unknown_beforeAndAfterTheAcknowledged_isKeptApart() {
        outcomes.unknown(List.of(write(0.1)));
        outcomes.acknowledged(List.of(write(0.2)));
        outcomes.unknown(List.of(write(0.3)));
        assertThat(outcome()).isEqualTo(new Outcome(0.2, List.of(0.1), List.of(0.3)));
    }

    @ParameterizedTest
    @CsvSource({
        "200, ok, Accepted",
        "202, ok, Accepted",
        "0, '', Unknown",
        "400, bad, Refused",
        "401, who, Refused",
        "422, data, Unknown",
        "500, error, Unknown",
        "502, proxy, Unknown",
        "503, the buffer is full, Refused",
        "503, '{\"type\":\"urn:completion-writebehind:buffer-full\",\"detail\":\"not acknowledged\"}', Refused",
        "503, '{\"type\":\"urn:completion-writebehind:not-acknowledged\"}', Unknown",
        "504, not yet, Late"
    })
    void answer_tellsWhatBecameOfARequest(int status, String body, String kind) {
        assertThat(Answer.of(status, body).getClass().getSimpleName()).isEqualTo(kind);
    }

    private Outcome outcome() {
        return outcomes.byPlace().get(new Place(0, 1));
    }

    private static Write write(double value) {
        return new Write(0, 1, value);
    }
}
