package net.vgate.record.ipsecmb;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * The calls of the data path, mapped directly: pointers are {@code long} addresses, so that a call neither boxes nor
 * copies. C makes them through function pointers in {@code IMB_MGR}, which depend on the CPU; JNA maps symbols only, so
 * {@link ImbLibrary} finds the symbol of the same address.
 */
final class BurstCalls {
    private BurstCalls() {}

    /** Maps the methods to the functions that {@code library}'s function mapper names. */
    static void register(NativeLibrary library) {
        Native.register(BurstCalls.class, library);
    }

    /** {@code IMB_GET_NEXT_BURST}: writes the addresses of free jobs to {@code jobs}. Returns how many. */
    static native int get_next_burst(long manager, int count, long jobs);

    /** {@code IMB_SUBMIT_BURST}: checks and does the jobs. Returns how many are done; 0 when one was refused. */
    static native int submit_burst(long manager, int count, long jobs);
}
