package net.vgate.linux;

import java.nio.ByteBuffer;

/**
 * An array of {@code struct mmsghdr}, each with one {@code struct iovec}, for sendmmsg(2) and recvmmsg(2): 64-bit
 * layout, packed by hand in one block.
 *
 * <pre>
 * mmsghdr  | msg_name 8 | msg_namelen 4 | - 4 | msg_iov 8 | msg_iovlen 8 | msg_control 8 | msg_controllen 8
 *          | msg_flags 4 | - 4 | msg_len 4 | - 4 |
 * iovec    | iov_base 8 | iov_len 8 |
 * </pre>
 */
final class MsgHdrVector {
    /** {@code sizeof(struct mmsghdr)}. */
    static final int MMSGHDR_BYTES = 64;

    /** {@code sizeof(struct iovec)}. */
    static final int IOVEC_BYTES = 16;

    static final int NAME_OFFSET = 0;
    static final int NAMELEN_OFFSET = 8;
    static final int IOV_OFFSET = 16;
    static final int IOVLEN_OFFSET = 24;
    static final int CONTROL_OFFSET = 32;
    static final int CONTROLLEN_OFFSET = 40;
    static final int FLAGS_OFFSET = 48;
    static final int MSG_LEN_OFFSET = 56;
    static final int IOV_BASE_OFFSET = 0;
    static final int IOV_LEN_OFFSET = 8;

    private final int capacity;
    private final NativeBlock block;

    MsgHdrVector(int capacity) {
        this.capacity = capacity;
        this.block = new NativeBlock(capacity * (MMSGHDR_BYTES + IOVEC_BYTES));
        for (int i = 0; i < capacity; i++) {
            ByteBuffer bytes = block.bytes();
            bytes.putLong(i * MMSGHDR_BYTES + IOV_OFFSET, block.address() + iovec(i));
            bytes.putLong(i * MMSGHDR_BYTES + IOVLEN_OFFSET, 1);
        }
    }

    /** How many messages it holds. */
    int capacity() {
        return capacity;
    }

    /** The address of message {@code i}. */
    long address(int i) {
        return block.address() + (long) i * MMSGHDR_BYTES;
    }

    /** Points message {@code i} to its bytes and to its socket address; what an earlier call left is cleared. */
    void set(int i, long data, int dataBytes, long name, int nameBytes) {
        ByteBuffer bytes = block.bytes();
        int at = i * MMSGHDR_BYTES;
        bytes.putLong(at + NAME_OFFSET, name);
        bytes.putInt(at + NAMELEN_OFFSET, nameBytes);
        bytes.putInt(at + FLAGS_OFFSET, 0);
        bytes.putInt(at + MSG_LEN_OFFSET, 0);
        bytes.putLong(iovec(i) + IOV_BASE_OFFSET, data);
        bytes.putLong(iovec(i) + IOV_LEN_OFFSET, dataBytes);
    }

    /** How many bytes of message {@code i} the kernel moved. */
    int messageBytes(int i) {
        return block.bytes().getInt(i * MMSGHDR_BYTES + MSG_LEN_OFFSET);
    }

    /** The flags that the kernel returned with message {@code i}. */
    int flags(int i) {
        return block.bytes().getInt(i * MMSGHDR_BYTES + FLAGS_OFFSET);
    }

    private int iovec(int i) {
        return capacity * MMSGHDR_BYTES + i * IOVEC_BYTES;
    }
}
