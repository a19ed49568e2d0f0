package net.vgate.dataplane;

import java.util.Objects;
import net.vgate.forwarding.RateLimit;
import net.vgate.forwarding.RateLimit.Figure;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.TrafficClass;
import org.jspecify.annotations.Nullable;

/**
 * One worker's packets of a V-net that wait until the V-net may send them to a site, in three classes by DSCP. What is
 * expedited goes before all else, what is for the background after all else: a tenant's own traffic is all that it
 * orders. Each class is bounded in bytes and in time, and kept short by {@link CoDel}, which marks packets whose
 * senders take marks (RFC 3168) and drops others.
 */
final class ShapedQueue {
    /** A packet that waited this long is of no use to anybody any more. */
    static final long MAX_WAIT_NANOS = 500_000_000;

    /** A class holds what passes in this time, between the two bounds. */
    private static final long ROOM_NANOS = 100_000_000;

    private static final long MIN_BYTES = 128 << 10;
    private static final long MAX_BYTES = 4 << 20;

    private static final int EXPEDITED = 0;
    private static final int DEFAULT = 1;
    private static final int BACKGROUND = 2;
    private static final int CLASSES = 3;

    /** CS5, VA, EF, CS6 and CS7: RFC 4594 section 2.2's signalling, telephony and network control. */
    private static final int FIRST_EXPEDITED = 40;

    /** LE (RFC 8622) and CS1, which meant the same before (RFC 3662). */
    private static final int LOWER_EFFORT = 1;

    private static final int CS1 = 8;

    private final RateLimit limit;
    private final int worker;
    private final @Nullable PacketRing[] rings = new PacketRing[CLASSES];
    private final CoDel[] codels = new CoDel[CLASSES];
    private int packets;
    private int vnet;
    private int site;

    ShapedQueue(RateLimit limit, int worker) {
        this.limit = limit;
        this.worker = worker;
        for (int i = 0; i < CLASSES; i++) {
            codels[i] = new CoDel();
        }
    }

    RateLimit limit() {
        return limit;
    }

    /** Whose packets they are in the plan that is in force, and where they go. */
    void place(int vnetIndex, int siteNumber) {
        vnet = vnetIndex;
        site = siteNumber;
    }

    int site() {
        return site;
    }

    /** How many packets wait. */
    int packets() {
        return packets;
    }

    private static int classOf(int trafficClass) {
        int dscp = TrafficClass.dscp(trafficClass);
        if (dscp >= FIRST_EXPEDITED) {
            return EXPEDITED;
        }
        return dscp == LOWER_EFFORT || dscp == CS1 ? BACKGROUND : DEFAULT;
    }

    /** Adds a copy of a packet whose inner traffic class is given. False when its class is full. */
    boolean add(PacketBatch batch, int slot, int trafficClass, long nowNanos) {
        PacketRing ring = ring(classOf(trafficClass));
        if (ring == null || !ring.add(batch, slot, nowNanos)) {
            dropped(1);
            return false;
        }
        packets++;
        limit.set(worker, Figure.WAITING, packets);
        return true;
    }

    /**
     * A ring is made when the first packet of its class has to wait, since most never have one that does; and anew when
     * the rate has changed and nothing waits in it. Null when all rings have taken what they may.
     */
    private @Nullable PacketRing ring(int number) {
        PacketRing ring = rings[number];
        int bytes = (int) Math.max(MIN_BYTES, Math.min(MAX_BYTES, limit.bytesIn(ROOM_NANOS))) & -8;
        if (ring != null && ring.packets() == 0 && ring.bytes() != bytes) {
            ring.giveBack();
            ring = null;
        }
        if (ring == null) {
            ring = PacketRing.of(bytes);
            rings[number] = ring;
        }
        return ring;
    }

    /**
     * Moves packets that may be sent now into {@code batch}, parsed, until it is full.
     *
     * @return how many were dropped in place of being sent
     */
    int release(PacketBatch batch, long nowNanos) {
        int before = packets;
        int sent = 0;
        while (packets > 0 && limit.waitNanos(nowNanos) <= 0) {
            int number = firstClass();
            PacketRing ring = Objects.requireNonNull(rings[number]);
            if (!batch.hasRoom(ring.length())) {
                break;
            }
            long waited = nowNanos - ring.sinceNanos();
            boolean isCondemned = codels[number].condemns(waited, nowNanos, ring.packets() == 1);
            int slot = ring.moveTo(batch);
            packets--;
            boolean isOutOfTime = waited > MAX_WAIT_NANOS || batch.inner().parse(slot) != null;
            if (isOutOfTime || (isCondemned && !mark(batch, slot))) {
                batch.removeLast();
                continue;
            }
            batch.setVnet(slot, vnet);
            batch.setSite(slot, site);
            limit.charge(batch.length(slot), nowNanos);
            limit.set(worker, Figure.DELAY_NANOS, waited);
            sent++;
        }
        int dropped = before - packets - sent;
        dropped(dropped);
        limit.set(worker, Figure.WAITING, packets);
        return dropped;
    }

    /** Marks a packet, if its sender takes that. */
    private boolean mark(PacketBatch batch, int slot) {
        int ecn = TrafficClass.ecn(batch.inner().trafficClass(slot));
        if (ecn == TrafficClass.NOT_ECT) {
            return false;
        }
        TrafficClass.setEcn(
                batch.slab(), batch.inner().l3Offset(slot), batch.inner().version(slot), TrafficClass.CE);
        limit.add(worker, Figure.MARKED, 1);
        return true;
    }

    private int firstClass() {
        for (int number = 0; number < CLASSES; number++) {
            PacketRing ring = rings[number];
            if (ring != null && ring.packets() > 0) {
                return number;
            }
        }
        throw new IllegalStateException("no packet waits");
    }

    /** Nothing of the V-net goes there any more. Returns how many packets that drops. */
    int abandon() {
        int abandoned = packets;
        dropped(abandoned);
        packets = 0;
        for (int number = 0; number < CLASSES; number++) {
            PacketRing ring = rings[number];
            if (ring != null) {
                ring.giveBack();
                rings[number] = null;
            }
        }
        limit.set(worker, Figure.WAITING, 0);
        return abandoned;
    }

    private void dropped(int count) {
        limit.add(worker, Figure.DROPPED, count);
    }
}
