package net.vgate.dataplane;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;

/**
 * The outer address that stands for a way to a gateway by a relay, where datagrams of UDP have their peer's: the way's
 * number in the low half of an address of 100:0:0:1::/64, which nothing on the Internet ever comes from (RFC 9780). Its
 * port tells the calls of one end from those of the other, as two sockets do.
 */
public final class RelayAddress {
    /** The port of what this end began. */
    static final int CALLER = 1;

    /** The port of what the far end began. */
    static final int CALLED = 2;

    private static final long PREFIX = 0x0100_0000_0000_0001L;
    private static final int PORT_OFFSET = 2;
    private static final int NUMBER_OFFSET = 16;

    /** That of way 0, which there is not. */
    private static final ByteBuffer FORM = ByteBuffer.allocate(PacketBatch.ADDRESS_BYTES);

    static {
        OuterAddress.write(FORM, 0, of(0, true));
    }

    private RelayAddress() {}

    /** The address that stands for the way with that number, for what this end began or else the far one. */
    public static InetSocketAddress of(int number, boolean isCaller) {
        byte[] address = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(0, PREFIX)
                .putLong(Long.BYTES, number)
                .array();
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), isCaller ? CALLER : CALLED);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address of 16 bytes was refused", impossible);
        }
    }

    /** The number of the way that {@code address} stands for; 0, which there is not, if it stands for none. */
    public static int number(InetSocketAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress().getAddress());
        boolean isWays = bytes.capacity() == 2 * Long.BYTES && bytes.getLong(0) == PREFIX;
        return isWays ? bytes.getInt(Long.BYTES + Integer.BYTES) : 0;
    }

    static boolean isCaller(InetSocketAddress address) {
        return address.getPort() == CALLER;
    }

    /** Writes the address of a way in the kernel's form; no allocation. */
    static void write(ByteBuffer to, int at, int number, boolean isCaller) {
        OuterAddress.copy(FORM, 0, to, at);
        to.putShort(at + PORT_OFFSET, (short) (isCaller ? CALLER : CALLED));
        to.putLong(at + NUMBER_OFFSET, number);
    }

    /** Reads the number from an address in the kernel's form. */
    static int number(ByteBuffer from, int at) {
        return (int) from.getLong(at + NUMBER_OFFSET);
    }

    static boolean isCaller(ByteBuffer from, int at) {
        return from.getShort(at + PORT_OFFSET) == CALLER;
    }
}
