package net.vgate.http;

/** What may be asked. HEAD is answered as GET without the body. */
public enum Method {
    GET,
    POST
}
