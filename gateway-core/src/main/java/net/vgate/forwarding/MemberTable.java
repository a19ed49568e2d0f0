package net.vgate.forwarding;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import net.vgate.attachment.MemberStation;
import net.vgate.attachment.MemberStations;
import net.vgate.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The listed members of one V-net by address: open addressing with linear probing, 17 bytes a slot, and as soon as any
 * member's station is written, a reference more.
 *
 * <p>A slot that has an address keeps it; what changes is its state. So a reader never sees half an address: it reads
 * the state first, once, which is written last. When too many slots are taken, all that counts moves to another array,
 * and readers of the former one see what was true a moment ago.
 *
 * <p><b>Threading.</b> Any thread reads, without a lock; the {@link net.vgate.directory.Directory} writes, one thread
 * at a time.
 */
public final class MemberTable implements MemberStations {
    private static final byte EMPTY = 0;
    private static final byte REMOVED = 1;

    private static final MemberState[] STATES = MemberState.values();
    private static final int LEAST_SLOTS = 16;

    private volatile Slots slots = new Slots(LEAST_SLOTS);

    /** By state; guarded by itself. */
    private final EnumMap<MemberState, Integer> counts = new EnumMap<>(MemberState.class);

    private static final class Slots {
        private static final VarHandle STATE = MethodHandles.arrayElementVarHandle(byte[].class);

        private final long[] addresses;
        private final byte[] states;
        private final int mask;
        private volatile @Nullable AtomicReferenceArray<@Nullable MemberStation> stations;
        private int taken;

        Slots(int size) {
            addresses = new long[2 * size];
            states = new byte[size];
            mask = size - 1;
        }

        byte state(int slot) {
            return (byte) STATE.getAcquire(states, slot);
        }

        void set(int slot, byte state) {
            STATE.setRelease(states, slot, state);
        }

        /**
         * The address's state. Of each slot it is read once: an empty one that is looked at again may have become
         * another address's meanwhile.
         */
        byte lookup(long hi, long lo) {
            int slot = hash(hi, lo) & mask;
            byte state = state(slot);
            while (state != EMPTY && (addresses[2 * slot] != hi || addresses[2 * slot + 1] != lo)) {
                slot = (slot + 1) & mask;
                state = state(slot);
            }
            return state;
        }

        /** What is written of the address; null if nothing is, or it is not listed. */
        @Nullable
        MemberStation station(long hi, long lo) {
            AtomicReferenceArray<@Nullable MemberStation> written = stations;
            if (written == null) {
                return null;
            }
            int slot = hash(hi, lo) & mask;
            byte state = state(slot);
            while (state != EMPTY && (addresses[2 * slot] != hi || addresses[2 * slot + 1] != lo)) {
                slot = (slot + 1) & mask;
                state = state(slot);
            }
            return state == EMPTY || state == REMOVED ? null : written.get(slot);
        }

        void setStation(int slot, @Nullable MemberStation station) {
            AtomicReferenceArray<@Nullable MemberStation> written = stations;
            if (written == null) {
                if (station == null) {
                    return;
                }
                written = new AtomicReferenceArray<>(states.length);
                stations = written;
            }
            written.set(slot, station);
        }

        /** Where the address is, or the empty slot where it would be; the writer's only. */
        int find(long hi, long lo) {
            int slot = hash(hi, lo) & mask;
            while (state(slot) != EMPTY && (addresses[2 * slot] != hi || addresses[2 * slot + 1] != lo)) {
                slot = (slot + 1) & mask;
            }
            return slot;
        }

        void take(int slot, long hi, long lo) {
            addresses[2 * slot] = hi;
            addresses[2 * slot + 1] = lo;
            taken++;
        }

        /** No secret in it: who may write here is believed, and a stranger's look-up ends at the next empty slot. */
        private static int hash(long hi, long lo) {
            long mixed = (hi * 0x9e37_79b9_7f4a_7c15L ^ lo) * 0xd6e8_feb8_6659_fd93L;
            return (int) (mixed >>> 32 ^ mixed >>> 60);
        }
    }

    /** Whether the address is a member that is there. */
    public boolean isJoined(long hi, long lo) {
        return slots.lookup(hi, lo) == MemberState.JOINED.code();
    }

    /** The member's state, or null when it is none. */
    public @Nullable MemberState state(IpAddress address) {
        return stateOf(slots.lookup(address.hi(), address.lo()));
    }

    @Override
    public boolean areWritten() {
        return slots.stations != null;
    }

    /** Where the member has to be, as far as that is written; null if nothing is, or it is none. */
    @Override
    public @Nullable MemberStation station(long hi, long lo) {
        return slots.station(hi, lo);
    }

    private static @Nullable MemberState stateOf(byte state) {
        for (MemberState one : STATES) {
            if (one.code() == state) {
                return one;
            }
        }
        return null;
    }

    /** How many are in that state. */
    public int count(MemberState state) {
        synchronized (counts) {
            return counts.getOrDefault(state, 0);
        }
    }

    /** How many there are. */
    public int size() {
        return count(MemberState.EXPECTED) + count(MemberState.JOINED);
    }

    /**
     * The first {@code most} of the addresses that are listed, in their order.
     *
     * @param after only those behind this one; null is all
     */
    public List<IpAddress> addresses(@Nullable IpAddress after, int most) {
        PriorityQueue<IpAddress> first = new PriorityQueue<>(Comparator.reverseOrder());
        forEach((address, state) -> {
            if (after == null || address.compareTo(after) > 0) {
                first.add(address);
                if (first.size() > most) {
                    first.remove();
                }
            }
        });
        return first.stream().sorted().toList();
    }

    /** Every member once, in no order; one that changes meanwhile may be in its former state. */
    public void forEach(BiConsumer<IpAddress, MemberState> action) {
        Slots now = slots;
        for (int slot = 0; slot <= now.mask; slot++) {
            MemberState state = stateOf(now.state(slot));
            if (state != null) {
                action.accept(new IpAddress(now.addresses[2 * slot], now.addresses[2 * slot + 1]), state);
            }
        }
    }

    /** Lists the address in a state, wherever it is; null lists it not any more. The directory's thread. */
    public void set(IpAddress address, @Nullable MemberState state) {
        set(address, state, MemberStation.ANY);
    }

    /** Lists the address in a state, with where it has to be. The directory's thread. */
    public void set(IpAddress address, @Nullable MemberState state, MemberStation station) {
        Slots now = slots;
        int slot = now.find(address.hi(), address.lo());
        byte before = now.state(slot);
        if (before == EMPTY) {
            if (state == null) {
                return;
            }
            if ((now.taken + 1) * 8L > now.states.length * 5L) {
                now = moved(now);
                slot = now.find(address.hi(), address.lo());
            }
            now.take(slot, address.hi(), address.lo());
        }
        if (state != null) {
            // First, so that nobody sees it there and free to be anywhere.
            now.setStation(slot, station.isAny() ? null : station);
        }
        now.set(slot, state == null ? REMOVED : state.code());
        if (state == null) {
            now.setStation(slot, null);
        }
        slots = now;
        synchronized (counts) {
            MemberState former = stateOf(before);
            if (former != null) {
                counts.merge(former, -1, Integer::sum);
            }
            if (state != null) {
                counts.merge(state, 1, Integer::sum);
            }
        }
    }

    /** What counts, in slots of which at most half are taken. */
    private Slots moved(Slots from) {
        int size = LEAST_SLOTS;
        while (size < 2L * (size() + 1)) {
            size *= 2;
        }
        Slots to = new Slots(size);
        AtomicReferenceArray<@Nullable MemberStation> written = from.stations;
        for (int slot = 0; slot <= from.mask; slot++) {
            byte state = from.state(slot);
            if (stateOf(state) != null) {
                long hi = from.addresses[2 * slot];
                long lo = from.addresses[2 * slot + 1];
                int at = to.find(hi, lo);
                to.take(at, hi, lo);
                to.setStation(at, written == null ? null : written.get(slot));
                to.set(at, state);
            }
        }
        return to;
    }
}
