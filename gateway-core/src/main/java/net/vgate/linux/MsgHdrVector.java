package net.vgate.linux;

import java.nio.ByteBuffer;

/**
 * An array of {@code struct mmsghdr}, each with one {@code struct iovec} and room for two control messages (cmsg(3)),
 * for sendmmsg(2) and recvmmsg(2): 64-bit layout, packed by hand in one block.
 *
 * <pre>
 * mmsghdr  | msg_name 8 | msg_namelen 4 | - 4 | msg_iov 8 | msg_iovlen 8 | msg_control 8 | msg_controllen 8
 *          | msg_flags 4 | - 4 | msg_len 4 | - 4 |
 * iovec    | iov_base 8 | iov_len 8 |
 * cmsghdr  | cmsg_len 8 | cmsg_level 4 | cmsg_type 4 | data, up to 8 |   twice
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

    /** {@code CMSG_SPACE} of a value of up to 64 bits, and where the value is. */
    static final int CMSG_BYTES = 24;

    static final int CMSG_LEVEL_OFFSET = 8;
    static final int CMSG_TYPE_OFFSET = 12;
    static final int CMSG_DATA_OFFSET = 16;

    /** Room for control messages, for each message. */
    private static final int CONTROL_BYTES = 2 * CMSG_BYTES;

    private final int capacity;
    private final NativeBlock block;

    MsgHdrVector(int capacity) {
        this.capacity = capacity;
        this.block = new NativeBlock(capacity * (MMSGHDR_BYTES + IOVEC_BYTES + CONTROL_BYTES));
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

    /**
     * Points message {@code i} to its bytes and to its socket address; what an earlier call left is cleared, and there
     * is no control message.
     */
    void set(int i, long data, int dataBytes, long name, int nameBytes) {
        ByteBuffer bytes = block.bytes();
        int at = i * MMSGHDR_BYTES;
        bytes.putLong(at + NAME_OFFSET, name);
        bytes.putInt(at + NAMELEN_OFFSET, nameBytes);
        bytes.putLong(at + CONTROL_OFFSET, 0);
        bytes.putLong(at + CONTROLLEN_OFFSET, 0);
        bytes.putInt(at + FLAGS_OFFSET, 0);
        bytes.putInt(at + MSG_LEN_OFFSET, 0);
        bytes.putLong(iovec(i) + IOV_BASE_OFFSET, data);
        bytes.putLong(iovec(i) + IOV_LEN_OFFSET, dataBytes);
    }

    /** Adds a control message with a 16-bit value to message {@code i}; two fit. */
    void addControl16(int i, int level, int type, int value) {
        int at = addControl(i, level, type, Short.BYTES);
        block.bytes().putShort(at + CMSG_DATA_OFFSET, (short) value);
    }

    /** Adds a control message with a 32-bit value to message {@code i}; two fit. */
    void addControl32(int i, int level, int type, int value) {
        int at = addControl(i, level, type, Integer.BYTES);
        block.bytes().putInt(at + CMSG_DATA_OFFSET, value);
    }

    private int addControl(int i, int level, int type, int valueBytes) {
        ByteBuffer bytes = block.bytes();
        int lengthAt = i * MMSGHDR_BYTES + CONTROLLEN_OFFSET;
        long before = bytes.getLong(lengthAt);
        int at = Math.toIntExact(control(i) + before);
        bytes.putLong(i * MMSGHDR_BYTES + CONTROL_OFFSET, block.address() + control(i));
        bytes.putLong(lengthAt, before + CMSG_BYTES);
        bytes.putLong(at, CMSG_DATA_OFFSET + valueBytes);
        bytes.putInt(at + CMSG_LEVEL_OFFSET, level);
        bytes.putInt(at + CMSG_TYPE_OFFSET, type);
        return at;
    }

    /** Lets the kernel add two control messages to message {@code i}. */
    void makeRoomForControl(int i) {
        ByteBuffer bytes = block.bytes();
        bytes.putLong(i * MMSGHDR_BYTES + CONTROL_OFFSET, block.address() + control(i));
        bytes.putLong(i * MMSGHDR_BYTES + CONTROLLEN_OFFSET, CONTROL_BYTES);
    }

    /**
     * The value of 8 or 32 bits of the control message that the kernel added to message {@code i}; 0 when there is
     * none.
     */
    int control(int i, int level, int type) {
        ByteBuffer bytes = block.bytes();
        int end = control(i) + (int) bytes.getLong(i * MMSGHDR_BYTES + CONTROLLEN_OFFSET);
        for (int at = control(i); at + CMSG_DATA_OFFSET < end; at += CMSG_BYTES) {
            if (bytes.getInt(at + CMSG_LEVEL_OFFSET) == level && bytes.getInt(at + CMSG_TYPE_OFFSET) == type) {
                boolean isByte = bytes.getLong(at) == CMSG_DATA_OFFSET + 1;
                return isByte ? bytes.get(at + CMSG_DATA_OFFSET) & 0xff : bytes.getInt(at + CMSG_DATA_OFFSET);
            }
        }
        return 0;
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

    private int control(int i) {
        return capacity * (MMSGHDR_BYTES + IOVEC_BYTES) + i * CONTROL_BYTES;
    }
}
