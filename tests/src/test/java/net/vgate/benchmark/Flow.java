package net.vgate.benchmark;

import net.vgate.packet.IpAddress;

/** One direction of what two members have to say to each other. */
record Flow(IpAddress from, int fromPort, IpAddress to, int toPort) {
    Flow reverse() {
        return new Flow(to, toPort, from, fromPort);
    }

    /** The same ports, other addresses. */
    Flow between(IpAddress otherFrom, IpAddress otherTo) {
        return new Flow(otherFrom, fromPort, otherTo, toPort);
    }
}
