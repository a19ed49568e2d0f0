package net.vgate.control;

import net.vgate.handshake.Handshakes;
import net.vgate.observe.EventLog;
import net.vgate.record.Quiescence;
import net.vgate.tunnel.DatagramPort;

/**
 * What all tunnels work with.
 *
 * @param localAddress where we listen, as people write it
 * @param workers how many there are, and so how many lanes a tunnel may have
 */
public record TunnelEnvironment(
        Handshakes handshakes,
        Quiescence quiescence,
        DatagramPort port,
        EventLog log,
        String localAddress,
        int workers) {}
