package net.vgate.record.ipsecmb;

import java.lang.ref.Reference;
import net.vgate.record.AeadBatch;
import net.vgate.record.AeadKey;

/** A key in the library's expanded form, {@code struct gcm_key_data}, in memory that is zeroed when it is destroyed. */
final class GcmKey implements AeadKey {
    private final ThreadLocal<JobRing> rings;
    private final AlignedMemory expanded;
    private final int bytes;
    private final long sealingSuite;
    private final long openingSuite;
    private volatile boolean destroyed;

    /**
     * @param rings the calling thread's own
     * @param expanded becomes the key's
     * @param bytes length of the AES key
     * @param sealingSuite what jobs that encrypt have as {@link Abi#SUITE_ID}
     * @param openingSuite what jobs that decrypt have
     */
    GcmKey(ThreadLocal<JobRing> rings, AlignedMemory expanded, int bytes, long sealingSuite, long openingSuite) {
        this.rings = rings;
        this.expanded = expanded;
        this.bytes = bytes;
        this.sealingSuite = sealingSuite;
        this.openingSuite = openingSuite;
    }

    @Override
    public void seal(AeadBatch batch) {
        try {
            rings.get().seal(batch, this);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void open(AeadBatch batch) {
        try {
            rings.get().open(batch, this);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Where the library finds it. Zeroes would pass for a key, so a destroyed one has no address. */
    long address() {
        if (destroyed) {
            throw new IllegalStateException("the key is destroyed");
        }
        return expanded.address();
    }

    int bytes() {
        return bytes;
    }

    long suite(int direction) {
        return direction == Abi.ENCRYPT ? sealingSuite : openingSuite;
    }

    AlignedMemory expanded() {
        return expanded;
    }

    /** The memory itself goes to the collector with this object. */
    @Override
    public void destroy() {
        destroyed = true;
        expanded.wipe();
    }

    @Override
    public String toString() {
        return "GcmKey";
    }
}
