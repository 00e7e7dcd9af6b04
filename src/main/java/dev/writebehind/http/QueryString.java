package dev.writebehind.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request's query, percent-decoded; immutable. A plus sign stands for itself (RFC 3986) and not
 * for a space as in HTML forms: course keys are full of them, and a caller who pastes one means it.
 */
public final class QueryString {
    private static final QueryString NONE = new QueryString(List.of());

    private final List<Parameter> parameters;

    private QueryString(List<Parameter> parameters) {
        this.parameters = parameters;
    }

    private record Parameter(String name, String value) {}

    /** Returns a request's parameters, or throws {@link ProblemException}. */
    public static QueryString of(HttpServerRequest request) {
        return parse(request.query());
    }

    /** Reads the part of the URI behind the question mark; null: there is none. */
    static QueryString parse(@Nullable String query) {
        if (query == null) {
            return NONE;
        }
        List<Parameter> parameters = new ArrayList<>(2);
        int end;
        for (int from = 0; from < query.length(); from = end + 1) {
            int ampersand = query.indexOf('&', from);
            end = ampersand < 0 ? query.length() : ampersand;
            if (end > from) {
                int equals = query.indexOf('=', from);
                boolean hasValue = equals >= 0 && equals < end;
                parameters.add(new Parameter(
                        decode(query.substring(from, hasValue ? equals : end)),
                        hasValue ? decode(query.substring(equals + 1, end)) : ""));
            }
        }
        return new QueryString(parameters);
    }

    /**
     * Returns the value of a parameter, or throws {@link ProblemException} where there are two; null: there is none.
     */
    public @Nullable String one(String name) {
        String found = null;
        for (Parameter parameter : parameters) {
            if (parameter.name().equals(name)) {
                if (found != null) {
                    throw new ProblemException(Problem.invalidParameter(name, "is given twice"));
                }
                found = parameter.value();
            }
        }
        return found;
    }

    /** Returns the values of a parameter in their order; empty: there is none. */
    public List<String> all(String name) {
        List<String> values = new ArrayList<>();
        for (Parameter parameter : parameters) {
            if (parameter.name().equals(name)) {
                values.add(parameter.value());
            }
        }
        return values;
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
