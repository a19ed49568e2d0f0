package net.vgate.packet;

import java.util.Optional;
import java.util.regex.Pattern;

/** An Ethernet address, 48 bits. For control and configuration: the path works on the long. */
public record MacAddress(long bits) {
    /** All stations. */
    public static final long BROADCAST = 0xffff_ffff_ffffL;

    /** All nodes of IPv6's multicast, RFC 2464 section 7. */
    public static final long ALL_NODES = 0x3333_0000_0001L;

    private static final Pattern FORM = Pattern.compile("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}");
    private static final long GROUP = 0x0100_0000_0000L;

    /** Locally administered, then "vg". */
    private static final long OF_GATEWAYS = 0x0276_6700_0000L;

    /** The one that every gateway of the V-net {@code vni} has, unless told otherwise. */
    public static MacAddress ofVnet(int vni) {
        return new MacAddress(OF_GATEWAYS | vni);
    }

    /** The address that {@code text} writes, six octets with colons or hyphens; empty if it is none. */
    public static Optional<MacAddress> parse(String text) {
        return FORM.matcher(text).matches()
                ? Optional.of(new MacAddress(Long.parseLong(text.replaceAll("[:-]", ""), 16)))
                : Optional.empty();
    }

    /** Whether it is one station's: no group's, and not zero. */
    public static boolean isUnicast(long bits) {
        return bits != 0 && (bits & GROUP) == 0;
    }

    /** Where the solicited-node multicast of an IPv6 address goes: RFC 4291 section 2.7.1, RFC 2464 section 7. */
    public static long solicitedNode(long addressLo) {
        return 0x3333_ff00_0000L | (addressLo & 0xff_ffffL);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int shift = 40; shift >= 0; shift -= 8) {
            int octet = (int) (bits >>> shift) & 0xff;
            text.append(Character.forDigit(octet >>> 4, 16))
                    .append(Character.forDigit(octet & 0xf, 16))
                    .append(shift == 0 ? "" : ":");
        }
        return text.toString();
    }
}
