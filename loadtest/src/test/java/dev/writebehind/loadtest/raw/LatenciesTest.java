package dev.writebehind.loadtest.raw;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void json_hasThePercentilesInMilliseconds() {
        Latencies latencies = new Latencies();
        for (int i = 100_000; i > 0; i--) {
            latencies.add(i * 1_000L);
        }

        assertThat(latencies.json(7, 1, 2.5))
                .isEqualTo("{\"units\":7,\"failed\":1,\"seconds\":2.500000,\"p50\":50.000,\"p99\":99.000,"
                        + "\"p999\":99.900,\"max\":100.000}");
    }

    @Test
    void json_ofNothing_isZeros() {
        assertThat(new Latencies().json(0, 0, 1)).contains("\"p50\":0.000").contains("\"max\":0.000");
    }
}
