package dev.writebehind.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request's query, percent-decoded; immutable. A plus sign stands for itself (RFC 3986) and not
 * for a space as in HTML forms: course keys are full of them, and a caller who pastes one means it.
 */
public final class QueryString {
    private final Map<String, List<String>> parameters;

    private QueryString(Map<String, List<String>> parameters) {
        this.parameters = parameters;
    }

    /** Returns a request's parameters, or throws {@link ProblemException}. */
    public static QueryString of(HttpServerRequest request) {
        return parse(request.query());
    }

    /** Reads the part of the URI behind the question mark; null: there is none. */
    static QueryString parse(@Nullable String query) {
        Map<String, List<String>> parameters = new HashMap<>();
        if (query != null) {
            for (String pair : query.split("&", -1)) {
                if (pair.isEmpty()) {
                    continue;
                }
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                parameters
                        .computeIfAbsent(decode(name), first -> new ArrayList<>())
                        .add(decode(value));
            }
        }
        return new QueryString(parameters);
    }

    /**
     * Returns the value of a parameter, or throws {@link ProblemException} where there are two; null: there is none.
     */
    public @Nullable String one(String name) {
        List<String> values = parameters.get(name);
        if (values != null && values.size() > 1) {
            throw new ProblemException(Problem.invalidParameter(name, "is given twice"));
        }
        return values == null ? null : values.get(0);
    }

    /** Returns the values of a parameter in their order; empty: there is none. */
    public List<String> all(String name) {
        return parameters.getOrDefault(name, List.of());
    }

    private static String decode(String text) {
        try {
            return PercentEncoding.decode(text);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    Problem.of(400, "Bad request", "the query is not percent-encoded correctly: " + e.getMessage()));
        }
    }
}
