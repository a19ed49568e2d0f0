package net.vgate.forwarding;

import net.vgate.packet.InnerHeader;

/**
 * Which addresses mean the same thing at every site. Only they may be source or destination of a packet that leaves an
 * L3 V-net's segment; a packet with any other is dropped as {@link net.vgate.packet.DropReason#SCOPE}.
 */
public final class AddressScope {
    private AddressScope() {}

    /**
     * Whether packets with this address may cross. Refused are, by RFC 6890 and RFC 4291: "this network", loopback,
     * link-local, multicast, reserved and limited broadcast in IPv4; unspecified, loopback, IPv4-compatible, mapped,
     * link-local and multicast in IPv6.
     */
    public static boolean crosses(long hi, long lo) {
        if (InnerHeader.isIpv4(hi, lo)) {
            return ipv4Crosses((int) lo);
        }
        if (hi == 0) {
            // ::, ::1 and ::a.b.c.d (RFC 4291 section 2.5.5.1, deprecated) are all in here, and nothing else in use is.
            return lo >>> 32 != 0;
        }
        int first = (int) (hi >>> 48);
        boolean multicast = first >>> 8 == 0xff;
        boolean linkLocal = (first & 0xffc0) == 0xfe80;
        return !multicast && !linkLocal;
    }

    private static boolean ipv4Crosses(int address) {
        int first = address >>> 24;
        boolean linkLocal = address >>> 16 == 0xa9fe;
        return first != 0 && first != 127 && first < 224 && !linkLocal;
    }
}
