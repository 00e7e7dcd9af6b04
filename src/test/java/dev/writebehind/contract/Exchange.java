package dev.writebehind.contract;

import io.netty.handler.codec.http.HttpHeaders;
import io.vertx.core.buffer.Buffer;

/**
 * A request and its answer, as they were on the wire.
 *
 * @param request null: what came was no HTTP
 */
record Exchange(Request request, Answer answer) {
    /**
     * What was asked.
     *
     * @param body null: it was not there whole when the answer was, or is too large to be kept
     */
    record Request(String method, String target, HttpHeaders headers, Buffer body) {
        /** Also of a target that is a whole URL. */
        String path() {
            String withoutHost = target.replaceFirst("(?i)^https?://[^/]+", "");
            int query = withoutHost.indexOf('?');
            return query < 0 ? withoutHost : withoutHost.substring(0, query);
        }

        String query() {
            int query = target.indexOf('?');
            return query < 0 ? "" : target.substring(query + 1);
        }
    }

    /**
     * What was answered.
     *
     * @param body null: it has not ended, or is too large to be kept
     */
    record Answer(int status, HttpHeaders headers, Buffer body) {}

    @Override
    public String toString() {
        return (request == null ? "no HTTP" : request.method() + " " + request.target()) + " → " + answer.status();
    }
}
