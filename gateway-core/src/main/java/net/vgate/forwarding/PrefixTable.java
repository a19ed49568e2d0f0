package net.vgate.forwarding;

import java.util.Arrays;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;

/**
 * Longest-prefix match, from an address of either family to a number of the caller's. Immutable; the families are
 * apart, so {@code 0.0.0.0/0} matches no IPv6 address and {@code ::/0} no IPv4 one.
 *
 * <p>The nested prefixes are flattened into ranges of addresses that have one answer, so a look-up is one search among
 * sorted starts, see {@link AddressRanges}. A look-up allocates nothing.
 */
public final class PrefixTable {
    /** What a look-up gives for an address that no prefix holds. */
    public static final int NONE = -1;

    /** Holds no prefix. */
    public static final PrefixTable EMPTY = new Builder().build();

    private final AddressRanges ipv4;
    private final AddressRanges ipv6;
    private final int size;

    private PrefixTable(AddressRanges ipv4, AddressRanges ipv6, int size) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.size = size;
    }

    /** The value of the longest prefix that holds the address (IPv4 in its mapped form), or {@link #NONE}. */
    public int lookup(long hi, long lo) {
        return (InnerHeader.isIpv4(hi, lo) ? ipv4 : ipv6).lookup(hi, lo);
    }

    /** The value of the longest prefix that holds {@code address}, or {@link #NONE}. */
    public int lookup(IpAddress address) {
        return lookup(address.hi(), address.lo());
    }

    /** How many prefixes the table was built from. */
    public int size() {
        return size;
    }

    /** Bytes of memory that the table keeps outside of the heap. */
    public long bytes() {
        return ipv4.bytes() + ipv6.bytes();
    }

    /** Collects prefixes. For one thread; {@link #build} may be called once. */
    public static final class Builder {
        private final Family ipv4 = new Family();
        private final Family ipv6 = new Family();

        /**
         * Adds a prefix; one that is there already keeps its place only if the value is the same.
         *
         * @param value at least 0
         */
        public Builder add(Prefix prefix, int value) {
            if (value < 0) {
                throw new IllegalArgumentException("value " + value + " of " + prefix);
            }
            (prefix.network().isIpv4() ? ipv4 : ipv6).add(prefix, value);
            return this;
        }

        /**
         * The table.
         *
         * @throws IllegalArgumentException when one prefix was added with two values
         */
        public PrefixTable build() {
            return new PrefixTable(ipv4.ranges(), ipv6.ranges(), ipv4.count + ipv6.count);
        }
    }

    /** Prefixes of one family and their values. */
    private static final class Family {
        private final PrefixList.Builder prefixes = new PrefixList.Builder();
        private int[] values = new int[1];
        private int count;

        void add(Prefix prefix, int value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, count + (count >> 1) + 1);
            }
            prefixes.add(prefix);
            values[count++] = value;
        }

        AddressRanges ranges() {
            return count == 0 ? FewRanges.NONE : AddressRanges.of(new RangeSweep(prefixes.build(), values));
        }
    }
}
