package net.vgate.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Native memory of a fixed size, zeroed, aligned to 8 bytes, with its address.
 *
 * <p><b>Ownership.</b> The memory lives as long as this object is reachable. Whoever hands the address to the kernel
 * keeps it so until the call is over ({@link java.lang.ref.Reference#reachabilityFence}).
 */
final class NativeBlock {
    private final ByteBuffer bytes;
    private final ByteBuffer networkBytes;
    private final long address;

    NativeBlock(int size) {
        this.bytes = ByteBuffer.allocateDirect(size + 7).alignedSlice(8).order(ByteOrder.nativeOrder());
        this.networkBytes = bytes.duplicate().order(ByteOrder.BIG_ENDIAN);
        this.address = addressOf(bytes);
    }

    /** The memory, for what C declares; only absolute access. */
    ByteBuffer bytes() {
        return bytes;
    }

    /** The same memory in network byte order, for socket addresses. */
    ByteBuffer networkBytes() {
        return networkBytes;
    }

    /** The address of the first byte. */
    long address() {
        return address;
    }

    /** The address of a direct buffer's first byte. Allocates. */
    static long addressOf(ByteBuffer buffer) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(buffer));
    }
}
