package net.vgate.stream;

import java.time.Duration;

/**
 * What strangers may take of a gateway's TCP port, and how much may wait on a stream.
 *
 * @param connections at most, of all kinds
 * @param unprovenPerSource connections of one address on which no peer has proved itself
 * @param establish how long a connection may take until it is a stream: TCP, proxy, TLS and HTTP together
 * @param unproven how long a stream may go without a peer that proves itself, see {@link StreamPath#prove}
 * @param idle how long a stream may go without a datagram from the peer
 * @param queuedDatagrams that wait to be sent; a power of two
 */
public record StreamLimits(
        int connections,
        int unprovenPerSource,
        Duration establish,
        Duration unproven,
        Duration idle,
        int queuedDatagrams) {
    /**
     * A quarter of a megabyte of full-sized records may wait, and two super-packets fit in at once. A reverse proxy is
     * one source for all who come through it, hence not fewer.
     */
    public static final StreamLimits DEFAULT =
            new StreamLimits(512, 32, Duration.ofSeconds(10), Duration.ofSeconds(15), Duration.ofSeconds(60), 256);
}
