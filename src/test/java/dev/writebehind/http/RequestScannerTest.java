package dev.writebehind.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestScannerTest {
    private static final int MAX_LENGTH = 8192;
    private static final String LENGTH = "POST /a?b=c HTTP/1.1\r\nHost: a\r\ncontent-length: 5\r\n\r\n\r\nGET";
    private static final String CHUNKS = String.join(
            "\r\n",
            "POST / HTTP/1.1",
            "host:a",
            "Transfer-Encoding: chunked ",
            "",
            "3",
            "\r\n0",
            "00A;a=b;c=\"d\\\"\"",
            "0123456789",
            "0;x",
            "Trailer: x",
            "\r\n");
    private static final String BARE = "GET / HTTP/1.0\r\n\r\n";
    private static final List<String> SEEDS = List.of(LENGTH, CHUNKS, BARE, "\r\n" + BARE + CHUNKS + LENGTH);
    private static final List<String> PIECES = List.of(
            "\r\n",
            "\n",
            "\r",
            " ",
            "\t",
            "\u0000",
            "\u000b",
            ":",
            ";",
            "\"",
            "0",
            "5",
            "f",
            ",",
            "%",
            "_",
            "-",
            "\u00e9",
            "host: b\r\n",
            "content-length: 3\r\n",
            "Content-Length:5\r\n",
            "transfer-encoding: chunked\r\n",
            "transfer-encoding: gzip, chunked\r\n",
            "sec-websocket-key1: x\r\nsec-websocket-key2: x\r\n",
            " folded\r\n",
            "HTTP/1.1",
            "0\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\n\r\n");

    @Test
    void scan_ofSoundRequestsInPiecesOfAnySize_findsNoFault() {
        for (String seed : SEEDS) {
            for (int piece = 1; piece <= seed.length(); piece++) {
                RequestScanner scanner = new RequestScanner(MAX_LENGTH, MAX_LENGTH);
                assertThat(fault(scanner, seed, piece))
                        .as("%s by %s", seed, piece)
                        .isNull();
                assertThat(scanner.soundUntil()).isEqualTo(seed.length());
                assertThat(scanner.isInBody()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /\u0000 HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nhost: a\r\nx: y\r\n z\r\n\r\n",
                "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n100000005\r\n",
                "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5 \r\n",
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\n",
            })
    void scan_ofAFaultInPiecesOfAnySize_tellsTheSame(String bytes) {
        String whole = fault(new RequestScanner(MAX_LENGTH, MAX_LENGTH), bytes, bytes.length());
        assertThat(whole).isNotNull();
        for (int piece = 1; piece < bytes.length(); piece++) {
            assertThat(fault(new RequestScanner(MAX_LENGTH, MAX_LENGTH), bytes, piece))
                    .isEqualTo(whole);
        }
    }

    @Test
    void scan_ofAFaultBehindSoundRequests_tellsHowFarAllIsSound() {
        RequestScanner scanner = new RequestScanner(MAX_LENGTH, MAX_LENGTH);
        assertThat(fault(scanner, CHUNKS + LENGTH + "GET / HTTP/3\r\n", 7)).isNotNull();
        assertThat(scanner.soundUntil()).isEqualTo(CHUNKS.length() + LENGTH.length());
        assertThat(scanner.isInBody()).isFalse();
    }

    /** What passes means the same to the decoder behind it: it finds as many requests, and nothing broken. */
    @Test
    void handler_beforeTheDecoder_passesOnlyWhatBothReadAlike() {
        Random random = new Random(20_260_101);
        int sound = 0;
        int refused = 0;
        for (int i = 0; i < 50_000; i++) {
            String bytes = mutated(SEEDS.get(random.nextInt(SEEDS.size())), random);
            RequestScanner scanner = new RequestScanner(MAX_LENGTH, MAX_LENGTH);
            String fault = fault(scanner, bytes, bytes.length());
            if (fault != null) {
                refused++;
                continue;
            }
            sound++;
            List<HttpObject> decoded = decode(bytes, 1 + random.nextInt(bytes.length()));
            assertThat(decoded)
                    .as(bytes)
                    .allMatch(object -> object.decoderResult().isSuccess());
            assertThat(requests(decoded) - ends(decoded)).as(bytes).isEqualTo(scanner.isInBody() ? 1 : 0);
        }
        assertThat(sound).isGreaterThan(3_000);
        assertThat(refused).isGreaterThan(10_000);
    }

    private static long requests(List<HttpObject> decoded) {
        return decoded.stream().filter(HttpRequest.class::isInstance).count();
    }

    private static long ends(List<HttpObject> decoded) {
        return decoded.stream().filter(LastHttpContent.class::isInstance).count();
    }

    private static List<HttpObject> decode(String bytes, int cut) {
        HttpServerOptions options = new HttpServerOptions().setMaxInitialLineLength(MAX_LENGTH);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast("decoder", new VertxHttpRequestDecoder(options));
        channel.pipeline()
                .addFirst(new FramingHandler(
                        "decoder", new RequestScanner(MAX_LENGTH, MAX_LENGTH), FramingHandler.window()));
        ByteBuf all = Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1);
        channel.writeInbound(all.readRetainedSlice(cut));
        channel.writeInbound(all);
        List<HttpObject> decoded = new ArrayList<>();
        HttpObject next;
        while ((next = channel.readInbound()) != null) {
            decoded.add(next);
            ReferenceCountUtil.release(next);
        }
        channel.finishAndReleaseAll();
        return decoded;
    }

    private static String mutated(String seed, Random random) {
        StringBuilder mutated = new StringBuilder(seed);
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            int at = random.nextInt(mutated.length() + 1);
            switch (random.nextInt(4)) {
                case 0 -> mutated.delete(at, Math.min(mutated.length(), at + 1 + random.nextInt(2)));
                case 1 -> mutated.insert(at, (char) random.nextInt(256));
                default -> mutated.insert(at, PIECES.get(random.nextInt(PIECES.size())));
            }
        }
        return mutated.isEmpty() ? "x" : mutated.toString();
    }

    /** Returns what is found wrong; null: nothing. */
    private static @Nullable String fault(RequestScanner scanner, String text, int piece) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        try {
            for (int from = 0; from < bytes.length; from += piece) {
                int to = Math.min(bytes.length, from + piece);
                int at = from;
                while (at < to) {
                    at += scanner.skipData(to - at);
                    at = scanner.scan(bytes, at, to);
                }
            }
            return null;
        } catch (MalformedRequestException e) {
            return e.malformed().status() + " " + e.malformed().detail();
        }
    }
}
