package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writebehind.contract.OpenApiDocument;
import dev.writebehind.http.PublicServer;
import dev.writebehind.ops.ManagementServer;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.Tokens;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.lang.reflect.Field;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The documents name what the running routers serve: all of it, and nothing else. */
class RoutesIT {
    private static final String TOKEN = "a-token-of-the-test";
    private static final Map<String, String> EXAMPLES = Map.of("{user_id}", "42", "{file}", "start.js");

    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.after(database -> {
        OpenedxTables.createUsers(database, 1);
        OpenedxTables.createEnrolments(database);
        return Tokens.openedx("auth.tokens=" + TOKEN);
    });

    private final RunningService service = suite.service();

    @Test
    void publicPort_pathsOfTheRouter_areThoseOfTheDocument() throws Exception {
        Set<String> served = router(service.service(), PublicServer.class).stream()
                .filter(route -> route.getPath() != null)
                .map(RoutesIT::template)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(served)
                .isEqualTo(new TreeSet<>(
                        OpenApiDocument.load("openapi.yaml").paths().keySet()));
    }

    @Test
    void publicPort_methodsOfEachPath_areThoseOfTheDocument() {
        OpenApiDocument.load("openapi.yaml").paths().forEach((path, item) -> {
            for (String method : OpenApiDocument.METHODS) {
                int status = ask(method, path).statusCode();
                if (item.has(method)) {
                    assertThat(status).as(method + " " + path).isNotIn(404, 405, 500);
                } else {
                    assertThat(status).as(method + " " + path).isEqualTo(405);
                }
            }
        });
    }

    private HttpResponse<String> ask(String method, String path) {
        String example = path;
        for (Map.Entry<String, String> parameter : EXAMPLES.entrySet()) {
            example = example.replace(parameter.getKey(), parameter.getValue());
        }
        return service.send(HttpRequest.newBuilder(service.uri(example))
                .header("authorization", "Bearer " + TOKEN)
                .method(method.toUpperCase(Locale.ROOT), BodyPublishers.noBody()));
    }

    @Test
    void managementPort_routesOfTheRouter_areThoseOfTheDocument() throws Exception {
        Collection<Route> routes = router(service.service(), ManagementServer.class);
        Set<String> served = new TreeSet<>();
        for (Route route : routes) {
            for (HttpMethod method : route.methods() == null ? List.<HttpMethod>of() : route.methods()) {
                served.add(method.name().toLowerCase(Locale.ROOT) + " " + template(route));
            }
        }
        Map<String, JsonNode> documented =
                OpenApiDocument.load("openapi-management.yaml").paths();
        Set<String> operations = new TreeSet<>();
        documented.forEach((path, item) -> OpenApiDocument.METHODS.stream()
                .filter(item::has)
                .forEach(method -> operations.add(method + " " + path)));

        assertThat(served).isEqualTo(operations);
        assertThat(routes.stream()
                        .filter(route -> route.getPath() != null)
                        .map(RoutesIT::template)
                        .collect(Collectors.toSet()))
                .isEqualTo(documented.keySet());
    }

    private static String template(Route route) {
        return route.getPath().replaceAll(":(\\w+)", "{$1}");
    }

    /** Returns the routes that the server of that kind was started with. */
    private static Collection<Route> router(Service service, Class<?> kind) throws ReflectiveOperationException {
        Object server = null;
        for (Field field : Service.class.getDeclaredFields()) {
            field.setAccessible(true);
            Object value = field.get(service);
            if (value instanceof List<?> several && !several.isEmpty()) {
                value = several.get(0);
            }
            server = kind.isInstance(value) ? value : server;
        }
        Field http = kind.getDeclaredField("server");
        http.setAccessible(true);
        return ((Router) ((HttpServer) http.get(server)).requestHandler()).getRoutes();
    }
}
