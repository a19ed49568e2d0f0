package net.vgate.dataplane;

/**
 * How many packets and bytes of inner traffic one worker passed, by V-net and direction. Bytes are those of the inner
 * packets, headers included.
 *
 * <p>V-nets are counted by a number that stays the same while the V-net lives; whoever gives a number anew has
 * {@link #clear} called first.
 *
 * <p><b>Threading.</b> One instance per worker. The worker alone counts, grows and clears, any thread reads.
 */
public final class TrafficCounters {
    private static final int PACKETS = 0;
    private static final int BYTES = 1;
    private static final int CELLS_PER_VNET = 2 * TrafficDirection.count();

    private final CounterArray counters = new CounterArray(0);

    /** Makes room for the V-net numbers below {@code vnets}; when a snapshot brings more. */
    public void growTo(int vnets) {
        counters.growTo(Math.multiplyExact(vnets, CELLS_PER_VNET));
    }

    /** Counts one packet of {@code bytes} bytes. */
    public void count(int vnet, TrafficDirection direction, int bytes) {
        count(vnet, direction, 1, bytes);
    }

    /** Counts {@code packets} packets of {@code bytes} bytes in all. */
    public void count(int vnet, TrafficDirection direction, long packets, long bytes) {
        int at = index(vnet, direction);
        counters.add(at + PACKETS, packets);
        counters.add(at + BYTES, bytes);
    }

    /** Sets a V-net's counters to zero, before its number means another V-net. */
    public void clear(int vnet) {
        int at = vnet * CELLS_PER_VNET;
        counters.clear(at, at + CELLS_PER_VNET);
    }

    /** Packets passed; by any thread. */
    public long packets(int vnet, TrafficDirection direction) {
        return counters.get(index(vnet, direction) + PACKETS);
    }

    /** Packets passed, of all V-nets; by any thread. */
    public long packets(TrafficDirection direction) {
        long packets = 0;
        for (int vnet = 0; vnet < counters.length() / CELLS_PER_VNET; vnet++) {
            packets += packets(vnet, direction);
        }
        return packets;
    }

    /** Bytes passed; by any thread. */
    public long bytes(int vnet, TrafficDirection direction) {
        return counters.get(index(vnet, direction) + BYTES);
    }

    @SuppressWarnings("EnumOrdinal") // dense arrays, within one process
    private static int index(int vnet, TrafficDirection direction) {
        return vnet * CELLS_PER_VNET + 2 * direction.ordinal();
    }
}
