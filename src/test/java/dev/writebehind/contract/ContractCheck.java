package dev.writebehind.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.writebehind.contract.Exchange.Answer;
import dev.writebehind.contract.Exchange.Request;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The check that a request that was taken, and any answer, is as a document of the contract says. Parameters and fields
 * of a request that the document does not name are ignored, as by the service. Of very long lists the beginning is
 * looked at. Safe for any thread.
 */
final class ContractCheck {
    /** Of an answer to a request that was read whole and found right, whatever became of it. */
    private static final Set<Integer> RIGHT = Set.of(200, 202, 304, 422, 504);

    /** What HTTP itself needs. */
    private static final Set<String> HEADERS_OF_HTTP =
            Set.of("content-type", "content-length", "connection", "transfer-encoding");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_ITEMS = 500;

    private final OpenApiDocument document;

    ContractCheck(OpenApiDocument document) {
        this.document = document;
    }

    /** Returns what is not as the document says. */
    List<String> faults(Exchange exchange) {
        List<String> faults = new ArrayList<>();
        Request request = exchange.request();
        Optional<OpenApiDocument.Found> found = request == null ? Optional.empty() : document.find(request.path());
        JsonNode item =
                found.map(OpenApiDocument.Found::item).orElse(document.root().path("no path"));
        JsonNode operation = request == null ? item.path("no method") : operation(item, request.method());
        checkAnswer(answers(item, operation), exchange, faults);
        if (!operation.isMissingNode() && RIGHT.contains(exchange.answer().status())) {
            checkParameters(found.orElseThrow(), operation, request, faults);
            checkBody(operation.path("requestBody"), request, faults);
        }
        if (exchange.answer().status() == 405) {
            checkAllow(item, exchange, faults);
        }
        return faults.stream().map(fault -> exchange + ": " + fault).toList();
    }

    /** Letter case tells methods apart: another one has {@code post} as well. */
    private static JsonNode operation(JsonNode item, String method) {
        String name = method.toLowerCase(Locale.ROOT);
        return item.path(OpenApiDocument.METHODS.contains(name) && !method.equals(name) ? name : "no method");
    }

    private JsonNode answers(JsonNode item, JsonNode operation) {
        if (!operation.isMissingNode()) {
            return operation.path("responses");
        }
        JsonNode otherMethods = item.path("x-other-methods");
        return otherMethods.isMissingNode() ? document.root().path("x-any-request") : otherMethods;
    }

    private void checkAnswer(JsonNode answers, Exchange exchange, List<String> faults) {
        Answer answer = exchange.answer();
        JsonNode said = document.resolve(answers.path(String.valueOf(answer.status())));
        if (said.isMissingNode()) {
            faults.add("the status is not documented");
            return;
        }
        checkHeaders(said.path("headers"), answer, faults);
        String type = answer.headers().get(HttpHeaderNames.CONTENT_TYPE);
        JsonNode content = said.path("content");
        boolean isHead =
                exchange.request() != null && exchange.request().method().equals("HEAD");
        if (type == null) {
            if (!content.isMissingNode()) {
                faults.add("the answer has no content type");
            }
        } else if (!content.has(mediaType(type))) {
            faults.add("the content type is not documented: " + type);
        } else if (!isHead && answer.body() != null) {
            checkContent(content.path(mediaType(type)), type, answer.body(), "the answer", faults);
        }
    }

    private void checkHeaders(JsonNode documented, Answer answer, List<String> faults) {
        documented.fields().forEachRemaining(header -> {
            JsonNode said = document.resolve(header.getValue());
            String value = answer.headers().get(header.getKey());
            if (value != null) {
                checkText(said.path("schema"), value, header.getKey(), faults);
            } else if (said.path("required").asBoolean()) {
                faults.add("the answer has no " + header.getKey());
            }
        });
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        documented.fieldNames().forEachRemaining(names::add);
        for (String name : answer.headers().names()) {
            if (!names.contains(name) && !HEADERS_OF_HTTP.contains(name.toLowerCase(Locale.ROOT))) {
                faults.add("the header is not documented: " + name);
            }
        }
    }

    private void checkAllow(JsonNode item, Exchange exchange, List<String> faults) {
        String allow = exchange.answer().headers().get(HttpHeaderNames.ALLOW, "");
        for (String method : allow.split(", ", -1)) {
            if (!item.has(method.toLowerCase(Locale.ROOT))) {
                faults.add("Allow names what is not documented: " + method);
            }
        }
    }

    private void checkParameters(
            OpenApiDocument.Found found, JsonNode operation, Request request, List<String> faults) {
        Map<String, List<String>> query = Query.parse(request.query());
        for (JsonNode parameters : List.of(found.item().path("parameters"), operation.path("parameters"))) {
            for (JsonNode reference : parameters) {
                JsonNode parameter = document.resolve(reference);
                String name = parameter.path("name").textValue();
                if (parameter.path("in").textValue().equals("path")) {
                    checkText(parameter.path("schema"), found.parameters().get(name), name, faults);
                } else if (parameter.path("in").textValue().equals("query")) {
                    checkQuery(parameter, query.getOrDefault(name, List.of()), faults);
                }
            }
        }
    }

    private void checkQuery(JsonNode parameter, List<String> values, List<String> faults) {
        String name = parameter.path("name").textValue();
        JsonNode schema = parameter.path("schema");
        if (schema.path("type").asText().equals("array")) {
            values.forEach(value -> checkText(schema.path("items"), value, name, faults));
        } else if (values.isEmpty()) {
            if (parameter.path("required").asBoolean()) {
                faults.add("a request without " + name + " was taken");
            }
        } else {
            checkText(schema, values.get(0), name, faults);
        }
    }

    private void checkBody(JsonNode documented, Request request, List<String> faults) {
        if (documented.isMissingNode() || request.body() == null) {
            return;
        }
        String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE);
        if (request.body().length() == 0) {
            if (documented.path("required").asBoolean()) {
                faults.add("a request without a body was taken");
            }
        } else if (type == null || !documented.path("content").has(mediaType(type))) {
            faults.add("a request of that type was taken: " + type);
        } else {
            checkContent(documented.path("content").path(mediaType(type)), type, request.body(), "the request", faults);
        }
    }

    private void checkContent(JsonNode media, String type, Buffer body, String what, List<String> faults) {
        String text = body.toString(charset(type));
        try {
            if (media.has("x-line-schema")) {
                for (String line : text.lines()
                        .filter(some -> !some.isBlank())
                        .limit(MAX_ITEMS)
                        .toList()) {
                    add(media.path("x-line-schema"), JSON.readTree(line), what, faults);
                }
            } else if (mediaType(type).endsWith("json")) {
                add(media.path("schema"), beginning(JSON.readTree(text)), what, faults);
            } else if (mediaType(type).endsWith("form-urlencoded")) {
                add(media.path("schema"), form(text), what, faults);
            } else if (!mediaType(type).startsWith("image/")) {
                add(media.path("schema"), TextNode.valueOf(text), what, faults);
            }
        } catch (JsonProcessingException e) {
            faults.add(what + " is no JSON: " + e.getOriginalMessage());
        }
    }

    private void add(JsonNode schema, JsonNode value, String what, List<String> faults) {
        document.faults(schema, value).forEach(fault -> faults.add(what + ": " + fault));
    }

    private void checkText(JsonNode schema, String value, String name, List<String> faults) {
        boolean isNumber =
                document.resolve(schema).path("type").asText().equals("integer") && value.matches("\\d{1,18}");
        JsonNode node = isNumber ? JsonNodeFactory.instance.numberNode(Long.parseLong(value)) : TextNode.valueOf(value);
        add(schema, node, name, faults);
    }

    private static JsonNode beginning(JsonNode value) {
        if (!value.isArray() || value.size() <= MAX_ITEMS) {
            return value;
        }
        ArrayNode beginning = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < MAX_ITEMS; i++) {
            beginning.add(value.get(i));
        }
        return beginning;
    }

    private static JsonNode form(String text) {
        return JSON.valueToTree(Query.parse(text.replace("+", "%20")).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, field -> field.getValue().get(0))));
    }

    private static String mediaType(String contentType) {
        return contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    private static Charset charset(String contentType) {
        return Arrays.stream(contentType.split(";", -1))
                .map(String::strip)
                .filter(parameter -> parameter.toLowerCase(Locale.ROOT).startsWith("charset="))
                .map(parameter -> parameter.substring("charset=".length()).replace("\"", ""))
                .filter(ContractCheck::isCharset)
                .map(Charset::forName)
                .findFirst()
                .orElse(StandardCharsets.UTF_8);
    }

    private static boolean isCharset(String name) {
        try {
            return Charset.isSupported(name);
        } catch (IllegalArgumentException e) {
            return false; // an answer of its own is what the service gives
        }
    }
}
