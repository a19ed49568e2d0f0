package net.vgate.http;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which handler answers which path. */
public final class Routes {
    private final Map<String, Map<Method, Handler>> handlers = new TreeMap<>();

    private Routes() {}

    /** Answers nothing yet. */
    public static Routes none() {
        return new Routes();
    }

    /** These routes and one more, for reading. */
    public Routes get(String path, Handler handler) {
        return with(path, Method.GET, handler);
    }

    /** These routes and one more, for changing something. */
    public Routes post(String path, Handler handler) {
        return with(path, Method.POST, handler);
    }

    /** The methods that {@code path} knows; empty when there is no such path. */
    Set<Method> methods(String path) {
        return handlers.getOrDefault(path, Map.of()).keySet();
    }

    /** What answers {@code method} at {@code path}, or null when nothing does. */
    @Nullable
    Handler handler(String path, Method method) {
        return handlers.getOrDefault(path, Map.of()).get(method);
    }

    private Routes with(String path, Method method, Handler handler) {
        Routes routes = new Routes();
        handlers.forEach((known, byMethod) -> routes.handlers.put(known, new EnumMap<>(byMethod)));
        routes.handlers
                .computeIfAbsent(path, unknown -> new EnumMap<>(Method.class))
                .put(method, handler);
        return routes;
    }
}
