package net.vgate.packet;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A socket address in the kernel's own form, {@code struct sockaddr_in} or {@code sockaddr_in6} (ip(7), ipv6(7)), so
 * that system calls read and write it in place. The family is in the machine's byte order, port and address in network
 * order.
 *
 * <pre>
 * sockaddr_in   | family 2 | port 2 | address 4 |
 * sockaddr_in6  | family 2 | port 2 | flow 4 | address 16 | scope 4 |
 * </pre>
 */
public final class OuterAddress {
    /** {@code AF_INET}. */
    public static final int FAMILY_INET = 2;

    /** {@code AF_INET6} on Linux. */
    public static final int FAMILY_INET6 = 10;

    /** {@code sizeof(struct sockaddr_in)}. */
    public static final int INET_BYTES = 16;

    /** {@code sizeof(struct sockaddr_in6)}. */
    public static final int INET6_BYTES = 28;

    private static final int PORT_OFFSET = 2;
    private static final int INET_ADDRESS_OFFSET = 4;
    private static final int INET6_ADDRESS_OFFSET = 8;
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private OuterAddress() {}

    /** Writes {@code address} at {@code at} and clears the rest of the {@link PacketBatch#ADDRESS_BYTES}. */
    public static void write(ByteBuffer buffer, int at, InetSocketAddress address) {
        byte[] ip = address.getAddress().getAddress();
        for (int i = 0; i < PacketBatch.ADDRESS_BYTES; i++) {
            buffer.put(at + i, (byte) 0);
        }
        int family = ip.length == 4 ? FAMILY_INET : FAMILY_INET6;
        buffer.put(at + (LITTLE_ENDIAN ? 0 : 1), (byte) family);
        buffer.putShort(at + PORT_OFFSET, (short) address.getPort());
        buffer.put(at + (ip.length == 4 ? INET_ADDRESS_OFFSET : INET6_ADDRESS_OFFSET), ip);
    }

    /** The family at {@code at}: {@link #FAMILY_INET}, {@link #FAMILY_INET6} or whatever is there. */
    public static int family(ByteBuffer buffer, int at) {
        int first = buffer.get(at) & 0xff;
        int second = buffer.get(at + 1) & 0xff;
        return LITTLE_ENDIAN ? first | second << 8 : first << 8 | second;
    }

    /** Whether there is an internet address at {@code at}, which a slot that was not received does not have. */
    public static boolean isThere(ByteBuffer buffer, int at) {
        int family = family(buffer, at);
        return family == FAMILY_INET || family == FAMILY_INET6;
    }

    /** How many bytes of the address the kernel is to be told of. */
    public static int bytes(ByteBuffer buffer, int at) {
        return family(buffer, at) == FAMILY_INET ? INET_BYTES : INET6_BYTES;
    }

    /** The upper half of the IP address at {@code at}, IPv4 in its mapped form; no allocation. */
    public static long hi(ByteBuffer buffer, int at) {
        return family(buffer, at) == FAMILY_INET ? InnerHeader.MAPPED_HI : buffer.getLong(at + INET6_ADDRESS_OFFSET);
    }

    /** The lower half of it. */
    public static long lo(ByteBuffer buffer, int at) {
        return family(buffer, at) == FAMILY_INET
                ? InnerHeader.MAPPED_LO | (buffer.getInt(at + INET_ADDRESS_OFFSET) & 0xffff_ffffL)
                : buffer.getLong(at + INET6_ADDRESS_OFFSET + 8);
    }

    /** Copies one address; no allocation. */
    public static void copy(ByteBuffer from, int fromAt, ByteBuffer to, int toAt) {
        to.putLong(toAt, from.getLong(fromAt));
        to.putLong(toAt + 8, from.getLong(fromAt + 8));
        to.putLong(toAt + 16, from.getLong(fromAt + 16));
        to.putInt(toAt + 24, from.getInt(fromAt + 24));
    }

    /** Whether family, port and IP address are the same (flow label and scope are not looked at); no allocation. */
    public static boolean same(ByteBuffer a, int aAt, ByteBuffer b, int bAt) {
        if (a.getInt(aAt) != b.getInt(bAt)) {
            return false;
        }
        if (family(a, aAt) == FAMILY_INET) {
            return a.getInt(aAt + INET_ADDRESS_OFFSET) == b.getInt(bAt + INET_ADDRESS_OFFSET);
        }
        return a.getLong(aAt + INET6_ADDRESS_OFFSET) == b.getLong(bAt + INET6_ADDRESS_OFFSET)
                && a.getLong(aAt + INET6_ADDRESS_OFFSET + 8) == b.getLong(bAt + INET6_ADDRESS_OFFSET + 8);
    }

    /** The address at {@code at} as an object. Allocates: for control only. An unknown family is an error. */
    public static InetSocketAddress read(ByteBuffer buffer, int at) {
        boolean inet = family(buffer, at) == FAMILY_INET;
        if (!inet && family(buffer, at) != FAMILY_INET6) {
            throw new IllegalArgumentException("no internet address, family " + family(buffer, at));
        }
        byte[] ip = new byte[inet ? 4 : 16];
        buffer.get(at + (inet ? INET_ADDRESS_OFFSET : INET6_ADDRESS_OFFSET), ip);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), buffer.getShort(at + PORT_OFFSET) & 0xffff);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address of 4 or 16 bytes was refused", impossible);
        }
    }
}
