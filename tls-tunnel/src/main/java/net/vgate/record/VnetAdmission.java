package net.vgate.record;

import java.util.Arrays;

/** Which V-nets both ends of an association let travel on it, as far as they have told each other. Immutable. */
public final class VnetAdmission {
    /** The peer has not said what it demands: only V-nets for which nothing is demanded here. */
    public static final VnetAdmission NOTHING_AGREED = new VnetAdmission(false, new int[0]);

    private final boolean isAgreed;
    private final int[] refused;

    private VnetAdmission(boolean isAgreed, int[] refused) {
        this.isAgreed = isAgreed;
        this.refused = refused;
    }

    /** The peer has said what it demands; for the V-nets with the numbers {@code refused} that is something else. */
    public static VnetAdmission allBut(int[] refused) {
        int[] sorted = refused.clone();
        Arrays.sort(sorted);
        return new VnetAdmission(true, sorted);
    }

    /**
     * Whether the V-net with number {@code vni} may travel.
     *
     * @param demands whether anything is demanded here for it
     */
    public boolean admits(int vni, boolean demands) {
        return isAgreed ? refused.length == 0 || Arrays.binarySearch(refused, vni) < 0 : !demands;
    }
}
