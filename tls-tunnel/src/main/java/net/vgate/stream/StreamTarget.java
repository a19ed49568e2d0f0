package net.vgate.stream;

import java.util.Optional;

/**
 * Where a stream is to lead.
 *
 * @param host name or address of the peer's gateway, or of the reverse proxy in front of it; a name is resolved by
 *     {@code proxy} if there is one
 */
public record StreamTarget(String host, int port, Optional<HttpProxy> proxy) {
    /** {@code HOST:PORT}, an IPv6 address in brackets. */
    static String text(String host, int port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** {@code HOST:PORT}, as in an HTTP request. */
    String authority() {
        return text(host, port);
    }

    @Override
    public String toString() {
        return authority() + proxy.map(one -> " through " + one).orElse("");
    }
}
