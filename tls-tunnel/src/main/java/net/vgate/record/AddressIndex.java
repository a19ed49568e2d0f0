package net.vgate.record;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import net.vgate.packet.OuterAddress;
import org.jspecify.annotations.Nullable;

/** Associations by local socket and outer address, hashed with open addressing, at most half full; immutable. */
final class AddressIndex {
    static final AddressIndex EMPTY = of(List.of());

    private final @Nullable Association[] associations;
    private final int mask;

    private AddressIndex(int capacity) {
        this.associations = new Association[capacity];
        this.mask = capacity - 1;
    }

    static AddressIndex of(Collection<Association> all) {
        AddressIndex index = new AddressIndex(Integer.highestOneBit(Math.max(1, all.size())) * 4);
        for (Association association : all) {
            int at = hash(association.outerAddress(), 0, association.local()) & index.mask;
            while (index.associations[at] != null) {
                at = at + 1 & index.mask;
            }
            index.associations[at] = association;
        }
        return index;
    }

    @Nullable
    Association find(ByteBuffer address, int addressAt, int local) {
        int at = hash(address, addressAt, local) & mask;
        for (; ; ) {
            Association found = associations[at];
            if (found == null
                    || (found.local() == local && OuterAddress.same(found.outerAddress(), 0, address, addressAt))) {
                return found;
            }
            at = at + 1 & mask;
        }
    }

    /** Of what {@link OuterAddress#same} looks at. The keys are peers that authenticated: nobody can flood a chain. */
    private static int hash(ByteBuffer address, int at, int local) {
        long bits = address.getInt(at);
        if (OuterAddress.family(address, at) == OuterAddress.FAMILY_INET) {
            bits = (bits << 32) | (address.getInt(at + 4) & 0xffff_ffffL);
        } else {
            bits += address.getLong(at + 8) * 31 + address.getLong(at + 16);
        }
        long mixed = (bits + local) * 0x9e37_79b9_7f4a_7c15L;
        return (int) (mixed >>> 32);
    }
}
