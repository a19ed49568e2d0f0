package net.vgate.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/**
 * The associations of the process by what a datagram shows: our connection ID or, of peers that write none, the outer
 * address. Connection IDs of handshakes under way are in it, too, so that records for them can be told from noise.
 *
 * <p><b>Threading.</b> Workers look up without locks or allocation, in immutable indices that control replaces as a
 * whole.
 */
public final class AssociationTable {
    private final Steering steering;
    private final Object writeLock = new Object();
    private final Map<Long, Association> byId = new LinkedHashMap<>();
    private final Set<Long> handshaking = new HashSet<>();
    private final Map<Association.Path, Association> byPath = new LinkedHashMap<>();

    private volatile CidIndex cids = CidIndex.EMPTY;
    private volatile AddressIndex addresses = AddressIndex.EMPTY;

    /** A table for one worker. */
    public AssociationTable() {
        this(new Steering(1));
    }

    /** @param steering which worker gets what comes for the connection IDs that the table gives out */
    public AssociationTable(Steering steering) {
        this.steering = steering;
    }

    /** Which worker gets what comes for a connection ID of the table. */
    public Steering steering() {
        return steering;
    }

    /** The association that our connection ID {@code cid} names, or null. */
    public @Nullable Association find(long cid) {
        return cids.find(cid);
    }

    /**
     * The association of the peer that the datagram in {@code slot} came from, if it writes no connection ID; or null.
     */
    public @Nullable Association find(PacketBatch batch, int slot) {
        return find(batch.addresses(), batch.addressOffset(slot), batch.local(slot));
    }

    /**
     * The association, without connection ID, with the peer at the given kernel-form address and local socket; or null.
     */
    public @Nullable Association find(ByteBuffer address, int at, int local) {
        return addresses.find(address, at, local);
    }

    /** The same for control. */
    public @Nullable Association find(Association.Path path) {
        ByteBuffer address = ByteBuffer.allocate(PacketBatch.ADDRESS_BYTES);
        OuterAddress.write(address, 0, path.remote());
        return find(address, 0, path.local());
    }

    /** Whether {@code cid} was given to a handshake that is not done. */
    public boolean isHandshaking(long cid) {
        return cids.isHandshaking(cid);
    }

    /** A connection ID of {@code worker} that no association has, reserved for a handshake. */
    public long reserve(int worker, RandomGenerator random) {
        synchronized (writeLock) {
            long cid;
            do {
                cid = steering.newCid(worker, random);
            } while (byId.containsKey(cid) || !handshaking.add(cid));
            publish();
            return cid;
        }
    }

    /** Gives a connection ID back whose handshake came to nothing. */
    public void release(long cid) {
        synchronized (writeLock) {
            handshaking.remove(cid);
            publish();
        }
    }

    /**
     * Makes {@code association} known; its connection ID is no longer one of a handshake.
     *
     * @return the association that it makes unreachable: of a peer without connection IDs the last one counts
     */
    public @Nullable Association add(Association association) {
        synchronized (writeLock) {
            Association replaced = null;
            handshaking.remove(association.id());
            byId.put(association.id(), association);
            if (!association.ids().received()) {
                replaced = byPath.put(path(association), association);
                if (replaced != null) {
                    byId.remove(replaced.id());
                }
            }
            publish();
            return replaced;
        }
    }

    /** Forgets {@code association}; false if it was not there. */
    public boolean remove(Association association) {
        synchronized (writeLock) {
            boolean there = byId.remove(association.id(), association);
            byPath.remove(path(association), association);
            publish();
            return there;
        }
    }

    /** All associations, in the order in which they were added. */
    public List<Association> all() {
        synchronized (writeLock) {
            return new ArrayList<>(byId.values());
        }
    }

    private static Association.Path path(Association association) {
        return new Association.Path(association.local(), association.remote());
    }

    private void publish() {
        cids = CidIndex.of(byId, handshaking);
        addresses = AddressIndex.of(byPath.values());
    }
}
