package dev.writebehind;

import static dev.writebehind.testing.RawHttp.request;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.Problems;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.RawHttp.Answer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a proxy in front might read differently is refused on both ports, and its connection closed. */
class FramingIT {
    private static final String BODY = Bodies.write(42, 1);
    private static final String LENGTH = "content-length: " + BODY.length() + "\r\n";
    private static final String CODING = "transfer-encoding: chunked\r\n";
    private static final String SIZE = Integer.toHexString(BODY.length());
    private static final String CHUNKS = SIZE + "\r\n" + BODY + "\r\n0\r\n\r\n";

    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.with("flush.interval=1h");

    private final RunningService service = suite.service();

    @AfterEach
    void nothingLoggedAsError() {
        assertThat(service.logged(Level.ERROR)).isEmpty();
    }

    /** Each is told by what stands behind the method and the path, of a request that would be taken otherwise. */
    static Stream<Arguments> ambiguous() {
        return Stream.of(
                row("coding beside length", " HTTP/1.1", CODING + LENGTH, CHUNKS),
                row("length beside coding", " HTTP/1.1", LENGTH + CODING, CHUNKS),
                row("coding in HTTP/1.0", " HTTP/1.0", CODING, CHUNKS),
                row("two codings", " HTTP/1.1", "transfer-encoding: gzip, chunked\r\n", CHUNKS),
                row("chunked not last", " HTTP/1.1", "transfer-encoding: chunked, gzip\r\n", CHUNKS),
                row("chunked twice", " HTTP/1.1", "transfer-encoding: chunked, chunked\r\n", CHUNKS),
                row("coding repeated", " HTTP/1.1", CODING + CODING, CHUNKS),
                row("coding repeated, otherwise", " HTTP/1.1", CODING + "Transfer-Encoding: identity\r\n", CHUNKS),
                row("coding quoted", " HTTP/1.1", "transfer-encoding: \"chunked\"\r\n", CHUNKS),
                row("coding in capitals", " HTTP/1.1", "transfer-encoding: Chunked\r\n", CHUNKS),
                row("coding folded", " HTTP/1.1", "transfer-encoding:\r\n chunked\r\n", CHUNKS),
                row("coding with parameter", " HTTP/1.1", "transfer-encoding: chunked;q=1\r\n", CHUNKS),
                row("coding with vertical tab", " HTTP/1.1", "transfer-encoding: \u000bchunked\r\n", CHUNKS),
                row("coding unknown", " HTTP/1.1", "transfer-encoding: xchunked\r\n", CHUNKS),
                row("coding empty", " HTTP/1.1", "transfer-encoding:\r\n" + LENGTH, BODY),
                row("coding identity", " HTTP/1.1", "transfer-encoding: identity\r\n" + LENGTH, BODY),
                row("coding with underscore", " HTTP/1.1", "transfer_encoding: chunked\r\n" + LENGTH, BODY),
                row("space before colon", " HTTP/1.1", "transfer-encoding : chunked\r\n" + LENGTH, BODY),
                row("two lengths", " HTTP/1.1", LENGTH + LENGTH, BODY),
                row("two lengths in one", " HTTP/1.1", "content-length: 64, 64\r\n", BODY),
                row("length with sign", " HTTP/1.1", "content-length: +" + BODY.length() + "\r\n", BODY),
                row("length with zero", " HTTP/1.1", "content-length: 0" + BODY.length() + "\r\n", BODY),
                row("length in hexadecimal", " HTTP/1.1", "content-length: 0x40\r\n", BODY),
                row("length empty", " HTTP/1.1", "content-length:\r\n", ""),
                row("length overflows", " HTTP/1.1", "content-length: 18446744073709551680\r\n", BODY),
                row("length folded", " HTTP/1.1", "content-length: 6\r\n 4\r\n", BODY),
                row("length before coding in trailers", " HTTP/1.1", CODING, "0\r\n" + LENGTH + "\r\n"),
                row("two hosts", " HTTP/1.1", "host: b\r\n" + LENGTH, BODY),
                row("host with path", " HTTP/1.0", "host: a/b\r\n" + LENGTH, BODY),
                row("hosts in one", " HTTP/1.0", "host: a, b\r\n" + LENGTH, BODY),
                row("host with user", " HTTP/1.0", "host: a@b\r\n" + LENGTH, BODY),
                row("two content types", " HTTP/1.1", "content-type: text/plain\r\n" + LENGTH, BODY),
                row("two encodings", " HTTP/1.1", "content-encoding: identity\r\n".repeat(2) + LENGTH, BODY),
                row("two credentials", " HTTP/1.1", "authorization: Bearer a\r\n".repeat(2) + LENGTH, BODY),
                row("empty name", " HTTP/1.1", ": x\r\n" + LENGTH, BODY),
                row("name with space", " HTTP/1.1", "a b: x\r\n" + LENGTH, BODY),
                row("name of other letters", " HTTP/1.1", "h\u00f6st: x\r\n" + LENGTH, BODY),
                row("field folded", " HTTP/1.1", "x: y\r\n z\r\n" + LENGTH, BODY),
                row("first field folded", " HTTP/1.1\r\n ", LENGTH, BODY),
                row("null in a value", " HTTP/1.1", "x: \u0000\r\n" + LENGTH, BODY),
                row("bare carriage return", " HTTP/1.1", "x: y\rz: a\r\n" + LENGTH, BODY),
                row("bare line feed", " HTTP/1.1", "x: y\n" + LENGTH, BODY),
                row("line without colon", " HTTP/1.1", "x\r\n" + LENGTH, BODY),
                row("hidden body of a WebSocket", " HTTP/1.1", "sec-websocket-key1: x\r\n" + LENGTH, BODY),
                row("HTTP/1.2", " HTTP/1.2", LENGTH, BODY),
                row("HTTP/2.0", " HTTP/2.0", LENGTH, BODY),
                row("HTTP/0.9", " HTTP/0.9", LENGTH, BODY),
                row("HTTP/1.10", " HTTP/1.10", LENGTH, BODY),
                row("small letters", " http/1.1", LENGTH, BODY),
                row("no version", "", LENGTH, BODY),
                row("words behind the version", " HTTP/1.1 x", LENGTH, BODY),
                row("space behind the version", " HTTP/1.1 ", LENGTH, BODY),
                row("two spaces", "  HTTP/1.1", LENGTH, BODY),
                row("tab", "\tHTTP/1.1", LENGTH, BODY),
                row("vertical tab", "\u000bHTTP/1.1", LENGTH, BODY),
                row("fragment", "#a HTTP/1.1", LENGTH, BODY),
                row("backslash", "\\a HTTP/1.1", LENGTH, BODY),
                row("control byte in the target", "\u0001 HTTP/1.1", LENGTH, BODY),
                row("bytes beyond ASCII in the target", "?x=\u00d0\u00b6 HTTP/1.1", LENGTH, BODY),
                row("chunk size overflows", " HTTP/1.1", CODING, "1000000" + SIZE + "\r\n" + BODY + "\r\n0\r\n\r\n"),
                row("chunk size beyond 64 bits", " HTTP/1.1", CODING, "1" + "0".repeat(14) + SIZE + "\r\n" + BODY),
                row("chunk size with junk", " HTTP/1.1", CODING, SIZE + "x\r\n" + BODY + "\r\n0\r\n\r\n"),
                row("chunk size with space", " HTTP/1.1", CODING, SIZE + " \r\n" + BODY + "\r\n0\r\n\r\n"),
                row("chunk size after space", " HTTP/1.1", CODING, " " + SIZE + "\r\n" + BODY + "\r\n0\r\n\r\n"),
                row("chunk size with prefix", " HTTP/1.1", CODING, "0x" + SIZE + "\r\n" + BODY + "\r\n0\r\n\r\n"),
                row("chunk size with sign", " HTTP/1.1", CODING, "+" + SIZE + "\r\n" + BODY + "\r\n0\r\n\r\n"),
                row("chunk size empty", " HTTP/1.1", CODING, "\r\n" + BODY + "\r\n0\r\n\r\n"),
                row("chunk size too small", " HTTP/1.1", CODING, "5\r\n" + BODY + "\r\n0\r\n\r\n"),
                row("chunk size ends with line feed", " HTTP/1.1", CODING, SIZE + "\n" + BODY + "\r\n0\r\n\r\n"),
                row("chunk ends with line feed", " HTTP/1.1", CODING, SIZE + "\r\n" + BODY + "\n0\r\n\r\n"),
                row("extension without name", " HTTP/1.1", CODING, SIZE + ";\r\n" + BODY + "\r\n0\r\n\r\n"),
                row("extension without value", " HTTP/1.1", CODING, SIZE + ";a=\r\n" + BODY + "\r\n0\r\n\r\n"),
                row("extension with quote open", " HTTP/1.1", CODING, SIZE + ";a=\"b\r\n" + BODY + "\r\n0\r\n\r\n"),
                row("extension with line feed", " HTTP/1.1", CODING, SIZE + ";a\n" + BODY + "\r\n0\r\n\r\n"),
                row("extension without end", " HTTP/1.1", CODING, SIZE + ";a=" + "b".repeat(20_000)),
                row("trailer without colon", " HTTP/1.1", CODING, SIZE + "\r\n" + BODY + "\r\n0\r\nx\r\n\r\n"),
                row("trailer folded", " HTTP/1.1", CODING, SIZE + "\r\n" + BODY + "\r\n0\r\nx: y\r\n z\r\n\r\n"),
                row("trailer with coding", " HTTP/1.1", CODING, SIZE + "\r\n" + BODY + "\r\n0\r\n" + CODING + "\r\n"));
    }

    private static Arguments row(String name, String version, String fields, String body) {
        return Arguments.of(name, version + "\r\n", fields, body);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ambiguous")
    void publicPort_whatTwoParsersMayReadDifferently_isRefusedAndClosed(
            String name, String version, String fields, String body) {
        boolean ownHost = fields.startsWith("host: a");
        String head = "POST /v1/completions" + version + (ownHost ? "" : "host: a\r\n")
                + "content-type: application/json\r\n" + fields + "\r\n";
        Answer answer = refused(service.port(), head + body);

        JsonObject problem = Problems.problem(answer, 400);
        assertThat(problem.getString("detail")).doesNotContain("Exception", "null", "\n");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ambiguous")
    void managementPort_whatTwoParsersMayReadDifferently_isRefusedAndClosed(
            String name, String version, String fields, String body) {
        boolean ownHost = fields.startsWith("host: a");
        String head = "POST /admin/resume" + version + (ownHost ? "" : "host: localhost\r\n")
                + "content-type: application/json\r\n" + fields + "\r\n";
        try (RawHttp connection = RawHttp.connect(service.service().managementPort())) {
            Answer answer = connection.send(head + body).answer();

            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
            assertThat(new JsonObject(answer.body()).getString("reason")).doesNotContain("Exception", "null");
            assertThat(connection.isHungUp()).isTrue();
        }
    }

    /** Sends it behind a sound request and before another, and returns its answer: the last one. */
    private static Answer refused(int port, String bytes) {
        String sound = new String(
                request("POST", "/v1/completions?ack=memory", BODY, "content-type: application/json"),
                StandardCharsets.ISO_8859_1);
        try (RawHttp connection = RawHttp.connect(port)) {
            connection.send(sound + bytes + sound);
            assertThat(connection.answer().status()).isEqualTo(202);
            Answer answer = connection.answer();
            assertThat(connection.isHungUp()).as("hung up after " + answer).isTrue();
            return answer;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\r\n\r\n",
                "\u0001\u0002GET / HTTP/1.1\r\nhost: a\r\n\r\n",
                "\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
                "\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
                " GET / HTTP/1.1\r\nhost: a\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "G(T / HTTP/1.1\r\nhost: a\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "\u0016\u0003\u0001\u0000\u00f4\u0001\r\n\r\n"
            })
    void anyPort_whatIsNoRequest_isRefusedAndClosed(String bytes) {
        for (int port : List.of(service.port(), service.service().managementPort())) {
            try (RawHttp connection = RawHttp.connect(port)) {
                Answer answer = connection.send(bytes).answer();
                assertThat(answer.status()).as(answer.body()).isEqualTo(400);
                assertThat(answer.header("connection")).isEqualTo("close");
                assertThat(new JsonObject(answer.body()).getMap().values())
                        .noneMatch(value -> String.valueOf(value).contains("Exception"));
                assertThat(connection.isHungUp()).isTrue();
            }
        }
    }

    @Test
    void anyPort_headWithoutEnd_isRefusedByItsLength() {
        for (int port : List.of(service.port(), service.service().managementPort())) {
            assertRefused(port, 431, "GET / HTTP/1.1\r\nhost: a\r\nx: " + "y".repeat(17_000));
            assertRefused(port, 414, "GET /" + "y".repeat(70_000));
        }
    }

    private static void assertRefused(int port, int status, String bytes) {
        try (RawHttp connection = RawHttp.connect(port)) {
            assertThat(connection.send(bytes).answer().status()).isEqualTo(status);
            assertThat(connection.isHungUp()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ";name=value",
                ";name",
                ";a=b;c=\"d e\\\" f\";g",
            })
    void write_chunksWithExtensionsAndTrailers_isTakenAndTheConnectionGoesOn(String extension) {
        String head = String.join(
                "\r\n",
                "POST /v1/completions HTTP/1.1",
                "Host: a",
                "Content-Type: application/json",
                "Transfer-Encoding: chunked",
                "Trailer: x",
                "\r\n");
        String body = "0000A" + extension + "\r\n" + BODY.substring(0, 10) + "\r\n"
                + Integer.toHexString(BODY.length() - 10) + "\r\n" + BODY.substring(10) + "\r\n0" + extension
                + "\r\nX-Checksum: 1\r\n\r\n";
        try (RawHttp connection = RawHttp.connect(service.port())) {
            for (int i = 0; i < 2; i++) {
                assertThat(connection.send(head + body).answer().status()).isEqualTo(202);
            }
        }
    }

    @Test
    void write_afterAnEmptyLineAndInHttp10_isTaken() {
        String head = "POST /v1/completions HTTP/1.0\r\nContent-Type: application/json\r\nConnection: keep-alive\r\n"
                + LENGTH + "\r\n";
        try (RawHttp connection = RawHttp.connect(service.port())) {
            connection.send(head + BODY + "\r\n" + head + BODY);
            assertThat(connection.answer().status()).isEqualTo(202);
            assertThat(connection.answer().status()).isEqualTo(202);
        }
    }
}
