package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.Tokens;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Many large uploads that never end, on a small heap, while others go on writing. */
class UploadsIT {
    private static final int MIB = 1024 * 1024;
    private static final int UPLOADS = 45;
    private static final int WRITES = 200;
    private static final String JSON = "content-type: application/json";
    private static final String SERVER = "authorization: Bearer a-token-of-a-server-1";
    private static final String OTHER_SERVER = "authorization: Bearer a-token-of-a-server-2";

    @Test
    void uploadsWithTheirLastByteWithheld_leaveASteadyWriterItsAnswers() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            OpenedxTables.createUsers(database, 2);
            OpenedxTables.createEnrolments(database);
            try (ChildService service = ChildService.start(
                    List.of("-Xmx192m"),
                    database.uri(),
                    Tokens.openedx(
                            "auth.tokens=a-token-of-a-server-1,a-token-of-a-server-2", "buffer.max-bytes=32MiB"))) {
                int port = service.uri("/").getPort();
                String learner = "authorization: JWT "
                        + Tokens.rs512(Tokens.claims("user1", Instant.now())
                                .put("user_id", 1)
                                .put("administrator", false));

                assertWriterGoesOn(port, SERVER, 31 * MIB);
                assertWriterGoesOn(port, learner, 31 * MIB);
                assertWriterGoesOn(port, learner, 256 * 1024);

                assertThat(service.output()).noneMatch(line -> line.contains("OutOfMemoryError"));
                assertThat(service.manage("GET", "/health/live").statusCode()).isEqualTo(200);
            }
        }
    }

    private static void assertWriterGoesOn(int port, String uploader, int size) {
        byte[] piece = new byte[MIB];
        Arrays.fill(piece, (byte) ' ');
        List<RawHttp> uploads = new ArrayList<>();
        try (RawHttp writer = RawHttp.connect(port)) {
            for (int i = 0; i < UPLOADS; i++) {
                RawHttp upload = RawHttp.connect(port);
                uploads.add(upload);
                upload.send(RawHttp.head("POST", "/v1/completions", size, uploader, JSON));
                for (int sent = 0; sent < size - 1; ) {
                    int next = Math.min(piece.length, size - 1 - sent);
                    upload.send(next == piece.length ? piece : Arrays.copyOf(piece, next));
                    sent += next;
                }
                assertAccepted(writer, i);
            }
            Map<Integer, Integer> answers = new TreeMap<>();
            for (int i = 0; i < WRITES; i++) {
                answers.merge(write(writer, 1_000 + i).status(), 1, Integer::sum);
            }
            assertThat(answers).isEqualTo(Map.of(202, WRITES));
        } finally {
            uploads.forEach(RawHttp::abort);
        }
    }

    private static void assertAccepted(RawHttp writer, int userId) {
        assertThat(write(writer, userId + 1).status()).isEqualTo(202);
    }

    private static RawHttp.Answer write(RawHttp writer, int userId) {
        return writer.send(RawHttp.request(
                        "POST", "/v1/completions", Bodies.write(userId, "course-v1:O+C+R", "b", 1), OTHER_SERVER, JSON))
                .answer();
    }
}
