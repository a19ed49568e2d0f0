package net.vgate.forwarding;

import java.util.Arrays;
import java.util.List;

/** From a VNI to an index, that of its V-net above all. Immutable; a look-up is one or two reads. */
public final class VniIndex {
    private static final int FREE = -1;

    /** 2^32 divided by the golden ratio: VNIs given out one after another end up apart. */
    private static final int SPREAD = 0x9e37_79b9;

    private final int shift;
    private final int[] vnis;
    private final int[] indices;

    private VniIndex(int vnetCount) {
        int bits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(2 * vnetCount));
        shift = Integer.SIZE - bits;
        vnis = new int[1 << bits];
        indices = new int[1 << bits];
        Arrays.fill(vnis, FREE);
    }

    /**
     * The index of V-nets by their numbers.
     *
     * @throws IllegalArgumentException when two have one number
     */
    public static VniIndex of(List<VnetTable> vnets) {
        VniIndex index = new VniIndex(vnets.size());
        for (VnetTable vnet : vnets) {
            index.add(vnet.vni(), vnet.index());
        }
        return index;
    }

    /**
     * From each of {@code vnis} to its place among them; negative ones are left out.
     *
     * @throws IllegalArgumentException when two are the same
     */
    public static VniIndex ofPlaces(int[] vnis) {
        VniIndex index = new VniIndex(vnis.length);
        for (int place = 0; place < vnis.length; place++) {
            if (vnis[place] >= 0) {
                index.add(vnis[place], place);
            }
        }
        return index;
    }

    private void add(int vni, int vnetIndex) {
        int at = slotFor(vni);
        if (vnis[at] != FREE) {
            throw new IllegalArgumentException("two V-nets with VNI " + vni);
        }
        vnis[at] = vni;
        indices[at] = vnetIndex;
    }

    /** Index of what has number {@code vni} (24 bits), or -1. */
    public int indexOf(int vni) {
        int at = slotFor(vni);
        return vnis[at] == vni ? indices[at] : -1;
    }

    private int slotFor(int vni) {
        int at = (vni * SPREAD) >>> shift;
        while (vnis[at] != vni && vnis[at] != FREE) {
            at = (at + 1) & (vnis.length - 1);
        }
        return at;
    }
}
