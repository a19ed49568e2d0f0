package net.vgate.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which handler answers which path. A path may be a template: {@code {name}} stands for any one segment, which the
 * handler finds under that name in {@link Request#segments}. A path without such is preferred.
 */
public final class Routes {
    private final Map<String, Map<Method, Route>> handlers = new TreeMap<>();

    private record Route(@Nullable Operation operation, Handler handler) {}

    /** Is told of routes. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Of one.
         *
         * @param operation what it is for; null when nobody has said so
         */
        void visit(String path, Method method, @Nullable Operation operation);
    }

    private Routes() {}

    /** Answers nothing yet. */
    public static Routes none() {
        return new Routes();
    }

    /** These routes and one more, for reading, that is not described. */
    public Routes get(String path, Handler handler) {
        return with(path, Method.GET, new Route(null, handler));
    }

    /** These routes and one more, for changing something, that is not described. */
    public Routes post(String path, Handler handler) {
        return with(path, Method.POST, new Route(null, handler));
    }

    /** These routes and one more, for reading. */
    public Routes get(String path, Operation operation, Handler handler) {
        return with(path, Method.GET, new Route(operation, handler));
    }

    /** These routes and one more, for changing something. */
    public Routes post(String path, Operation operation, Handler handler) {
        return with(path, Method.POST, new Route(operation, handler));
    }

    /** Tells of every route, in the order of the paths. */
    public void forEach(Visitor visitor) {
        handlers.forEach((path, byMethod) ->
                byMethod.forEach((method, route) -> visitor.visit(path, method, route.operation())));
    }

    /** The path or the template that answers {@code path}; empty when there is none. */
    Optional<String> template(String path) {
        if (handlers.containsKey(path)) {
            return Optional.of(path);
        }
        return handlers.keySet().stream()
                .filter(template -> segments(template, path) != null)
                .findFirst();
    }

    /** The methods that a template knows. */
    Set<Method> methods(String template) {
        return handlers.getOrDefault(template, Map.of()).keySet();
    }

    /** What answers {@code method} at a template, or null when nothing does. */
    @Nullable
    Handler handler(String template, Method method) {
        Route route = handlers.getOrDefault(template, Map.of()).get(method);
        return route == null ? null : route.handler();
    }

    /**
     * What the names of {@code template} stand for in {@code path}, which it answers, without escapes.
     *
     * @throws IllegalArgumentException when there is a % that begins no escape (RFC 3986 section 2.1)
     */
    static Map<String, String> decoded(String template, String path) {
        Map<String, String> decoded = new LinkedHashMap<>();
        Map<String, String> raw = segments(template, path);
        if (raw != null) {
            // URLDecoder is for forms, where a plus is a space; in a path it is a plus.
            raw.forEach((name, segment) ->
                    decoded.put(name, URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8)));
        }
        return decoded;
    }

    /** Null when {@code template} does not answer {@code path}. */
    private static @Nullable Map<String, String> segments(String template, String path) {
        String[] names = template.split("/", -1);
        String[] words = path.split("/", -1);
        if (names.length != words.length) {
            return null;
        }
        Map<String, String> segments = new LinkedHashMap<>();
        for (int i = 0; i < names.length; i++) {
            boolean isName = names[i].startsWith("{");
            if (isName && !words[i].isEmpty()) {
                segments.put(names[i].substring(1, names[i].length() - 1), words[i]);
            } else if (!names[i].equals(words[i])) {
                return null;
            }
        }
        return segments;
    }

    private Routes with(String path, Method method, Route route) {
        Routes routes = new Routes();
        handlers.forEach((known, byMethod) -> routes.handlers.put(known, new EnumMap<>(byMethod)));
        routes.handlers
                .computeIfAbsent(path, unknown -> new EnumMap<>(Method.class))
                .put(method, route);
        return routes;
    }
}
