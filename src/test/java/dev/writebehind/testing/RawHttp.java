package dev.writebehind.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A connection to a server on loopback that sends exactly the bytes it is told to, be they HTTP or not. Not for
 * concurrent use.
 */
public final class RawHttp implements AutoCloseable {
    private static final Pattern STATUS_LINE = Pattern.compile("(\\S+) ([1-5]\\d\\d) .*");
    private static final int MAX_WAIT_MILLIS = Math.toIntExact(Patience.LONG.toMillis());

    private final Socket socket;
    private final PushbackInputStream in;

    private RawHttp(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new PushbackInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /**
     * What the server answered.
     *
     * @param protocol for example {@code HTTP/1.1}
     * @param headers by name in lower case
     */
    public record Answer(String protocol, int status, Map<String, String> headers, String body) {
        public Answer {
            headers = Map.copyOf(headers);
        }

        /** Returns a header's value; empty where it is missing. */
        public String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }
    }

    /** Connects to that port. */
    public static RawHttp connect(int port) {
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(MAX_WAIT_MILLIS);
            return new RawHttp(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a request with those header lines, {@code host} and {@code content-length}. */
    public static byte[] request(String method, String target, byte[] body, String... headers) {
        byte[] head = head(method, target, body.length, headers);
        byte[] request = new byte[head.length + body.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        return request;
    }

    /** Returns a request with that text, in UTF-8, as its body. */
    public static byte[] request(String method, String target, String body, String... headers) {
        return request(method, target, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** Returns the head of a request whose body has that length. */
    public static byte[] head(String method, String target, long contentLength, String... headers) {
        return bytes(method + " " + target + " HTTP/1.1\r\nhost: localhost\r\ncontent-length: " + contentLength
                + lines(headers));
    }

    /** Returns the head of a request whose body comes in chunks. */
    public static byte[] chunkedHead(String method, String target, String... headers) {
        return bytes(
                method + " " + target + " HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked" + lines(headers));
    }

    /** Returns a body in one chunk, with its end. */
    public static byte[] chunked(String body) {
        return bytes(Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");
    }

    private static String lines(String... headers) {
        StringBuilder lines = new StringBuilder("\r\n");
        for (String header : headers) {
            lines.append(header).append("\r\n");
        }
        return lines.append("\r\n").toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Sends a text's bytes, one each character. */
    public RawHttp send(String text) {
        return send(bytes(text));
    }

    /** Sends those bytes; of no effect once the server has hung up. */
    public RawHttp send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        } catch (SocketException e) {
            // What the server has to say about it is still there to be read.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /**
     * Sends one byte after the other with that pause between them, until all are sent or the server answers or hangs
     * up.
     */
    public RawHttp trickle(byte[] bytes, Duration pause) {
        for (byte next : bytes) {
            send(new byte[] {next});
            if (isAnswering(pause)) {
                break;
            }
        }
        return this;
    }

    /** Reads the next answer, which must come. */
    public Answer answer() {
        return answerIfAny().orElseThrow(() -> new AssertionError("the server hung up without an answer"));
    }

    /** Reads the next answer, to a HEAD request. */
    public Answer answerWithoutBody() {
        try {
            return read(false).orElseThrow(() -> new AssertionError("the server hung up without an answer"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the next answer; empty where the server hangs up instead. */
    public Optional<Answer> answerIfAny() {
        try {
            return read(true);
        } catch (SocketException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the server hangs up, and tells whether it did so without another word. */
    public boolean isHungUp() {
        try {
            socket.setSoTimeout(MAX_WAIT_MILLIS);
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the server neither answers nor hangs up for that time. */
    public boolean isSilentFor(Duration time) {
        return !isAnswering(time);
    }

    /** Hangs up with a reset instead of a farewell. */
    public void abort() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isAnswering(Duration wait) {
        try {
            socket.setSoTimeout(Math.toIntExact(wait.toMillis()));
            int first = in.read();
            if (first >= 0) {
                in.unread(first);
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<Answer> read(boolean body) throws IOException {
        socket.setSoTimeout(MAX_WAIT_MILLIS);
        String statusLine = line();
        if (statusLine == null) {
            return Optional.empty();
        }
        Matcher status = STATUS_LINE.matcher(statusLine);
        if (!status.matches()) {
            throw new AssertionError("not an answer: " + statusLine);
        }
        Map<String, String> headers = new TreeMap<>();
        String header;
        while ((header = line()) != null && !header.isEmpty()) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        int length = body ? Integer.parseInt(headers.getOrDefault("content-length", "0")) : 0;
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the server hung up within its answer");
        }
        return Optional.of(new Answer(
                status.group(1),
                Integer.parseInt(status.group(2)),
                headers,
                new String(bytes, StandardCharsets.UTF_8)));
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int next = in.read();
            if (next < 0) {
                if (line.size() == 0) {
                    return null;
                }
                throw new EOFException("the server hung up within its answer");
            }
            if (next == '\n') {
                return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
            }
            line.write(next);
        }
    }
}
