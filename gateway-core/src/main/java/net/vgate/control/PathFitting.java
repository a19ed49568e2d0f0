package net.vgate.control;

import java.net.Inet6Address;
import net.vgate.encap.ChecksumOption;
import net.vgate.encap.Geneve;
import net.vgate.packet.Ipv4Header;
import net.vgate.packet.Ipv6Header;
import net.vgate.packet.UdpHeader;
import net.vgate.record.Association;
import net.vgate.record.RecordFormat;
import net.vgate.stream.StreamPath;
import net.vgate.tunnel.DatagramPort;

/** What the packets of an association have to fit, by what carries its records. */
final class PathFitting {
    private PathFitting() {}

    /**
     * Fits {@code association} to the path that it takes.
     *
     * @param bytes of the largest outer packet, if that is the network's; by a stream or a relay it does not matter
     */
    static void fit(Association association, int bytes, PeerWays ways) {
        switch (association.local()) {
            case DatagramPort.RELAY -> refit(association, ways);
            // TCP cuts a stream as it has to.
            case DatagramPort.STREAM -> association.fit(StreamPath.MAX_DATAGRAM_BYTES - around(association));
            default -> {
                int inside =
                        Math.min(withoutOptions(association, bytes), RecordFormat.MAX_PLAINTEXT_BYTES - Geneve.BYTES);
                association.fit(inside - ChecksumOption.BYTES);
            }
        }
    }

    /** The ways by relays have changed: by these there is what both tunnels of each have found to pass. */
    static void refit(Association association, PeerWays ways) {
        ways.wayOf(association.path())
                .ifPresent(way -> association.fit(Math.max(0, way.bytes() - around(association))));
    }

    private static int around(Association association) {
        return association.overheadBytes() + Geneve.BYTES + ChecksumOption.BYTES;
    }

    /** What is left in an outer packet of {@code pathMtu} bytes for an inner one, Geneve's options left out. */
    static int withoutOptions(Association association, int pathMtu) {
        boolean isIpv6 = association.remote().getAddress() instanceof Inet6Address;
        int ip = isIpv6 ? Ipv6Header.BYTES : Ipv4Header.BYTES;
        return pathMtu - ip - UdpHeader.BYTES - association.overheadBytes() - Geneve.BYTES;
    }
}
