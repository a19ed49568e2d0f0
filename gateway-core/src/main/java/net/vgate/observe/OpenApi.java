package net.vgate.observe;

import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.vgate.http.Method;
import net.vgate.http.Operation;
import net.vgate.http.Routes;
import org.jspecify.annotations.Nullable;

/**
 * The description of a server's routes by OpenAPI 3.1: paths are the routes' own, and schemas are read off the records
 * that are written as JSON, so that neither can be other than what is served.
 */
final class OpenApi {
    private static final Pattern NAME = Pattern.compile("\\{(\\w+)}");

    private final Map<String, Object> schemas = new TreeMap<>();

    private OpenApi() {}

    /**
     * The document, to be written as JSON.
     *
     * @throws IllegalArgumentException when a route says not what it is for
     */
    static Map<String, Object> of(Routes routes, String version) {
        OpenApi openApi = new OpenApi();
        Map<String, Map<String, Object>> paths = new TreeMap<>();
        routes.forEach((path, method, operation) -> {
            if (operation == null) {
                throw new IllegalArgumentException(method + " " + path + " is not described");
            }
            paths.computeIfAbsent(path, unknown -> new TreeMap<>())
                    .put(method.name().toLowerCase(Locale.ROOT), openApi.operation(path, method, operation));
        });
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        document.put(
                "info",
                Map.of(
                        "title",
                        "vgate admin socket",
                        "version",
                        version,
                        "description",
                        "HTTP/1.1 on the Unix socket that control.socket of the configuration names."
                                + " Newer gateways may add properties."));
        document.put("paths", paths);
        document.put("components", Map.of("schemas", openApi.schemas));
        return document;
    }

    private Map<String, Object> operation(String path, Method method, Operation operation) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("operationId", method.name().toLowerCase(Locale.ROOT) + path.replaceAll("\\W+", "_"));
        described.put("summary", operation.summary());
        List<Object> parameters = new ArrayList<>();
        Matcher names = NAME.matcher(path);
        while (names.find()) {
            parameters.add(parameter(names.group(1), "path", true, "The name of a " + names.group(1) + "."));
        }
        operation.query().forEach(one -> parameters.add(parameter(one.name(), "query", one.isRequired(), one.text())));
        if (!parameters.isEmpty()) {
            described.put("parameters", parameters);
        }
        Class<?> body = operation.body();
        if (body != null) {
            described.put("requestBody", Map.of("required", true, "content", json(record(body, false))));
        }
        Map<String, Object> responses = new LinkedHashMap<>();
        for (Operation.Answer answer : operation.answers()) {
            Class<?> report = answer.report();
            responses.put(
                    String.valueOf(answer.status()),
                    Map.of(
                            "description",
                            answer.text(),
                            "content",
                            report == null ? text(answer.contentType()) : json(record(report, true))));
        }
        responses.put(
                "default",
                Map.of("description", "It is refused, or failed; why is in one line.", "content", text("text/plain")));
        described.put("responses", responses);
        return described;
    }

    private static Map<String, Object> parameter(String name, String in, boolean isRequired, String text) {
        Map<String, Object> parameter = new LinkedHashMap<>();
        parameter.put("name", name);
        parameter.put("in", in);
        parameter.put("required", isRequired);
        parameter.put("description", text);
        parameter.put("schema", Map.of("type", "string"));
        return parameter;
    }

    private static Map<String, Object> json(Object schema) {
        return Map.of("application/json", Map.of("schema", schema));
    }

    private static Map<String, Object> text(String contentType) {
        return Map.of(contentType.replaceFirst(";.*", ""), Map.of("schema", Map.of("type", "string")));
    }

    /**
     * The reference to a record's schema.
     *
     * @param isWritten whether we write it, with every property; else others do, and may leave out what may be null
     */
    private Map<String, Object> record(Class<?> type, boolean isWritten) {
        Class<?> outer = type.getEnclosingClass();
        String name = (outer == null ? "" : outer.getSimpleName() + ".") + type.getSimpleName();
        if (schemas.putIfAbsent(name, Map.of()) == null) {
            Map<String, Object> properties = new LinkedHashMap<>();
            List<String> required = new ArrayList<>();
            for (RecordComponent component : type.getRecordComponents()) {
                AnnotatedType of = component.getAnnotatedType();
                properties.put(component.getName(), schema(of, isWritten));
                if (isWritten || !of.isAnnotationPresent(Nullable.class)) {
                    required.add(component.getName());
                }
            }
            Map<String, Object> schema = new LinkedHashMap<>();
            schema.put("type", "object");
            schema.put("properties", properties);
            schema.put("required", required);
            schemas.put(name, schema);
        }
        return Map.of("$ref", "#/components/schemas/" + name);
    }

    private Map<String, Object> schema(AnnotatedType annotated, boolean isWritten) {
        Map<String, Object> schema = notNull(annotated, isWritten);
        return annotated.isAnnotationPresent(Nullable.class)
                ? Map.of("anyOf", List.of(schema, Map.of("type", "null")))
                : schema;
    }

    private Map<String, Object> notNull(AnnotatedType annotated, boolean isWritten) {
        Type type = annotated.getType();
        if (annotated instanceof AnnotatedParameterizedType list
                && type instanceof ParameterizedType of
                && of.getRawType() == List.class) {
            return Map.of("type", "array", "items", schema(list.getAnnotatedActualTypeArguments()[0], isWritten));
        }
        if (type == Instant.class) {
            return Map.of("type", "string", "format", "date-time");
        }
        if (type == String.class) {
            return Map.of("type", "string");
        }
        if (type == boolean.class || type == Boolean.class) {
            return Map.of("type", "boolean");
        }
        if (type == int.class || type == Integer.class) {
            return Map.of("type", "integer", "format", "int32");
        }
        if (type == long.class || type == Long.class) {
            return Map.of("type", "integer", "format", "int64");
        }
        if (type == double.class || type == Double.class) {
            return Map.of("type", "number", "format", "double");
        }
        if (type instanceof Class<?> named && named.isRecord()) {
            return record(named, isWritten);
        }
        if (type instanceof Class<?> named && named.isEnum()) {
            return Map.of(
                    "type",
                    "string",
                    "enum",
                    Stream.of(named.getEnumConstants()).map(Object::toString).toList());
        }
        throw new IllegalArgumentException("no schema for " + type + "; OpenApi is to learn it");
    }
}
