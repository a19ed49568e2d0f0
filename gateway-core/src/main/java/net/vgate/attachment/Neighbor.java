package net.vgate.attachment;

import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import org.jspecify.annotations.Nullable;

/**
 * A neighbor on a link of Ethernet, at one moment.
 *
 * @param mac null while it is asked for
 * @param locator of the switch behind which it is; null while it is asked for, and where the link has none
 * @param ageNanos since its station was confirmed; while it is asked for, since that began
 */
public record Neighbor(
        IpAddress address,
        @Nullable MacAddress mac,
        @Nullable IpAddress locator,
        NeighborState state,
        long ageNanos) {}
