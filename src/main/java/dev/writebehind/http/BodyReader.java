package dev.writebehind.http;

import dev.writebehind.config.ByteSize;
import dev.writebehind.http.BodyBudget.Reservation;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The reader of bodies into memory, each into one array, within the {@link BodyBudget}: one whose length is told is
 * counted from its head on, one in chunks as it grows. Bodies that arrive in one piece with their head are in memory
 * already and not counted. Safe for any event loop.
 */
final class BodyReader {
    /** Larger bodies can't come in one piece: it is what the HTTP decoder hands over at most. */
    static final int ONE_PIECE = 8 * 1024;

    private static final int FIRST_CHUNKS = 1024;

    private final BodyBudget budget;

    BodyReader(BodyBudget budget) {
        this.budget = budget;
    }

    /**
     * Hands a request's body over once it is there, or refuses the request.
     *
     * @param learner the user name of the learner who sends it; null: a server does
     */
    void read(RoutingContext ctx, @Nullable String learner, Consumer<RequestBody> arrived) {
        HttpServerRequest request = ctx.request();
        boolean chunked = request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                || (request.version() == HttpVersion.HTTP_2
                        && !request.headers().contains(HttpHeaders.CONTENT_LENGTH));
        long declared = chunked ? -1 : declaredLength(request);
        if (!chunked && declared <= 0) {
            arrived.accept(RequestBody.empty());
            return;
        }
        ByteSize largest = budget.largest(learner);
        if (declared > largest.bytes()) {
            refuseLength(ctx, largest);
            return;
        }
        Receiving receiving = new Receiving(ctx, learner, largest, declared, arrived);
        if (declared > ONE_PIECE && !receiving.reserve(declared)) {
            return;
        }
        if (isToldToGoOn(ctx)) {
            request.handler(receiving::take)
                    .endHandler(ended -> receiving.end())
                    .exceptionHandler(receiving::fail)
                    .resume();
        }
    }

    private static long declaredLength(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static boolean isToldToGoOn(RoutingContext ctx) {
        String expect = ctx.request().getHeader(HttpHeaders.EXPECT);
        if (expect == null) {
            return true;
        }
        if (!expect.equalsIgnoreCase("100-continue")) {
            Problem.of(417, "Expectation failed", "no expectation but 100-continue can be met")
                    .send(ctx.response());
            return false;
        }
        if (ctx.request().version() != HttpVersion.HTTP_1_0) {
            ctx.response().writeContinue();
        }
        return true;
    }

    /**
     * Returns how much room to make for so many bytes of a body in chunks: the largest body's, halved as often as it
     * still holds them. So the last step, when the room before is held too, takes one and a half of the largest body.
     */
    static int capacity(int needed, int largest) {
        int capacity = largest;
        while (capacity / 2 >= Math.max(needed, FIRST_CHUNKS)) {
            capacity /= 2;
        }
        return capacity;
    }

    private static void refuseLength(RoutingContext ctx, ByteSize largest) {
        Problem.of(413, "Content too large", "the body is larger than " + largest)
                .send(ctx.response());
    }

    /** One body as it arrives; confined to its request's event loop. */
    private final class Receiving {
        private final RoutingContext ctx;
        private final @Nullable String learner;
        private final ByteSize largest;
        private final long declared;
        private final Consumer<RequestBody> arrived;
        private @Nullable Reservation reservation;
        private byte @Nullable [] bytes;
        private int length;
        private boolean over;

        Receiving(
                RoutingContext ctx,
                @Nullable String learner,
                ByteSize largest,
                long declared,
                Consumer<RequestBody> arrived) {
            this.ctx = ctx;
            this.learner = learner;
            this.largest = largest;
            this.declared = declared;
            this.arrived = arrived;
        }

        /** Reserves so much, in place of what is held so far, or refuses the request and returns false. */
        boolean reserve(long size) {
            Reservation next = budget.begin(learner);
            if (next.growTo(size)) {
                if (reservation == null) {
                    ctx.addEndHandler(ended -> drop());
                }
                reservation = next;
                return true;
            }
            drop();
            Problem.unavailable("uploads-full", "too much is being uploaded at the moment: send it again")
                    .send(ctx.response());
            return false;
        }

        void take(Buffer piece) {
            if (over) {
                return;
            }
            if (declared >= 0 && piece.length() > declared - length) {
                fail(new IllegalStateException("it is longer than its content-length says"));
                return;
            }
            if (piece.length() > largest.bytes() - length) {
                drop();
                refuseLength(ctx, largest);
                return;
            }
            byte[] roomy = withRoomFor(length + piece.length());
            if (roomy != null) {
                piece.getBytes(roomy, length);
                length += piece.length();
            }
        }

        private byte @Nullable [] withRoomFor(int needed) {
            byte[] present = bytes;
            if (present != null && needed <= present.length) {
                return present;
            }
            if (needed == declared || declared > ONE_PIECE) {
                bytes = new byte[(int) declared];
                return bytes;
            }
            int capacity = declared > 0 ? (int) declared : capacity(needed, (int) largest.bytes());
            Reservation ofPresent = reservation;
            if (!reserve(capacity)) {
                return null;
            }
            byte[] roomy = present == null ? new byte[capacity] : Arrays.copyOf(present, capacity);
            bytes = roomy;
            if (ofPresent != null) {
                ofPresent.release();
            }
            return roomy;
        }

        void end() {
            if (over) {
                return;
            }
            over = true;
            byte[] present = bytes == null ? new byte[0] : bytes;
            bytes = null;
            arrived.accept(new RequestBody(present, length, reservation));
        }

        /** What fails now is the client, or the way to it. */
        void fail(Throwable failure) {
            drop();
            if (failure instanceof DecoderException broken) {
                ctx.fail(400, broken.getCause() == null ? broken : broken.getCause());
            } else {
                Problem.of(400, "Bad request", "the body did not arrive whole: " + failure.getMessage())
                        .send(ctx.response());
            }
        }

        /** Takes no more, unless the body is whole and with those who read it. */
        private void drop() {
            if (!over) {
                over = true;
                bytes = null;
                if (reservation != null) {
                    reservation.release();
                }
            }
        }
    }
}
