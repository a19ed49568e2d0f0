package net.vgate.packet;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.RandomAccess;

/**
 * An immutable list of prefixes for when there are a million of them: 8 bytes each if all are IPv4, else 24. For
 * control and configuration.
 *
 * <p>{@link #get} makes the prefix anew; whoever wants no garbage asks for {@link #hi}, {@link #lo} and
 * {@link #length}.
 */
public final class PrefixList extends AbstractList<Prefix> implements RandomAccess {
    /** IPv4 first; then by network, the wider first. */
    public static final Comparator<Prefix> ORDER = Comparator.<Prefix>comparingInt(
                    prefix -> prefix.network().bits())
            .thenComparing(Prefix::network)
            .thenComparingInt(Prefix::length);

    private static final int IPV6_WORDS = 3;

    /** Room for the index beside address and length in the key that IPv4 prefixes are sorted by. */
    private static final int INDEX_BITS = 26;

    private final boolean isIpv4;

    /** Of IPv4 prefixes the network in the upper half and the length below; of others hi, lo and length. */
    private final long[] words;

    private PrefixList(boolean isIpv4, long[] words) {
        this.isIpv4 = isIpv4;
        this.words = words;
    }

    /** A list of the same prefixes, which is the argument itself if that is one already. */
    public static PrefixList copyOf(Collection<Prefix> prefixes) {
        if (prefixes instanceof PrefixList list) {
            return list;
        }
        Builder builder = new Builder();
        prefixes.forEach(builder::add);
        return builder.build();
    }

    @Override
    public int size() {
        return isIpv4 ? words.length : words.length / IPV6_WORDS;
    }

    @Override
    public Prefix get(int index) {
        return new Prefix(new IpAddress(hi(index), lo(index)), length(index));
    }

    /** Upper half of the network's 128 bits. */
    public long hi(int index) {
        return isIpv4 ? InnerHeader.MAPPED_HI : words[index * IPV6_WORDS];
    }

    /** Lower half of the network's 128 bits. */
    public long lo(int index) {
        return isIpv4 ? InnerHeader.MAPPED_LO | words[index] >>> Integer.SIZE : words[index * IPV6_WORDS + 1];
    }

    /** The length, in the prefix's own family. */
    public int length(int index) {
        return (int) (isIpv4 ? words[index] : words[index * IPV6_WORDS + 2]);
    }

    /** The indices in {@link #ORDER}; of equal prefixes the earlier comes first. */
    public int[] sortedIndices() {
        int[] sorted = new int[size()];
        if (isIpv4 && size() < 1 << INDEX_BITS) {
            long[] keys = new long[size()];
            for (int i = 0; i < keys.length; i++) {
                long network = words[i] & ~0xffff_ffffL;
                // The sign is turned, so that the upper half of the addresses comes last.
                keys[i] = (network ^ Long.MIN_VALUE) | ((long) length(i) << INDEX_BITS) | i;
            }
            Arrays.sort(keys);
            for (int i = 0; i < keys.length; i++) {
                sorted[i] = (int) keys[i] & ((1 << INDEX_BITS) - 1);
            }
            return sorted;
        }
        Integer[] boxed = new Integer[size()];
        Arrays.setAll(boxed, i -> i);
        Arrays.sort(boxed, Comparator.comparing(this::get, ORDER));
        Arrays.setAll(sorted, i -> boxed[i]);
        return sorted;
    }

    /** Those that {@code others} lack, in the order of this list. */
    public PrefixList without(PrefixList others) {
        int[] own = sortedIndices();
        int[] theirs = others.sortedIndices();
        boolean[] isKept = new boolean[own.length];
        int other = 0;
        for (int index : own) {
            Prefix prefix = get(index);
            while (other < theirs.length && ORDER.compare(others.get(theirs[other]), prefix) < 0) {
                other++;
            }
            isKept[index] = other == theirs.length || !others.get(theirs[other]).equals(prefix);
        }
        Builder kept = new Builder();
        for (int i = 0; i < isKept.length; i++) {
            if (isKept[i]) {
                kept.add(get(i));
            }
        }
        return kept.build();
    }

    /** As for any list, and quick among lists of this kind. */
    @Override
    public boolean equals(Object other) {
        if (other instanceof PrefixList list && isIpv4 == list.isIpv4) {
            return Arrays.equals(words, list.words);
        }
        return super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }

    /** Collects prefixes. For one thread. */
    public static final class Builder {
        private boolean isIpv4 = true;
        private long[] words = new long[1];
        private int used;

        public Builder add(Prefix prefix) {
            IpAddress network = prefix.network();
            if (isIpv4 && !network.isIpv4()) {
                widen();
            }
            if (isIpv4) {
                append(network.lo() << Integer.SIZE | prefix.length());
            } else {
                append(network.hi());
                append(network.lo());
                append(prefix.length());
            }
            return this;
        }

        private void append(long word) {
            if (used == words.length) {
                words = Arrays.copyOf(words, used + (used >> 1) + 1);
            }
            words[used++] = word;
        }

        private void widen() {
            PrefixList narrow = build();
            isIpv4 = false;
            words = new long[Math.max(1, narrow.size() * IPV6_WORDS)];
            used = 0;
            narrow.forEach(this::add);
        }

        public PrefixList build() {
            return new PrefixList(isIpv4, Arrays.copyOf(words, used));
        }
    }
}
