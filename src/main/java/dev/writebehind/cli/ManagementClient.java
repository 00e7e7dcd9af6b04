package dev.writebehind.cli;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The management port of the running service, seen from outside; whatever goes wrong before it answers is a
 * {@link RemoteFailure}. Blocks the calling thread.
 */
final class ManagementClient {
    private static final Logger log = LoggerFactory.getLogger(ManagementClient.class);
    private static final Duration MAX_CONNECT = Duration.ofSeconds(5);
    private static final Duration MAX_LOOK = Duration.ofSeconds(15);
    /** The service itself gives up a flush or a pause after a minute, and says so. */
    private static final Duration MAX_WORK = Duration.ofSeconds(90);

    private final URI address;
    private final @Nullable String token;
    private final HttpClient http;

    /**
     * Creates a client; connects to nothing yet.
     *
     * @param address of the port, without a slash at its end
     * @param token what proves who calls; null: nothing does
     * @param trust whose certificate is believed; null: whomever Java trusts
     */
    ManagementClient(URI address, @Nullable String token, @Nullable SSLContext trust) {
        this.address = address;
        this.token = token;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(MAX_CONNECT);
        if (trust != null) {
            builder.sslContext(trust);
        }
        this.http = builder.build();
    }

    /** The service's answer; immutable. */
    record Answer(int status, JsonObject body) {
        boolean isOk() {
            return status == 200;
        }

        /** Returns why not, as the service says. */
        String reason() {
            return body.getString("reason", "it answered " + status + " " + body.encode());
        }
    }

    /** Asks for what changes nothing. */
    Answer get(String path) {
        return send("GET", path, MAX_LOOK);
    }

    /** Has something done. */
    Answer post(String path) {
        return send("POST", path, MAX_WORK);
    }

    Answer delete(String path) {
        return send("DELETE", path, MAX_LOOK);
    }

    private Answer send(String method, String path, Duration limit) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .method(method, BodyPublishers.noBody())
                .header("user-agent", "writebehind-cli")
                .timeout(limit);
        if (token != null) {
            request.header("authorization", "Bearer " + token);
        }
        try {
            return read(http.send(request.build(), BodyHandlers.ofString()), path);
        } catch (IOException e) {
            log.debug("The service does not answer", e);
            throw new RemoteFailure(ExitStatus.UNREACHABLE, unreachable(e, limit), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RemoteFailure(ExitStatus.NOT_DONE, "Interrupted while waiting for " + address, e);
        }
    }

    private String unreachable(IOException cause, Duration limit) {
        String settings = " management.host and management.port of the settings, or --management URL, say where it is";
        if (cause instanceof HttpConnectTimeoutException) {
            return "Nothing answers at " + address + " within " + MAX_CONNECT.toSeconds()
                    + " s. Is it the right host, and does a firewall let this one through?" + settings;
        }
        if (cause instanceof HttpTimeoutException) {
            return "The service at " + address + " takes the request but does not answer within " + limit.toSeconds()
                    + " s: look at its log, and at GET /health/live";
        }
        if (cause instanceof ConnectException) {
            return "Nothing listens at " + address + ". Is the service running?" + settings;
        }
        if (cause instanceof SSLException) {
            return "No TLS with " + address + " (" + cause.getMessage()
                    + "). Its certificate must be for that host, and by an authority that Java trusts, or one in"
                    + " --ca-file FILE";
        }
        return "The service at " + address + " can't be asked: " + cause + "." + settings;
    }

    private Answer read(HttpResponse<String> response, String path) {
        JsonObject body = json(response.body());
        Answer answer = new Answer(response.statusCode(), body == null ? new JsonObject() : body);
        if (answer.status() == 401) {
            throw new RemoteFailure(
                    ExitStatus.NOT_ALLOWED,
                    (token == null
                                    ? "The service at " + address + " wants to know who calls: give a token of its"
                                            + " management port"
                                    : "The service at " + address + " does not know this token: give another")
                            + " by --token-file FILE or " + RemoteCommand.TOKENS_VARIABLE);
        }
        if (answer.status() == 403) {
            throw new RemoteFailure(
                    ExitStatus.NOT_ALLOWED, "The service at " + address + " refuses this: " + answer.reason());
        }
        // The public port answers so, this one never.
        boolean isProblem = response.headers()
                .firstValue("content-type")
                .filter(type -> type.startsWith("application/problem+json"))
                .isPresent();
        if (body == null || isProblem) {
            throw new RemoteFailure(
                    ExitStatus.UNREACHABLE,
                    "What answers at " + address + path + " (" + answer.status()
                            + ") is not the management port of a service of this version: is that its public port?");
        }
        return answer;
    }

    private static @Nullable JsonObject json(String body) {
        try {
            return new JsonObject(body);
        } catch (DecodeException e) {
            log.debug("The answer is not JSON", e);
            return null;
        }
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
