package net.vgate.control;

import net.vgate.handshake.Handshakes;
import net.vgate.observe.EventLog;
import net.vgate.record.Quiescence;
import net.vgate.tunnel.DatagramPort;

/**
 * What all tunnels work with.
 *
 * @param localAddress where we listen, as people write it
 */
public record TunnelEnvironment(
        Handshakes handshakes, Quiescence quiescence, DatagramPort port, EventLog log, String localAddress) {}
