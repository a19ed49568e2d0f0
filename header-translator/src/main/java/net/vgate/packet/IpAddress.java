package net.vgate.packet;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An IP address of either family, as 128 bits; IPv4 in its mapped form (RFC 4291 section 2.5.5.2), as
 * {@link InnerHeader} has it. For control and configuration: the path works on the two longs.
 */
public record IpAddress(long hi, long lo) implements Comparable<IpAddress> {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

    /** An IPv4 address from its 32 bits. */
    public static IpAddress ofIpv4(int bits) {
        return new IpAddress(InnerHeader.MAPPED_HI, InnerHeader.MAPPED_LO | (bits & 0xffff_ffffL));
    }

    /** The address of {@code address}. */
    public static IpAddress of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.remaining() == 4 ? ofIpv4(bytes.getInt(0)) : new IpAddress(bytes.getLong(0), bytes.getLong(8));
    }

    /**
     * The address that {@code text} writes, dotted or RFC 4291 form, no zone, no names; empty if it is none. Octets
     * with leading zeroes are refused, since some programs read them as octal.
     */
    public static Optional<IpAddress> parse(String text) {
        if (IPV4.matcher(text).matches()) {
            int bits = 0;
            for (String octet : text.split("\\.", -1)) {
                int value = Integer.parseInt(octet);
                if (value > 255 || (octet.length() > 1 && octet.startsWith("0"))) {
                    return Optional.empty();
                }
                bits = bits << 8 | value;
            }
            return Optional.of(ofIpv4(bits));
        }
        if (!IPV6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            InetAddress address = InetAddress.getByName(text);
            // A mapped address in IPv6 form comes back as IPv4: it is never what a person means here.
            return address.getAddress().length == 16 ? Optional.of(of(address)) : Optional.empty();
        } catch (UnknownHostException notAnAddress) {
            return Optional.empty();
        }
    }

    /** Whether the address is an IPv4 one. */
    public boolean isIpv4() {
        return InnerHeader.isIpv4(hi, lo);
    }

    /** The 32 bits of an IPv4 address. */
    public int ipv4Bits() {
        return (int) lo;
    }

    /** 32 or 128. */
    public int bits() {
        return isIpv4() ? 32 : 128;
    }

    /** The address as the JDK has it. */
    public InetAddress toInetAddress() {
        byte[] bytes = isIpv4()
                ? ByteBuffer.allocate(4).putInt(ipv4Bits()).array()
                : ByteBuffer.allocate(16).putLong(hi).putLong(lo).array();
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address of 4 or 16 bytes was refused", impossible);
        }
    }

    @Override
    public int compareTo(IpAddress other) {
        int high = Long.compareUnsigned(hi, other.hi);
        return high != 0 ? high : Long.compareUnsigned(lo, other.lo);
    }

    /** Dotted form, or RFC 5952. */
    @Override
    public String toString() {
        return isIpv4() ? toInetAddress().getHostAddress() : Ipv6Text.format(hi, lo);
    }
}
