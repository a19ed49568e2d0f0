package net.vgate.packet;

import java.util.Optional;

/**
 * An address prefix, RFC 4632 or RFC 4291 section 2.3. {@code length} counts in the address's own family: 0 to 32 or 0
 * to 128. Bits after the prefix are zero.
 */
public record Prefix(IpAddress network, int length) {
    public Prefix {
        if (!network.equals(mask(network, length))) {
            throw new IllegalArgumentException(network + "/" + length + " has bits after its prefix");
        }
    }

    /** The prefix of {@code length} bits that {@code address} is in. */
    public static Prefix around(IpAddress address, int length) {
        return new Prefix(mask(address, length), length);
    }

    /** The prefix that {@code text} writes; an address alone is a prefix of its full length. Empty if it is none. */
    public static Optional<Prefix> parse(String text) {
        int slash = text.indexOf('/');
        Optional<IpAddress> address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        if (slash < 0) {
            return address.map(a -> new Prefix(a, a.bits()));
        }
        String length = text.substring(slash + 1);
        if (!length.matches("0|[1-9]\\d{0,2}")) {
            return Optional.empty();
        }
        int bits = Integer.parseInt(length);
        return address.filter(a -> bits <= a.bits() && a.equals(mask(a, bits))).map(a -> new Prefix(a, bits));
    }

    /** The length as a prefix of 128 bits: IPv4 prefixes are 96 longer. */
    public int mappedLength() {
        return length + 128 - network.bits();
    }

    /** Whether {@code address} is inside. */
    public boolean contains(IpAddress address) {
        return address.isIpv4() == network.isIpv4() && mask(address, length).equals(network);
    }

    /** Whether the two have an address in common. */
    public boolean overlaps(Prefix other) {
        return length <= other.length ? contains(other.network) : other.contains(network);
    }

    private static IpAddress mask(IpAddress address, int length) {
        if (length < 0 || length > address.bits()) {
            throw new IllegalArgumentException("prefix length " + length + " of " + address);
        }
        // At least 96 for IPv4, so that the mapping itself stays.
        int mapped = length + 128 - address.bits();
        // A shift by 64 would shift by 0.
        long hi = mapped >= 64 ? -1L : mapped == 0 ? 0 : -1L << (64 - mapped);
        long lo = mapped <= 64 ? 0 : -1L << (128 - mapped);
        return new IpAddress(address.hi() & hi, address.lo() & lo);
    }

    @Override
    public String toString() {
        return network + "/" + length;
    }
}
