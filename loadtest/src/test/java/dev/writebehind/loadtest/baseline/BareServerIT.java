package dev.writebehind.loadtest.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** The server that keeps nothing, in a process of its own. */
class BareServerIT {
    @Test
    void post_isAnsweredAsTheServiceDoes_untilTerminated() throws Exception {
        try (MeasuredProcess server = MeasuredProcess.start(BareServer.class)) {
            String write = Bodies.write(1, 1);

            HttpResponse<String> response =
                    server.post("[" + write + "," + write + "]").join();

            assertThat(response.statusCode()).isEqualTo(202);
            assertThat(response.headers().firstValue("content-type")).contains("application/json");
            assertThat(response.body()).isEqualTo("{\"accepted\":2,\"ack\":\"memory\"}");
            assertThat(server.post("[1]").join().statusCode()).isEqualTo(400);
            server.terminate();
            assertThat(server.exitCode()).isZero();
            assertThat(server.output()).singleElement().asString().matches("Listening on http://127\\.0\\.0\\.1:\\d+");
        }
    }

    @Test
    void start_wrongArguments_endsWithAMessage() throws Exception {
        try (MeasuredProcess server = MeasuredProcess.start(BareServer.class, "--prt", "1")) {
            assertThat(server.exitCode()).isEqualTo(2);
            assertThat(server.output().get(0)).contains("--prt");
        }
    }
}
