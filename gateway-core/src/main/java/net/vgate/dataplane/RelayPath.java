package net.vgate.dataplane;

import net.vgate.dataplane.RelayTable.Route;
import net.vgate.dataplane.RelayTable.Way;
import net.vgate.encap.Geneve;
import net.vgate.encap.RelayOption;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;
import net.vgate.tunnel.DatagramPort;
import org.jspecify.annotations.Nullable;

/**
 * The way of datagrams that a third gateway passes on, at all three of them: what is for a relay becomes the payload of
 * a record to that; the relay opens the record, and seals the payload for the gateway that the label names; there it is
 * a datagram again, which came by {@link DatagramPort#RELAY}. The relay never sees what is inside, which is sealed
 * between the two ends.
 *
 * <p>One instance per worker, run by that worker's thread only; see {@link InboundPath}.
 */
final class RelayPath {
    /** Of one send: copies, since what is put around a datagram twice has no room in a batch of records. */
    private static final int RECORDS = 128;

    private static final int RECORD_BYTES = 256 << 10;

    private final PacketBatch records = PacketBatch.packed(RECORDS, RECORD_BYTES);
    private final SlotList slots = new SlotList(RECORDS);
    private final SlotList received;
    private final Sealing sealing;
    private final DatagramPort port;
    private final DropTally drops;
    private final int worker;
    private RelayExchange exchange;
    private @Nullable Association via;
    private int sealed;

    /** @param received how many slots a batch of {@link #take} has at most */
    RelayPath(
            RelayExchange exchange, Sealing sealing, DatagramPort port, DropCounters drops, int received, int worker) {
        this.exchange = exchange;
        this.received = new SlotList(received);
        this.sealing = sealing;
        this.port = port;
        this.drops = new DropTally(records, drops);
        this.worker = worker;
    }

    /** Before the first turn: relays by {@code other} in place of none. */
    void relayBy(RelayExchange other) {
        exchange = other;
    }

    /** Sends every live packet of {@code batch}, as {@link DatagramPort#sendBatch} does; some of them by relays. */
    void sendBatch(PacketBatch batch) {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot) && batch.local(slot) == DatagramPort.RELAY) {
                sendByRelay(batch, slot);
            }
        }
        flush();
        port.sendBatch(batch);
    }

    private void sendByRelay(PacketBatch batch, int slot) {
        int addressAt = batch.addressOffset(slot);
        Way way = exchange.table().way(RelayAddress.number(batch.addresses(), addressAt));
        Association onward = way == null ? null : way.tunnel().sending(worker);
        DropReason refusal = refusal(onward, batch.length(slot));
        if (way == null || onward == null || refusal != null) {
            batch.drop(slot, refusal == null ? DropReason.NO_TUNNEL : refusal);
        } else {
            int flags = RelayExchange.flags(RelayAddress.isCaller(batch.addresses(), addressAt));
            append(batch, slot, onward, way.tunnel().site(), RelayOption.HOP_LIMIT, flags, way.label());
        }
    }

    private static @Nullable DropReason refusal(@Nullable Association onward, int bytes) {
        if (onward == null) {
            return DropReason.NO_TUNNEL;
        }
        if (!RelayExchange.mayCarry(onward)) {
            return DropReason.RELAY_HOP_LIMIT;
        }
        return bytes > RelayExchange.largest(onward) ? DropReason.TOO_BIG : null;
    }

    /**
     * Takes what is relayed out of opened records. What is to be passed on has left at the end of the call; what is for
     * this gateway becomes the datagram that the far end has sent.
     *
     * @return the slots with such datagrams; borrowed until the next call
     */
    SlotList take(PacketBatch batch, Opening opening) {
        received.clear();
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot) && isRelayed(batch, slot)) {
                take(batch, slot, opening.association(slot));
            }
        }
        flush();
        return received;
    }

    private static boolean isRelayed(PacketBatch batch, int slot) {
        return batch.length(slot) >= Geneve.BYTES
                && Geneve.protocolType(batch.slab(), batch.offset(slot)) == Geneve.RELAYED
                && Geneve.check(batch, slot) == null;
    }

    private void take(PacketBatch batch, int slot, Association from) {
        int at = batch.offset(slot);
        int hopLimit = RelayOption.hopLimit(batch.slab(), at);
        int flags = RelayOption.flags(batch.slab(), at);
        int label = RelayOption.label(batch.slab(), at);
        if (batch.local(slot) == DatagramPort.RELAY) {
            batch.drop(slot, DropReason.RELAY_HOP_LIMIT);
            return;
        }
        batch.popHeader(slot, Geneve.headerBytes(batch.slab(), at));
        if ((flags & RelayOption.PASSED_ON) == 0) {
            passOn(batch, slot, exchange.table().route(from.peer(), label), hopLimit, flags);
        } else {
            receive(batch, slot, exchange.table().way(from.peer(), label), (flags & RelayOption.FROM_CALLER) != 0);
        }
    }

    private void passOn(PacketBatch batch, int slot, @Nullable Route route, int hopLimit, int flags) {
        if (route == null || route.onward() == 0) {
            batch.drop(slot, DropReason.RELAY_NOT_GRANTED);
            return;
        }
        Association onward = route.to().sending(worker);
        DropReason refusal = hopLimit == 0 ? DropReason.RELAY_HOP_LIMIT : refusal(onward, batch.length(slot));
        if (onward == null || refusal != null) {
            route.traffic().countDrop(worker);
            batch.drop(slot, refusal == null ? DropReason.NO_TUNNEL : refusal);
            return;
        }
        route.traffic().count(worker, batch.length(slot));
        append(
                batch,
                slot,
                onward,
                route.to().site(),
                hopLimit - 1,
                (flags & RelayOption.FROM_CALLER) | RelayOption.PASSED_ON,
                route.onward());
        batch.drop(slot, DropReason.CONSUMED);
    }

    private void receive(PacketBatch batch, int slot, @Nullable Way way, boolean isFromCaller) {
        if (way == null) {
            batch.drop(slot, DropReason.RELAY_NOT_GRANTED);
            return;
        }
        batch.setLocal(slot, DatagramPort.RELAY);
        RelayAddress.write(batch.addresses(), batch.addressOffset(slot), way.number(), !isFromCaller);
        if (exchange.isForAnother(worker, batch, slot)) {
            exchange.handOver(batch, slot);
            batch.drop(slot, DropReason.CONSUMED);
        } else {
            received.add(slot);
        }
    }

    /** Copies what is in {@code slot} behind what was appended before, to be sealed for {@code onward}. */
    private void append(PacketBatch batch, int slot, Association onward, int site, int hopLimit, int flags, int label) {
        int bytes = batch.length(slot);
        int tailBytes = onward.tailBytes();
        int headBytes = onward.overheadBytes() - tailBytes + RelayOption.HEADER_BYTES;
        if (via != onward) {
            seal();
            via = onward;
        }
        if (records.remaining() == 0
                || records.end() + headBytes + bytes + tailBytes
                        > records.slab().capacity()) {
            flush();
            via = onward;
        }
        int begin = records.end();
        int at = begin + headBytes;
        int record = records.addAt(begin, at, bytes, at + bytes + tailBytes);
        records.slab().put(at, batch.slab(), batch.offset(slot), bytes);
        records.setSite(record, site);
        records.setTrafficClass(record, batch.trafficClass(slot));
        RelayOption.push(records, record, hopLimit, flags, label);
    }

    /** Seals what was appended since the last call. */
    private void seal() {
        if (via == null || sealed == records.size()) {
            return;
        }
        slots.clear();
        for (int slot = sealed; slot < records.size(); slot++) {
            slots.add(slot);
        }
        sealed = records.size();
        sealing.seal(records, slots, via);
        drops.after(Stage.SEAL);
    }

    private void flush() {
        if (records.size() > 0) {
            seal();
            port.sendBatch(records);
            drops.after(Stage.SEND);
            records.clear();
            drops.begin();
            via = null;
            sealed = 0;
        }
    }
}
