package dev.writebehind.loadtest.raw;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection of the client, with writes of its own that it sends in turn, and at most one request on its way. Knows
 * of HTTP as much as it takes to tell where an answer ends. Not for concurrent use.
 */
final class RawConnection {
    private static final int ANSWER_BYTES = 16 * 1024;
    private static final int HEAD_BYTES = 256;
    private static final int STATUS_AT = 9;
    private static final String LENGTH = "\r\ncontent-length:";
    private static final String HEAD_END = "\r\n\r\n";

    private final int port;
    private final Writes writes;
    private final int from;
    private final int last;
    private int to;
    private final int array;
    private final byte[] head;
    private final ByteBuffer answer = ByteBuffer.allocate(ANSWER_BYTES);
    private final ByteBuffer request;
    private SocketChannel channel;
    private SelectionKey selection;
    private int next;
    private int first;
    private long since;

    /**
     * Connects.
     *
     * @param from the first of its writes
     * @param to behind the last of them
     * @param array writes in each request; 1: an object, not an array
     */
    RawConnection(Selector selector, int port, String path, Writes writes, int from, int to, int array)
            throws IOException {
        this.port = port;
        this.writes = writes;
        this.from = from;
        this.last = to;
        this.to = to;
        this.array = array;
        this.next = from;
        this.head = ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                        + "\r\nContent-Type: application/json\r\nContent-Length: ")
                .getBytes(StandardCharsets.US_ASCII);
        this.request = ByteBuffer.allocate(head.length + HEAD_BYTES + array * (writes.longest() + 1));
        this.channel = connect();
        this.selection = channel.register(selector, SelectionKey.OP_READ, this);
    }

    /** Connects anew: who has been silent for long may have been let go. */
    void reconnect(Selector selector) throws IOException {
        channel.close();
        channel = connect();
        selection = channel.register(selector, SelectionKey.OP_READ, this);
    }

    private SocketChannel connect() throws IOException {
        SocketChannel connected = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        connected.setOption(StandardSocketOptions.TCP_NODELAY, true);
        connected.configureBlocking(false);
        return connected;
    }

    /** Goes back to the first of its writes, and from now on only as far as that share of them reaches. */
    void rewind(double share) {
        to = from + Math.max(1, (int) Math.round((last - from) * share));
        next = from;
    }

    /** Whether the last request that was sent holds the last of the writes. */
    boolean isAtEnd() {
        return next == from;
    }

    /** Sends the next writes; returns how many. */
    int send(long due) throws IOException {
        int count = Math.min(array, to - next);
        first = next;
        request.clear();
        int length = array == 1 ? 0 : count + 1;
        for (int i = 0; i < count; i++) {
            length += writes.length(first + i);
        }
        request.put(head)
                .put(Integer.toString(length).getBytes(StandardCharsets.US_ASCII))
                .put(HEAD_END.getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < count; i++) {
            if (array > 1) {
                request.put((byte) (i == 0 ? '[' : ','));
            }
            writes.send(first + i, request);
        }
        if (array > 1) {
            request.put((byte) ']');
        }
        request.flip();
        next = first + count == to ? from : first + count;
        since = due;
        write();
        return count;
    }

    /** Goes on with what is half sent. */
    void write() throws IOException {
        channel.write(request);
        int interest = request.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        if (selection.interestOps() != interest) {
            selection.interestOps(interest);
        }
    }

    /** Reads what is there; returns the status of the answer once it is whole, and 0 until then. */
    int read() throws IOException {
        if (channel.read(answer) < 0) {
            throw new EOFException("the server closed a connection");
        }
        int end = headEnd();
        if (end < 0) {
            return 0;
        }
        String text = new String(answer.array(), 0, end, StandardCharsets.US_ASCII);
        int at = text.toLowerCase(Locale.ROOT).indexOf(LENGTH);
        if (at < 0) {
            throw new IOException("an answer without its length: " + text);
        }
        int begin = at + LENGTH.length();
        int length = Integer.parseInt(
                text.substring(begin, text.indexOf('\r', begin)).strip());
        if (answer.position() < end + length) {
            return 0;
        }
        answer.clear();
        return Integer.parseInt(text.substring(STATUS_AT, STATUS_AT + 3));
    }

    /** Notes for each key of the request whether it is acknowledged; returns how many there are. */
    int answered(boolean isAcknowledged) {
        int count = (next == from ? to : next) - first;
        for (int i = 0; i < count; i++) {
            writes.answered(first + i, isAcknowledged);
        }
        return count;
    }

    long since() {
        return since;
    }

    private int headEnd() {
        byte[] bytes = answer.array();
        for (int i = 3; i < answer.position(); i++) {
            if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }
}
