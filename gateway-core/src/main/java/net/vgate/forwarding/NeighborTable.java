package net.vgate.forwarding;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntPredicate;
import net.vgate.attachment.NeighborState;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.Prefix;
import org.jspecify.annotations.Nullable;

/**
 * Which station the members on a link are: the neighbor cache of RFC 4861 section 7.3 in a reduced form, for both
 * families. Only members are in it. It decides and keeps; whoever uses it asks the link, and tells what is heard.
 *
 * <p>A station is an Ethernet address in its lower 48 bits, and in the 15 above them the number of the locator behind
 * which it is, 0 where the link has none.
 *
 * <p>An address is good for {@link #REACHABLE_NANOS} after it was confirmed. From then on it goes on being used while
 * the neighbor is asked; when it does not answer {@link #MAX_ASKED} times, a second apart, the whole link is asked, and
 * the first few packets wait. Without packets nothing is asked.
 *
 * <p><b>Threading.</b> Any thread. {@link #fresh}, which is all that a packet to a known neighbor takes, takes no lock;
 * it may miss what another thread changes at that moment, and {@link #ask} does not. Who only looks, by
 * {@link #forEach} and {@link #visit}, takes none either, so that no worker ever waits for somebody who watches.
 */
public final class NeighborTable {
    /** The neighbor's station is not known. */
    public static final long UNKNOWN = -1;

    /** The largest number of a locator. */
    public static final int MAX_LOCATOR = 0x7fff;

    private static final int LOCATOR_SHIFT = 48;

    /** RFC 4861 section 10: REACHABLE_TIME. */
    static final long REACHABLE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** RFC 4861 section 10: RETRANS_TIMER. */
    static final long RETRANS_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** RFC 4861 section 10: MAX_MULTICAST_SOLICIT and MAX_UNICAST_SOLICIT. */
    static final int MAX_ASKED = 3;

    /** RFC 4861 section 7.2.2 wants one packet at least; the first ones wait, so that a flood costs nothing. */
    static final int MAX_HELD = 3;

    static final int MAX_UNRESOLVED = 256;

    /** Of the packets that wait, all together. */
    static final int MAX_HELD_BYTES = 256 << 10;

    private static final long HELD_NANOS = MAX_ASKED * RETRANS_NANOS;
    private static final int LEAST_BUCKETS = 64;

    /** How many are looked at for the oldest when there is no room. */
    private static final int SAMPLE = 8;

    private final int capacity;
    private final LostPackets lost;

    /** In the order in which they were last asked for. */
    private final Deque<Neighbor> unresolved = new ArrayDeque<>();

    private volatile AtomicReferenceArray<@Nullable Neighbor> buckets = new AtomicReferenceArray<>(LEAST_BUCKETS);
    private int size;
    private PrefixTable members = PrefixTable.EMPTY;
    private List<IpAddress> own = List.of();
    private IntPredicate locators = locator -> true;
    private int heldBytes;
    private int hand;

    /** What is to be done for a packet to a neighbor that is not {@link #fresh}. */
    public enum Ask {
        /** The link is to be asked who has the address. */
        LINK,
        /** The neighbor is to be asked whether it still is there. */
        NEIGHBOR,
        /** It was done not long ago. */
        NOT_NOW,
        /** The address is no neighbor's, or too many are being asked for. */
        REFUSED
    }

    /** Looks at one neighbor. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * A neighbor as it is.
         *
         * @param station {@link #UNKNOWN} while it is asked for
         * @param ageNanos since the station was confirmed; while it is asked for, since that began
         */
        void neighbor(long hi, long lo, long station, NeighborState state, long ageNanos);
    }

    /** Its lock-free readers see what is volatile; all else is the table's. */
    private static final class Neighbor {
        final long hi;
        final long lo;
        volatile long station = UNKNOWN;
        volatile long askAt;

        /** When the station was confirmed; while it is not known, when it was first asked for. */
        volatile long since;

        volatile @Nullable Neighbor next;
        int asked;
        long heldSince;
        final List<byte[]> held = new ArrayList<>(0);

        Neighbor(long hi, long lo, long now) {
            this.hi = hi;
            this.lo = lo;
            this.askAt = now;
            this.since = now;
        }

        void show(long now, Visitor visitor) {
            long is = station;
            long age = Math.max(0, now - since);
            NeighborState state;
            if (is == UNKNOWN) {
                state = NeighborState.INCOMPLETE;
            } else if (age < REACHABLE_NANOS) {
                state = NeighborState.REACHABLE;
            } else {
                state = askAt - now > 0 ? NeighborState.PROBE : NeighborState.STALE;
            }
            visitor.neighbor(hi, lo, is, state, age);
        }
    }

    /**
     * @param capacity how many there may be, more than are ever asked for at once
     * @param lost gets the packets that wait in vain
     */
    public NeighborTable(int capacity, LostPackets lost) {
        this.capacity = capacity;
        this.lost = lost;
    }

    /** The station with the Ethernet address {@code mac} behind the locator of a number. */
    public static long station(int locator, long mac) {
        return (long) locator << LOCATOR_SHIFT | mac;
    }

    /** The Ethernet address of a station, 48 bits. */
    public static long mac(long station) {
        return station & MacAddress.BROADCAST;
    }

    /** The number of the locator behind which a station is. */
    public static int locator(long station) {
        return (int) (station >>> LOCATOR_SHIFT);
    }

    /**
     * Sets who may be in it. Others leave it, and who is not known may be asked for at once: by ways that were not open
     * to the last question.
     *
     * @param members all of whom are on the link
     * @param own the gateway's own addresses, which are no neighbor's
     * @param locators whether a station may be behind the locator of a number
     */
    public void admit(List<Prefix> members, List<IpAddress> own, IntPredicate locators, long nowNanos) {
        PrefixTable.Builder table = new PrefixTable.Builder();
        members.forEach(prefix -> table.add(prefix, 0));
        // Before the lock is taken: workers wait for it.
        admit(table.build(), List.copyOf(own), locators, nowNanos);
    }

    private synchronized void admit(PrefixTable members, List<IpAddress> own, IntPredicate locators, long nowNanos) {
        this.members = members;
        this.own = own;
        this.locators = locators;
        for (int bucket = 0; bucket < buckets.length(); bucket++) {
            Neighbor neighbor = buckets.get(bucket);
            while (neighbor != null) {
                Neighbor next = neighbor.next;
                long station = neighbor.station;
                boolean isGone = station != UNKNOWN && !locators.test(locator(station));
                if (isGone || !admits(neighbor.hi, neighbor.lo)) {
                    remove(neighbor);
                } else if (station == UNKNOWN) {
                    neighbor.askAt = nowNanos;
                }
                neighbor = next;
            }
        }
    }

    private boolean admits(long hi, long lo) {
        for (IpAddress address : own) {
            if (address.hi() == hi && address.lo() == lo) {
                return false;
            }
        }
        return members.lookup(hi, lo) != PrefixTable.NONE;
    }

    /** The neighbor's station if nobody needs to be asked, or {@link #UNKNOWN}. */
    public long fresh(long hi, long lo, long nowNanos) {
        Neighbor neighbor = find(hi, lo);
        return neighbor == null || neighbor.askAt - nowNanos <= 0 ? UNKNOWN : neighbor.station;
    }

    /** The neighbor's station as far as it is known, or {@link #UNKNOWN}. */
    public long known(long hi, long lo) {
        Neighbor neighbor = find(hi, lo);
        return neighbor == null ? UNKNOWN : neighbor.station;
    }

    /** Whether the neighbor's station is not known, and it is asked for. */
    public boolean isAskedFor(long hi, long lo) {
        Neighbor neighbor = find(hi, lo);
        return neighbor != null && neighbor.station == UNKNOWN;
    }

    /**
     * The neighbor is not where it was heard from last, at {@code station}: it may be asked for on the link at once.
     */
    public synchronized void disbelieve(long hi, long lo, long station, long nowNanos) {
        Neighbor neighbor = find(hi, lo);
        if (neighbor != null && neighbor.station == station && giveUp(neighbor, nowNanos)) {
            neighbor.askAt = nowNanos;
        }
    }

    /**
     * Shows every neighbor, in no order. What changes meanwhile may be missed, and while the table grows a neighbor may
     * come twice.
     */
    public void forEach(long nowNanos, Visitor visitor) {
        AtomicReferenceArray<@Nullable Neighbor> all = buckets;
        for (int bucket = 0; bucket < all.length(); bucket++) {
            for (Neighbor one = all.get(bucket); one != null; one = one.next) {
                one.show(nowNanos, visitor);
            }
        }
    }

    /** Shows the neighbor of an address, if it is there. */
    public void visit(long hi, long lo, long nowNanos, Visitor visitor) {
        Neighbor neighbor = find(hi, lo);
        if (neighbor != null) {
            neighbor.show(nowNanos, visitor);
        }
    }

    /** How many neighbors' addresses are known or asked for. */
    synchronized int size() {
        return size;
    }

    private @Nullable Neighbor find(long hi, long lo) {
        AtomicReferenceArray<@Nullable Neighbor> all = buckets;
        Neighbor neighbor = all.get(hash(hi, lo) & (all.length() - 1));
        while (neighbor != null && (neighbor.lo != lo || neighbor.hi != hi)) {
            neighbor = neighbor.next;
        }
        return neighbor;
    }

    private static int hash(long hi, long lo) {
        return (int) (FlowHash.ofProcess().of(hi, lo, 0, 0, 0) >>> Integer.SIZE);
    }

    /** A packet wants to go to the neighbor; what is to be asked counts as asked. */
    public synchronized Ask ask(long hi, long lo, long nowNanos) {
        Neighbor neighbor = find(hi, lo);
        if (neighbor == null) {
            if (!admits(hi, lo) || !makeRoomForUnresolved(nowNanos)) {
                return Ask.REFUSED;
            }
            neighbor = add(hi, lo, nowNanos);
        } else if (neighbor.askAt - nowNanos > 0) {
            return Ask.NOT_NOW;
        } else if (neighbor.asked == MAX_ASKED && !giveUp(neighbor, nowNanos)) {
            return Ask.REFUSED;
        }
        neighbor.asked++;
        neighbor.askAt = nowNanos + RETRANS_NANOS;
        if (neighbor.station != UNKNOWN) {
            return Ask.NEIGHBOR;
        }
        unresolved.remove(neighbor);
        unresolved.add(neighbor);
        return Ask.LINK;
    }

    /** It has not answered. Returns whether it may be looked for on the link. */
    private boolean giveUp(Neighbor neighbor, long now) {
        neighbor.asked = 0;
        abandonHeld(neighbor);
        if (neighbor.station != UNKNOWN) {
            neighbor.since = now;
            neighbor.station = UNKNOWN;
            if (!makeRoomForUnresolved(now)) {
                remove(neighbor);
                return false;
            }
        }
        return true;
    }

    /** The one that was asked for longest ago gives way, unless it may still answer. */
    private boolean makeRoomForUnresolved(long now) {
        Neighbor oldest = unresolved.peek();
        if (unresolved.size() >= MAX_UNRESOLVED && oldest != null && oldest.askAt - now <= 0) {
            remove(oldest);
        }
        return unresolved.size() < MAX_UNRESOLVED;
    }

    /** Whether a packet of {@code bytes} bytes may wait for the neighbor; then {@link #hold} it. */
    public synchronized boolean mayHold(long hi, long lo, int bytes) {
        Neighbor neighbor = find(hi, lo);
        return neighbor != null && neighbor.held.size() < MAX_HELD && heldBytes + bytes <= MAX_HELD_BYTES;
    }

    /**
     * Has a packet wait for a neighbor that is not known, in whatever form {@link #learn} is to give it back. Returns
     * whether it does.
     */
    public synchronized boolean hold(long hi, long lo, byte[] packet, long nowNanos) {
        Neighbor neighbor = find(hi, lo);
        if (neighbor == null || neighbor.station != UNKNOWN || !mayHold(hi, lo, packet.length)) {
            return false;
        }
        neighbor.held.add(packet);
        neighbor.heldSince = nowNanos;
        heldBytes += packet.length;
        return true;
    }

    /**
     * Somebody on the link has told that {@code station} has the address {@code hi}, {@code lo}; what is no neighbor or
     * no single station is ignored.
     *
     * @param isNews whether it counts where another one is known: RFC 4861 section 7.2.5's Override
     * @param isToUs whether it is taken in where nothing is known, and nobody asked: RFC 826, RFC 4861 section 7.2.3
     * @return the packets that waited
     */
    public synchronized List<byte[]> learn(
            long hi, long lo, long station, boolean isNews, boolean isToUs, long nowNanos) {
        Neighbor neighbor = find(hi, lo);
        // Its locator may have been taken away since the frame was let in.
        if (!MacAddress.isUnicast(mac(station))
                || !locators.test(locator(station))
                || (neighbor == null && (!isToUs || !admits(hi, lo)))) {
            return List.of();
        }
        if (neighbor == null) {
            neighbor = add(hi, lo, nowNanos);
        } else if (neighbor.station == UNKNOWN) {
            unresolved.remove(neighbor);
        } else if (mac(neighbor.station) != mac(station) && !isNews) {
            // The same one behind another locator is what moved.
            return List.of();
        }
        neighbor.since = nowNanos;
        neighbor.station = station;
        neighbor.asked = 0;
        neighbor.askAt = nowNanos + REACHABLE_NANOS;
        if (nowNanos - neighbor.heldSince > HELD_NANOS) {
            abandonHeld(neighbor);
        }
        List<byte[]> ready = List.copyOf(neighbor.held);
        ready.forEach(packet -> heldBytes -= packet.length);
        neighbor.held.clear();
        return ready;
    }

    private Neighbor add(long hi, long lo, long now) {
        if (size >= capacity) {
            removeOldest();
        }
        if (size >= buckets.length()) {
            grow();
        }
        Neighbor neighbor = new Neighbor(hi, lo, now);
        link(buckets, neighbor);
        size++;
        return neighbor;
    }

    private static void link(AtomicReferenceArray<@Nullable Neighbor> into, Neighbor neighbor) {
        int bucket = hash(neighbor.hi, neighbor.lo) & (into.length() - 1);
        neighbor.next = into.get(bucket);
        into.set(bucket, neighbor);
    }

    private void grow() {
        AtomicReferenceArray<@Nullable Neighbor> old = buckets;
        AtomicReferenceArray<@Nullable Neighbor> wider = new AtomicReferenceArray<>(2 * old.length());
        for (int bucket = 0; bucket < old.length(); bucket++) {
            Neighbor neighbor = old.get(bucket);
            while (neighbor != null) {
                Neighbor next = neighbor.next;
                link(wider, neighbor);
                neighbor = next;
            }
        }
        buckets = wider;
    }

    /** Of a few of those that are known, the one that was confirmed first. */
    private void removeOldest() {
        Neighbor oldest = null;
        int seen = 0;
        for (int i = 0; i < buckets.length() && seen < SAMPLE; i++) {
            hand = (hand + 1) & (buckets.length() - 1);
            for (Neighbor one = buckets.get(hand); one != null; one = one.next) {
                if (one.station != UNKNOWN) {
                    seen++;
                    oldest = oldest == null || one.askAt - oldest.askAt < 0 ? one : oldest;
                }
            }
        }
        if (oldest != null) {
            remove(oldest);
        }
    }

    private void remove(Neighbor neighbor) {
        int bucket = hash(neighbor.hi, neighbor.lo) & (buckets.length() - 1);
        Neighbor before = null;
        Neighbor one = buckets.get(bucket);
        while (one != null && one != neighbor) {
            before = one;
            one = one.next;
        }
        if (before == null) {
            buckets.set(bucket, neighbor.next);
        } else {
            before.next = neighbor.next;
        }
        unresolved.remove(neighbor);
        abandonHeld(neighbor);
        size--;
    }

    private void abandonHeld(Neighbor neighbor) {
        lost.add(neighbor.held.size());
        neighbor.held.forEach(packet -> heldBytes -= packet.length);
        neighbor.held.clear();
    }
}
