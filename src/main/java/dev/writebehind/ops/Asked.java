package dev.writebehind.ops;

import dev.writebehind.condition.Event;
import dev.writebehind.condition.RecentEvents;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The note of what somebody asked the service to do: who, what, and what came of it. Safe for any thread. */
final class Asked {
    private static final Logger log = LoggerFactory.getLogger(Asked.class);
    private static final Pattern PROGRAM = Pattern.compile("[A-Za-z0-9._-]{1,40}");

    private final RecentEvents events;

    Asked(RecentEvents events) {
        this.events = events;
    }

    /**
     * Takes note of what changed.
     *
     * @param what a sentence
     */
    void note(HttpServerRequest request, String what) {
        note(Level.INFO, request, what);
    }

    /** Takes note of what scripts may ask for often, or what is logged elsewhere. */
    void mention(HttpServerRequest request, String what) {
        note(Level.DEBUG, request, what);
    }

    private void note(Level level, HttpServerRequest request, String what) {
        String text = what + " (asked for by " + who(request) + ")";
        log.atLevel(level).log("{}", text);
        events.add(Event.Kind.OPERATOR, text);
    }

    private static String who(HttpServerRequest request) {
        String address = request.remoteAddress().hostAddress();
        if (request.getHeader("sec-fetch-site") != null) {
            return "the dashboard at " + address;
        }
        Matcher program = PROGRAM.matcher(String.valueOf(request.getHeader(HttpHeaders.USER_AGENT)));
        return (program.lookingAt() ? program.group() : "somebody") + " at " + address;
    }
}
