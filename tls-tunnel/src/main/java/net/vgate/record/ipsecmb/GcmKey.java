package net.vgate.record.ipsecmb;

import java.lang.ref.Reference;
import net.vgate.record.AeadBatch;
import net.vgate.record.AeadKey;

/** A key in the library's expanded form, {@code struct gcm_key_data}, in memory that is zeroed when it is destroyed. */
final class GcmKey implements AeadKey {
    private final ThreadLocal<JobRing> rings;
    private final AlignedMemory expanded;
    private final int keyBytes;
    private volatile boolean destroyed;

    /**
     * @param rings the calling thread's own
     * @param expanded becomes the key's
     * @param keyBytes length of the AES key
     */
    GcmKey(ThreadLocal<JobRing> rings, AlignedMemory expanded, int keyBytes) {
        this.rings = rings;
        this.expanded = expanded;
        this.keyBytes = keyBytes;
    }

    @Override
    public void seal(AeadBatch batch) {
        try {
            rings.get().seal(batch, address(), keyBytes);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void open(AeadBatch batch) {
        try {
            rings.get().open(batch, address(), keyBytes);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Zeroes would pass for a key. */
    private long address() {
        if (destroyed) {
            throw new IllegalStateException("the key is destroyed");
        }
        return expanded.address();
    }

    /** The memory itself goes to the collector with this object. */
    @Override
    public void destroy() {
        destroyed = true;
        expanded.wipe();
    }

    AlignedMemory expanded() {
        return expanded;
    }

    @Override
    public String toString() {
        return "GcmKey";
    }
}
