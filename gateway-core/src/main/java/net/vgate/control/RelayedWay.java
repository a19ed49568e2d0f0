package net.vgate.control;

import java.net.InetSocketAddress;
import java.util.Optional;
import net.vgate.dataplane.RelayAddress;
import net.vgate.record.Association;
import net.vgate.record.Association.Path;
import net.vgate.record.PeerIdentity;
import net.vgate.record.Role;
import net.vgate.tunnel.DatagramPort;

/**
 * A way to a gateway by a relay, which both ends have asked for.
 *
 * @param number by which {@link RelayAddress} names it
 * @param bytes of the largest datagram that passes all of it
 * @param direct where the relay sees the far gateway, and from which of our sockets that may be reached; empty when
 *     there is nothing to be tried
 */
record RelayedWay(PeerIdentity relay, int number, int bytes, Optional<Path> direct) {
    /** Where a call of ours goes. */
    InetSocketAddress calling() {
        return RelayAddress.of(number, true);
    }

    /** The way as a path of {@code association}. */
    Path pathOf(Association association) {
        return new Path(DatagramPort.RELAY, RelayAddress.of(number, association.role() == Role.CLIENT));
    }
}
