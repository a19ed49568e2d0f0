package net.vgate.stream;

/** Why no stream came about; {@code detail} is for people. */
public record StreamFailure(Reason reason, String detail) {
    /** How far it came. */
    public enum Reason {
        /** There is no such name, no route, or nobody listens. */
        UNREACHABLE,
        /** The HTTP proxy refused, or its credentials cannot be read. */
        PROXY,
        /** TLS failed. */
        TLS,
        /** A vgate certificate was presented, and it is not the peer's or not valid. */
        CERTIFICATE,
        /** The server speaks HTTPS, and has no gateway behind that path. */
        REFUSED,
        /** It took too long. */
        TIMEOUT,
        /** The connection ended before its time. */
        CLOSED,
        /** The gateway is stopping. */
        STOPPED
    }
}
