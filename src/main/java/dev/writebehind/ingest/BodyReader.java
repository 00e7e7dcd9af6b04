package dev.writebehind.ingest;

import static java.util.Objects.requireNonNull;

import dev.writebehind.auth.Caller;
import dev.writebehind.config.ByteSize;
import dev.writebehind.ingest.BodyBudget.Reservation;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads bodies into memory, each into one array, within the {@link BodyBudget}: one whose length is told is counted
 * from its head on, one in chunks as it grows. Bodies that arrive in one piece with their head are in memory already
 * and not counted. Safe for any event loop.
 */
final class BodyReader {
    private static final String BODY = BodyReader.class.getName() + ".body";
    /** Larger bodies can't come in one piece: it is what the HTTP decoder hands over at most. */
    static final int ONE_PIECE = 8 * 1024;

    private static final int FIRST_CHUNKS = 1024;

    private final BodyBudget budget;

    BodyReader(BodyBudget budget) {
        this.budget = budget;
    }

    /** Returns what hands the body of a request that has passed to its reader, which gives it back unless it throws. */
    static Handler<RoutingContext> handing(BiConsumer<RoutingContext, RequestBody> reader) {
        return ctx -> {
            RequestBody body = requireNonNull(ctx.<RequestBody>get(BODY), "the route reads no body");
            try {
                reader.accept(ctx, body);
            } catch (RuntimeException | Error e) {
                body.release();
                throw e;
            }
        };
    }

    /** Lets the request pass once its body is there, or refuses it. */
    void handle(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        boolean chunked = request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
        long declared = chunked ? -1 : declaredLength(request);
        if (!chunked && declared <= 0) {
            ctx.put(BODY, RequestBody.empty());
            ctx.next();
            return;
        }
        Caller caller = Callers.of(ctx);
        ByteSize largest = budget.largest(caller);
        if (declared > largest.bytes()) {
            refuseLength(ctx, largest);
            return;
        }
        Receiving receiving = new Receiving(ctx, caller, largest, declared);
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
            ctx.fail(417);
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
        private final Caller caller;
        private final ByteSize largest;
        private final long declared;
        private @Nullable Reservation reservation;
        private byte @Nullable [] bytes;
        private int length;
        private boolean over;

        Receiving(RoutingContext ctx, Caller caller, ByteSize largest, long declared) {
            this.ctx = ctx;
            this.caller = caller;
            this.largest = largest;
            this.declared = declared;
        }

        /** Reserves so much, in place of what is held so far, or refuses the request and returns false. */
        boolean reserve(long size) {
            Reservation next = budget.begin(caller);
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
            ctx.put(BODY, new RequestBody(present, length, reservation));
            ctx.next();
        }

        void fail(Throwable failure) {
            drop();
            if (failure instanceof DecoderException broken) {
                ctx.fail(400, broken.getCause() == null ? broken : broken.getCause());
            } else {
                ctx.fail(failure);
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
