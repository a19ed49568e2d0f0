package net.vgate.dataplane;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import net.vgate.packet.DropReason;
import org.jspecify.annotations.Nullable;

/** What {@link Reassembly} does, in maps and without a thought of speed. */
final class NaiveReassembly {
    private static final int NOT_ECT = 0;
    private static final int ECT_1 = 1;
    private static final int CE = 3;

    final Map<DropReason, Long> givenUp = new TreeMap<>();

    /** By association, VNI and identification; the oldest first. */
    private final Map<List<Object>, Packet> packets = new LinkedHashMap<>();

    /** What there is to know of a fragment; {@code data} is as long as it says. */
    record Fragment(
            long association,
            int vni,
            int id,
            int total,
            int index,
            int count,
            int type,
            boolean isPartial,
            int ecn,
            ByteBuffer data) {
        List<Object> key() {
            return List.of(association, vni, id);
        }

        List<Object> common() {
            return List.of(total, count, type, isPartial);
        }
    }

    /** What becomes of a fragment; {@code whole} is the packet if it was the last one that was missing. */
    record Outcome(DropReason reason, @Nullable ByteBuffer whole, int ecn) {}

    private static final class Packet {
        private final Fragment first;
        private final long since;
        private final byte[] bytes;
        private final boolean[] isThere;
        private final List<Integer> ecns = new ArrayList<>();

        Packet(Fragment first, long since) {
            this.first = first;
            this.since = since;
            this.bytes = new byte[first.total];
            this.isThere = new boolean[first.total];
        }

        boolean isOf(long association, int vni) {
            return first.association == association && first.vni == vni;
        }

        int memory() {
            return (first.total + Reassembly.BLOCK_BYTES - 1) / Reassembly.BLOCK_BYTES * Reassembly.BLOCK_BYTES;
        }
    }

    int packets() {
        return packets.size();
    }

    int freeBytes() {
        int taken = packets.values().stream().mapToInt(Packet::memory).sum();
        return Reassembly.BLOCKS * Reassembly.BLOCK_BYTES - taken;
    }

    void expire(long now) {
        for (Iterator<Packet> all = packets.values().iterator(); all.hasNext(); ) {
            if (now - all.next().since >= Reassembly.TIMEOUT_NANOS) {
                all.remove();
                givenUp.merge(DropReason.REASSEMBLY_TIMEOUT, 1L, Long::sum);
            }
        }
    }

    Outcome add(Fragment fragment, long now) {
        Packet packet = packets.get(fragment.key());
        int from = fits(fragment);
        if (from < 0 || (packet != null && !continues(packet, fragment, from))) {
            packets.remove(fragment.key());
            return new Outcome(DropReason.REASSEMBLY_INVALID, null, 0);
        }
        if (packet == null) {
            packet = new Packet(fragment, now);
            makeRoomFor(packet);
            packets.put(fragment.key(), packet);
        }
        for (int i = 0; i < fragment.data.capacity(); i++) {
            packet.bytes[from + i] = fragment.data.get(i);
            packet.isThere[from + i] = true;
        }
        packet.ecns.add(fragment.ecn);
        for (boolean isThere : packet.isThere) {
            if (!isThere) {
                return new Outcome(DropReason.CONSUMED, null, 0);
            }
        }
        packets.remove(fragment.key());
        boolean isMarked = packet.ecns.contains(CE);
        if (isMarked && packet.ecns.contains(NOT_ECT)) {
            return new Outcome(DropReason.CONGESTION, null, 0);
        }
        int least = packet.ecns.stream().mapToInt(ecn -> ecn).min().orElseThrow();
        boolean isChanged = packet.ecns.contains(ECT_1) && least != NOT_ECT;
        return new Outcome(
                DropReason.CONSUMED, ByteBuffer.wrap(packet.bytes), isMarked ? CE : isChanged ? ECT_1 : least);
    }

    /** Where the fragment's bytes belong; -1 when it cannot be what it says. */
    private static int fits(Fragment fragment) {
        if (fragment.count < 2 || fragment.count > 64) {
            return -1;
        }
        int each = (int) Math.ceil((double) fragment.total / fragment.count);
        int from = fragment.index * each;
        int to = Math.min(from + each, fragment.total);
        boolean isLast = fragment.index == fragment.count - 1;
        boolean isRight =
                each >= 128 && from < to && to - from == fragment.data.capacity() && isLast == (to == fragment.total);
        return isRight ? from : -1;
    }

    private static boolean continues(Packet packet, Fragment fragment, int from) {
        return packet.first.common().equals(fragment.common()) && !packet.isThere[from];
    }

    private void makeRoomFor(Packet packet) {
        // In the test a site has one association.
        while (isTooMuch(packet, other -> other.isOf(packet.first.association, packet.first.vni), 4)) {
            giveUp(of(other -> other.isOf(packet.first.association, packet.first.vni))
                    .get(0));
        }
        while (isTooMuch(packet, other -> other.first.association == packet.first.association, 2)) {
            giveUp(of(other -> other.first.association == packet.first.association)
                    .get(0));
        }
        while (packets.size() >= Reassembly.MAX_PACKETS || freeBytes() < packet.memory()) {
            giveUp(packets.values().iterator().next());
        }
    }

    private List<Packet> of(Predicate<Packet> which) {
        return packets.values().stream().filter(which).toList();
    }

    private boolean isTooMuch(Packet one, Predicate<Packet> which, int part) {
        int memory = one.memory() + of(which).stream().mapToInt(Packet::memory).sum();
        return of(which).size() + 1 > Reassembly.MAX_PACKETS / part
                || memory > Reassembly.BLOCKS * Reassembly.BLOCK_BYTES / part;
    }

    private void giveUp(Packet packet) {
        packets.remove(packet.first.key());
        givenUp.merge(DropReason.REASSEMBLY_FULL, 1L, Long::sum);
    }

    /** For failures. */
    @Override
    public String toString() {
        return packets.keySet() + " " + Arrays.toString(givenUp.entrySet().toArray());
    }
}
