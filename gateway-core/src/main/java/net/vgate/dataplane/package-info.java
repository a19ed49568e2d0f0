/**
 * The path of a packet: outbound, inbound, and the worker that runs both. Nothing in here blocks, locks, logs or
 * allocates, but for the self-test, which runs before there are packets.
 */
@NullMarked
package net.vgate.dataplane;

import org.jspecify.annotations.NullMarked;
