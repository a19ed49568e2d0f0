package net.vgate.linux;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.vgate.attachment.DeviceException;
import net.vgate.forwarding.NeighborTable;
import net.vgate.packet.IpAddress;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;

/**
 * Numbers for the locators that a VTEP port has ever been told of: short, so that they fit beside an Ethernet address,
 * and never another locator's, so that one that was looked up before a change means what it meant.
 *
 * <p><b>Threading.</b> Any thread; look-ups take no lock and do not allocate.
 */
final class VtepLocators {
    static final int UNKNOWN = -1;

    private static final int LEAST_PLACES = 16;
    private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

    private final int udpPort;
    private volatile Table table = new Table(List.of(), 0);

    /** @param udpPort at which every one of them is sent to */
    VtepLocators(int udpPort) {
        this.udpPort = udpPort;
    }

    /** Immutable: an open hash of at most half its places, and what the kernel is told of each. */
    private static final class Table {
        final List<IpAddress> all;
        final ByteBuffer sockets;
        final long[] his;
        final long[] los;
        final int[] numbers;
        final int shift;

        Table(List<IpAddress> all, int udpPort) {
            this.all = all;
            this.sockets = ByteBuffer.allocateDirect(Math.max(1, all.size()) * PacketBatch.ADDRESS_BYTES);
            int places = Math.max(LEAST_PLACES, 2 * Integer.highestOneBit(Math.max(1, 2 * all.size() - 1)));
            this.his = new long[places];
            this.los = new long[places];
            this.numbers = new int[places];
            this.shift = Long.SIZE - Integer.numberOfTrailingZeros(places);
            for (int i = 0; i < places; i++) {
                numbers[i] = UNKNOWN;
            }
            for (int number = 0; number < all.size(); number++) {
                IpAddress address = all.get(number);
                int place = placeOf(address.hi(), address.lo());
                his[place] = address.hi();
                los[place] = address.lo();
                numbers[place] = number;
                InetSocketAddress socket = new InetSocketAddress(address.toInetAddress(), udpPort);
                OuterAddress.write(sockets, number * PacketBatch.ADDRESS_BYTES, socket);
            }
        }

        /** The place of a locator, or the free one where it would be. */
        int placeOf(long hi, long lo) {
            int place = (int) (((hi * SPREAD + lo) * SPREAD) >>> shift);
            while (numbers[place] != UNKNOWN && (los[place] != lo || his[place] != hi)) {
                place = (place + 1) & (numbers.length - 1);
            }
            return place;
        }
    }

    /** The number of the IP address of the socket address at {@code at}, or {@link #UNKNOWN}. */
    int numberOf(ByteBuffer addresses, int at) {
        return numberOf(table, OuterAddress.hi(addresses, at), OuterAddress.lo(addresses, at));
    }

    private static int numberOf(Table table, long hi, long lo) {
        return table.numbers[table.placeOf(hi, lo)];
    }

    /** The number of a locator, or {@link #UNKNOWN}. */
    int numberOf(IpAddress locator) {
        return numberOf(table, locator.hi(), locator.lo());
    }

    /** The locator of a number, which there must be. */
    IpAddress addressOf(int number) {
        return table.all.get(number);
    }

    /** Writes the socket address of the locator of a number, which there must be, to {@code at}. */
    void copyTo(int number, ByteBuffer addresses, int at) {
        OuterAddress.copy(table.sockets, number * PacketBatch.ADDRESS_BYTES, addresses, at);
    }

    /**
     * The numbers of {@code locators}, new ones for those that have none.
     *
     * @throws DeviceException when there are no more numbers
     */
    synchronized int[] numbersOf(List<IpAddress> locators) {
        List<IpAddress> all = new ArrayList<>(table.all);
        locators.stream()
                .filter(one -> numberOf(table, one.hi(), one.lo()) == UNKNOWN)
                .distinct()
                .forEach(all::add);
        if (all.size() > NeighborTable.MAX_LOCATOR + 1) {
            throw new DeviceException("more than " + (NeighborTable.MAX_LOCATOR + 1)
                    + " locators were configured since the start; restart the gateway");
        }
        if (all.size() > table.all.size()) {
            table = new Table(List.copyOf(all), udpPort);
        }
        return locators.stream()
                .mapToInt(one -> numberOf(table, one.hi(), one.lo()))
                .toArray();
    }
}
