package net.vgate.dataplane;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;

/**
 * The outer address that stands for a stream where datagrams of UDP have their peer's: its number in the low half of an
 * address of 100::/64, which nothing on the Internet ever comes from (RFC 6666).
 */
final class StreamAddress {
    private static final int PREFIX = 0x0100;
    private static final int ADDRESS_OFFSET = 8;
    private static final int NUMBER_OFFSET = ADDRESS_OFFSET + Long.BYTES;

    /** That of stream 0, which there is not. */
    private static final ByteBuffer FORM = ByteBuffer.allocate(PacketBatch.ADDRESS_BYTES);

    static {
        OuterAddress.write(FORM, 0, of(0));
    }

    private StreamAddress() {}

    static InetSocketAddress of(long number) {
        byte[] address = ByteBuffer.allocate(2 * Long.BYTES)
                .putShort(0, (short) PREFIX)
                .putLong(Long.BYTES, number)
                .array();
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), 0);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address of 16 bytes was refused", impossible);
        }
    }

    /** The number of the stream that {@code address} stands for; 0, which there is not, if it stands for none. */
    static long number(InetSocketAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress().getAddress());
        boolean isStreams = bytes.capacity() == 2 * Long.BYTES && bytes.getLong(0) == (long) PREFIX << 48;
        return isStreams ? bytes.getLong(Long.BYTES) : 0;
    }

    /** Writes the address of a stream in the kernel's form; no allocation. */
    static void write(ByteBuffer to, int at, long number) {
        OuterAddress.copy(FORM, 0, to, at);
        to.putLong(at + NUMBER_OFFSET, number);
    }

    /** Reads the number from an address in the kernel's form. */
    static long number(ByteBuffer from, int at) {
        return from.getLong(at + NUMBER_OFFSET);
    }
}
