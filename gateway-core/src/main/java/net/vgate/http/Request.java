package net.vgate.http;

/**
 * A whole request.
 *
 * @param path of the target, as sent, without the query
 * @param query what follows the question mark; empty when there is none
 * @param body decoded as UTF-8; empty when there is none
 */
public record Request(Method method, String path, String query, String body) {}
