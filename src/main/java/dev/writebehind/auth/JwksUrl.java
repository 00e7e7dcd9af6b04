package dev.writebehind.auth;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A JWK set behind an http(s) URL of the settings, bounded in time and size; redirects are not followed. Safe for any
 * thread.
 */
final class JwksUrl implements KeySource {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final HttpClient client;
    private final String url;
    private final Duration timeout;

    JwksUrl(Vertx vertx, String url) {
        this(vertx, url, new HttpClientOptions(), TIMEOUT);
    }

    JwksUrl(Vertx vertx, String url, HttpClientOptions options, Duration timeout) {
        this.client = vertx.createHttpClient(options.setConnectTimeout((int) timeout.toMillis())
                .setVerifyHost(true)
                .setDecompressionSupported(false));
        this.url = url;
        this.timeout = timeout;
    }

    @Override
    public Future<String> read() {
        RequestOptions options = new RequestOptions()
                .setAbsoluteURI(url)
                .setMethod(HttpMethod.GET)
                .setFollowRedirects(false)
                .putHeader(HttpHeaders.ACCEPT, "application/json");
        return client.request(options)
                .compose(request -> request.send()
                        .compose(JwksUrl::body)
                        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .onFailure(failure -> request.reset()))
                .timeout(2 * timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Future<String> body(HttpClientResponse response) {
        Promise<String> whole = Promise.promise();
        // Before anything else: Vert.x logs what nobody handles.
        response.exceptionHandler(whole::tryFail);
        if (response.statusCode() != 200) {
            whole.fail(new IOException("it answers with status " + response.statusCode()));
            return whole.future();
        }
        Buffer body = Buffer.buffer();
        response.handler(part -> {
            if (body.length() + part.length() > JwksFile.MAX_BYTES) {
                whole.tryFail(new IOException("its answer is larger than a key set can be"));
            } else {
                body.appendBuffer(part);
            }
        });
        response.endHandler(ended -> whole.tryComplete(body.toString()));
        return whole.future();
    }

    @Override
    public String toString() {
        return url;
    }
}
