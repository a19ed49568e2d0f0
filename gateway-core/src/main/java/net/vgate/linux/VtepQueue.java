package net.vgate.linux;

import java.nio.ByteBuffer;
import net.vgate.attachment.Offload;
import net.vgate.attachment.PacketDevice;
import net.vgate.encap.OuterTrafficClass;
import net.vgate.encap.VtepEncapsulation;
import net.vgate.offload.Segmenter;
import net.vgate.offload.SuperPacket;
import net.vgate.packet.DropReason;
import net.vgate.packet.EthernetHeader;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.TransportChecksum;
import org.jspecify.annotations.Nullable;

/**
 * A worker's part of a VTEP port: a socket, and the datagrams that are fetched from it or about to be sent. Datagrams
 * that the kernel put together (UDP_GRO) are taken apart, and super-packets cut into datagrams that the kernel is
 * handed as one (UDP_SEGMENT).
 */
final class VtepQueue implements PacketDevice {
    /** Datagrams of one receive, each of which may be many. */
    private static final int DATAGRAMS = 16;

    private static final int SENT = 256;
    private static final int SENT_BYTES = 384 << 10;

    private static final int HEADER_BYTES = VtepEncapsulation.WRITTEN_BYTES + EthernetHeader.BYTES;

    private final VtepPort port;
    private final int worker;
    private final VtepEncapsulation encapsulation;
    private final UdpSocket socket;
    private final DatagramSender sender;
    private final PacketBatch received = new PacketBatch(DATAGRAMS);
    private final PacketBatch out = PacketBatch.packed(SENT, SENT_BYTES);
    private final Segmenter segmenter = new Segmenter(out);

    /** For each datagram of {@link #out} the slot that it was made of. */
    private final int[] origins = new int[SENT];

    private @Nullable SuperPacketCutter cutter;

    /** The next datagram is at {@link #at} of what is in this slot of {@link #received}. */
    private int next;

    private int at;

    VtepQueue(VtepPort port, int worker, UdpSocket socket) {
        this.port = port;
        this.worker = worker;
        this.encapsulation = port.endpoint().encapsulation();
        this.socket = socket;
        this.sender = socket.newSender();
    }

    @Override
    public int readBatch(PacketBatch batch, int packetLimit, int byteLimit) {
        int packets = takeLost(batch, packetLimit);
        int bytes = 0;
        while (packets < packetLimit && bytes < byteLimit && batch.hasRoom(PacketBatch.MAX_PACKET_BYTES)) {
            if (next == received.size() && !receive()) {
                break;
            }
            if (!received.isLive(next)) {
                batch.drop(batch.add(0), DropReason.MALFORMED);
                next++;
            } else {
                takeNext(batch);
            }
            // As whoever reads will count: what is still in hand here is nothing that epoll knows of.
            bytes += batch.length(batch.size() - 1);
            packets++;
        }
        return packets;
    }

    private int takeLost(PacketBatch batch, int packetLimit) {
        int lost = port.lost().take(Math.min(packetLimit, batch.remaining()));
        for (int i = 0; i < lost; i++) {
            batch.drop(batch.add(0), DropReason.NEIGHBOR_UNKNOWN);
        }
        return lost;
    }

    private boolean receive() {
        received.clear();
        next = 0;
        at = 0;
        socket.receive(received, 0);
        return received.size() > 0;
    }

    private void takeNext(PacketBatch batch) {
        int left = received.length(next) - at;
        int bytes = received.gsoSize(next) > 0 ? Math.min(received.gsoSize(next), left) : left;
        take(batch, received.offset(next) + at, bytes);
        at += bytes;
        if (bytes == left) {
            next++;
            at = 0;
        }
    }

    private void take(PacketBatch batch, int start, int bytes) {
        ByteBuffer slab = received.slab();
        DropReason malformed = encapsulation.check(slab, start, bytes);
        if (malformed != null) {
            batch.drop(batch.add(0), malformed);
            return;
        }
        int vni = encapsulation.vni(slab, start);
        int locator = port.locators().numberOf(received.addresses(), received.addressOffset(next));
        VtepDevice device = port.find(vni, locator);
        if (device == null) {
            batch.drop(batch.add(0), DropReason.UNKNOWN_VTEP);
            return;
        }
        int frame = start + encapsulation.headerBytes(slab, start);
        int packetBytes = start + bytes - frame - EthernetHeader.BYTES;
        if (packetBytes < 0) {
            batch.drop(batch.add(0), DropReason.MALFORMED);
            return;
        }
        int slot = batch.add(packetBytes);
        int header = batch.offset(slot) - EthernetHeader.BYTES;
        batch.slab().put(header, slab, frame, EthernetHeader.BYTES + packetBytes);
        batch.setVnet(slot, vni);
        device.queue(worker).received(batch, slot, locator);
        if (batch.isLive(slot)) {
            takeMark(batch, slot);
            takeParsed(batch, slot, device, locator);
        }
    }

    /**
     * From a switch on this very machine, packets come as its kernel has them before an interface finishes them: with
     * partial checksums, and TCP in super-packets, of which nobody says how they are to be cut.
     */
    private void takeParsed(PacketBatch batch, int slot, VtepDevice device, int locator) {
        if (batch.inner().parse(slot) != null) {
            return;
        }
        device.queue(worker).heard(batch, slot, locator);
        if (batch.isLive(slot)) {
            TransportChecksum.recognizePartial(batch, slot);
            SuperPacket.cutTo(batch, slot, device.link().mtuBytes());
        }
    }

    /** RFC 6040, section 4.2: what the data center's network has marked outside counts inside. */
    private void takeMark(PacketBatch batch, int slot) {
        batch.setTrafficClass(slot, received.trafficClass(next));
        DropReason congested = OuterTrafficClass.combine(batch, slot);
        batch.setTrafficClass(slot, 0);
        if (congested != null) {
            batch.drop(slot, congested);
        }
    }

    /**
     * Appends the packet in {@code slot} of {@code from}, with what was merged into it and the Ethernet header right
     * before it, as datagrams to the locator of a number. They are sent by {@link #flush} at the latest.
     */
    void append(PacketBatch from, int slot, int vni, int locator) {
        boolean isMerged = from.next(slot) != PacketBatch.NONE;
        SuperPacketCutter whole = isMerged ? cutter() : null;
        if (whole == null) {
            segmenter.begin(from, slot, false);
        } else {
            DropReason malformed = whole.begin(from, slot, false);
            if (malformed != null) {
                from.drop(slot, malformed);
                return;
            }
        }
        boolean isDone;
        do {
            int first = out.size();
            isDone = whole == null ? segmenter.cutInto(out, HEADER_BYTES, 0) : whole.cutInto(out, HEADER_BYTES, 0);
            for (int datagram = first; datagram < out.size(); datagram++) {
                encapsulate(from, slot, datagram, vni, locator);
            }
            if (!isDone) {
                flush(from);
            }
        } while (!isDone);
    }

    private void encapsulate(PacketBatch from, int slot, int datagram, int vni, int locator) {
        out.pushHeader(datagram, HEADER_BYTES);
        int start = out.offset(datagram);
        int ethernet = start + VtepEncapsulation.WRITTEN_BYTES;
        encapsulation.write(out.slab(), start, vni);
        out.slab().put(ethernet, from.slab(), from.offset(slot) - EthernetHeader.BYTES, EthernetHeader.BYTES);
        port.locators().copyTo(locator, out.addresses(), out.addressOffset(datagram));
        out.setLocal(datagram, 0);
        // Whether the switch combines the ECN fields is not known: compatibility mode, RFC 6040 section 4.1.
        int inner = from.inner().trafficClass(slot);
        out.setTrafficClass(datagram, OuterTrafficClass.of(inner, OuterTrafficClass.COPY, false));
        origins[datagram] = slot;
    }

    /** Sends what was appended; marks the packets in {@code from} of which the kernel does not take all. */
    void flush(PacketBatch from) {
        try {
            sender.send(out, 0);
            for (int datagram = 0; datagram < out.size(); datagram++) {
                DropReason reason = out.dropReason(datagram);
                if (reason != null) {
                    from.drop(origins[datagram], reason);
                }
            }
        } finally {
            out.clear();
        }
    }

    private SuperPacketCutter cutter() {
        SuperPacketCutter made = cutter == null ? new SuperPacketCutter() : cutter;
        cutter = made;
        return made;
    }

    @Override
    public void writeBatch(PacketBatch batch, int[] slots, int count) {
        throw new UnsupportedOperationException("what is written to are the V-nets' devices");
    }

    @Override
    public String name() {
        return port.endpoint().name();
    }

    @Override
    public VtepQueue queue(int ofWorker) {
        return port.queue(ofWorker);
    }

    @Override
    public Offload tso() {
        return Offload.ON;
    }

    @Override
    public Offload uso() {
        return Offload.ON;
    }

    @Override
    public Offload merge() {
        return Offload.ON;
    }

    @Override
    public Offload udpSegment() {
        return sender.segmentation();
    }

    @Override
    public Offload udpGro() {
        return socket.coalescing();
    }

    @Override
    public boolean isGone() {
        return port.isGone();
    }

    long kernelDrops() {
        return socket.kernelDrops();
    }

    @Override
    public int descriptor() {
        return socket.descriptor();
    }

    @Override
    public void close() {
        socket.close();
    }
}
