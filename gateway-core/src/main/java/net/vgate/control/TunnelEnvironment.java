package net.vgate.control;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.handshake.Handshakes;
import net.vgate.observe.EventLog;
import net.vgate.record.Association;
import net.vgate.record.Quiescence;
import net.vgate.record.SocketText;
import net.vgate.tunnel.DatagramPort;

/**
 * What all tunnels work with.
 *
 * @param forwarding what the data path goes by
 * @param workers how many there are, and so how many lanes a tunnel may have
 */
public record TunnelEnvironment(
        Handshakes handshakes,
        Quiescence quiescence,
        DatagramPort port,
        StreamCalls streams,
        Relays relays,
        NameLookups names,
        LongSupplier nanoClock,
        Supplier<ForwardingSnapshot> forwarding,
        EventLog log,
        OwnSockets sockets,
        int workers) {
    /** Where the datagrams of {@code association} go, for people. */
    String remoteOf(Association association) {
        return association.local() == DatagramPort.RELAY
                ? relays.text(association.remote())
                : streams.remoteOf(association);
    }

    /** A path that stands by, for people. */
    String text(Association.Path path) {
        return path.local() == DatagramPort.RELAY ? relays.text(path.remote()) : SocketText.of(path.remote());
    }
}
