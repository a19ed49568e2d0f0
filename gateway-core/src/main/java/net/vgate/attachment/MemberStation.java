package net.vgate.attachment;

import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where on its V-net's link of Ethernet a member has to be.
 *
 * @param mac null is any station
 * @param locator of the switch behind which it is; null is behind any
 */
public record MemberStation(
        @Nullable MacAddress mac, @Nullable IpAddress locator) {
    /** Wherever it is heard from. */
    public static final MemberStation ANY = new MemberStation(null, null);

    /** Whether nothing is written. */
    public boolean isAny() {
        return mac == null && locator == null;
    }
}
