package net.vgate.http;

import java.nio.charset.StandardCharsets;

/** What is answered. */
public final class Response {
    private final int status;
    private final String contentType;
    private final byte[] body;

    private Response(int status, String contentType, byte[] body) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
    }

    /** Takes over {@code body}. */
    public static Response of(int status, String contentType, byte[] body) {
        return new Response(status, contentType, body);
    }

    /** Plain text. */
    public static Response text(int status, String body) {
        return of(status, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
    }

    /** JSON. */
    public static Response json(int status, String body) {
        return of(status, "application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    /** A page that loads nothing from elsewhere. */
    public static Response html(int status, String body) {
        return of(status, "text/html; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
    }

    public int status() {
        return status;
    }

    public String contentType() {
        return contentType;
    }

    /** Not a copy. */
    byte[] body() {
        return body;
    }

    /** The body, decoded as UTF-8. */
    public String bodyText() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
