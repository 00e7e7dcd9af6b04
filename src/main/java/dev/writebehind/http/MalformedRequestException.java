package dev.writebehind.http;

import io.netty.handler.codec.DecoderException;
import java.io.Serial;

/** The failure of a decoder, which carries a {@link Malformed} through the pipeline. */
final class MalformedRequestException extends DecoderException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Malformed malformed;

    MalformedRequestException(Malformed malformed) {
        super(malformed.detail());
        this.malformed = malformed;
    }

    /** Returns what is wrong. */
    Malformed malformed() {
        return malformed;
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it does nothing
    public Throwable fillInStackTrace() {
        return this;
    }
}
