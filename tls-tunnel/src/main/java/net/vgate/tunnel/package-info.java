/**
 * Tunnels between gateways: life cycle, paths, control messages. Sans I/O: datagrams, clock and randomness are passed
 * in.
 */
@NullMarked
package net.vgate.tunnel;

import org.jspecify.annotations.NullMarked;
