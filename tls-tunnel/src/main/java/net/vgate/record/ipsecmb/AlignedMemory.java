package net.vgate.record.ipsecmb;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Native memory of a fixed size, zeroed, aligned to a cache line as the library wants it, with its address.
 *
 * <p><b>Ownership.</b> The memory lives as long as this object is reachable. Whoever hands the address to the library
 * keeps it so until the call is over ({@link java.lang.ref.Reference#reachabilityFence}).
 */
final class AlignedMemory {
    private static final int CACHE_LINE_BYTES = 64;

    private final ByteBuffer bytes;
    private final long address;

    AlignedMemory(int size) {
        int rounded = (size + CACHE_LINE_BYTES - 1) & -CACHE_LINE_BYTES;
        this.bytes = ByteBuffer.allocateDirect(rounded + CACHE_LINE_BYTES - 1)
                .alignedSlice(CACHE_LINE_BYTES)
                .order(ByteOrder.nativeOrder());
        this.address = addressOf(bytes);
    }

    /** The memory, in the byte order of C; only absolute access. */
    ByteBuffer bytes() {
        return bytes;
    }

    /** The address of the first byte. */
    long address() {
        return address;
    }

    Pointer pointer() {
        return new Pointer(address);
    }

    void wipe() {
        for (int at = 0; at < bytes.capacity(); at += Long.BYTES) {
            bytes.putLong(at, 0);
        }
    }

    /** The address of a direct buffer's first byte. Allocates. */
    static long addressOf(ByteBuffer buffer) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(buffer));
    }
}
