package net.vgate.http;

import java.util.Map;

/**
 * A whole request.
 *
 * @param path of the target, as sent, without the query
 * @param segments what the names of the route's template stand for, without escapes; no longer than a request line
 * @param query what follows the question mark; empty when there is none
 * @param body decoded as UTF-8; empty when there is none
 */
public record Request(Method method, String path, Map<String, String> segments, String query, String body) {
    public Request {
        segments = Map.copyOf(segments);
    }

    /** What stands in the path for a name of the route's template. */
    public String segment(String name) {
        String segment = segments.get(name);
        if (segment == null) {
            throw new IllegalArgumentException("no {" + name + "} in the template that answers " + path);
        }
        return segment;
    }
}
