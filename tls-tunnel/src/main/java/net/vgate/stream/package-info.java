/**
 * The TCP rung: the datagrams of tunnels inside HTTPS, where UDP does not pass. A connection is TLS 1.3, then HTTP/1.1
 * Upgrade to {@code connect-udp} (RFC 9298), then capsules (RFC 9297), one for each datagram.
 *
 * <p>TLS is carriage here: what passes the proxies on the way. Who the peer is, keys, replay and grants are those of
 * the DTLS records inside, as over UDP; so a proxy that ends the TLS may do so.
 *
 * <p><b>Threading.</b> One event loop, see {@link net.vgate.stream.StreamLoop}. Nothing in this package is loaded
 * unless TCP is configured.
 */
@NullMarked
package net.vgate.stream;

import org.jspecify.annotations.NullMarked;
