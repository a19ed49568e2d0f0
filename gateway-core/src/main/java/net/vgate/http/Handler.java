package net.vgate.http;

/** Answers requests, one at a time, on the server's handler thread; it may take its time there. */
@FunctionalInterface
public interface Handler {
    Response handle(Request request);
}
