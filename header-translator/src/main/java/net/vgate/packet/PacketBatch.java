package net.vgate.packet;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A batch of packets in native memory: one slab of equal slots, and a column of small facts per slot. A packet keeps
 * its place; headers are pushed into the headroom before it and popped from it, never copied.
 *
 * <p><b>Ownership.</b> A batch belongs to one worker thread for its whole life. A stage borrows it for the length of
 * the call and keeps no reference to it; {@link #copyOut(int)} is the only way to keep bytes past {@link #clear()}.
 *
 * <p><b>Drops.</b> A dropped packet is marked, not removed, and the first reason stands. Later stages skip it, one
 * place counts.
 *
 * <p><b>Bytes.</b> Only absolute access to {@link #slab()}, whose byte order is big-endian and whose position and limit
 * nobody moves. Every offset in this class is one into the slab.
 */
public final class PacketBatch {
    /**
     * Space before a packet for everything that is ever pushed: outer headers, options, record header, device header.
     */
    public static final int HEADROOM_BYTES = 192;

    /** Space after a packet, for the tag and the content type of a record. */
    public static final int TAILROOM_BYTES = 64;

    /** The largest packet: a TUN super-packet, RFC 791 section 3.1. */
    public static final int MAX_PACKET_BYTES = 65_535;

    /** Bytes of one outer address: a {@code struct sockaddr_in6}, see {@link OuterAddress}. */
    public static final int ADDRESS_BYTES = 28;

    /** No V-net, site or lane. */
    public static final int NONE = -1;

    private final int capacity;
    private final int slotBytes;
    private final ByteBuffer slab;
    private final ByteBuffer addresses;
    private final InnerHeader inner;
    private final InnerHeader quoted;

    private final int[] offset;
    private final int[] length;
    private final Layer[] layer;
    private final ChecksumState[] checksumState;
    private final GsoType[] gsoType;
    private final int[] gsoSize;
    private final int[] vnet;
    private final int[] site;
    private final int[] lane;
    private final int[] local;
    private final int[] origin;
    private final int[] parts;
    private final @Nullable DropReason[] dropReason;

    private int size;

    /** What a packet's first byte belongs to. */
    public enum Layer {
        /** An IP packet, RFC 791 or RFC 8200. */
        L3,
        /** An Ethernet frame without its check sequence. */
        L2
    }

    /** What is known of the packet's transport checksum. */
    public enum ChecksumState {
        /** Not looked at: it came from outside and must be carried as it is. */
        UNKNOWN,
        /** Known to be right, or made here. */
        COMPLETE,
        /** The field holds the pseudo-header's sum, not complemented; whoever sends the packet on completes it. */
        PARTIAL
    }

    /** How a super-packet is to be cut, {@code VIRTIO_NET_HDR_GSO_*} of linux/virtio_net.h. */
    public enum GsoType {
        /** One packet. */
        NONE,
        /** TCP over IPv4. */
        TCP4,
        /** TCP over IPv6. */
        TCP6,
        /** UDP datagrams, either family. */
        UDP
    }

    /** A batch of {@code capacity} slots, each of the largest packet with head- and tailroom. */
    public PacketBatch(int capacity) {
        this(capacity, MAX_PACKET_BYTES);
    }

    /** A batch of {@code capacity} slots that hold packets of up to {@code packetBytes}. */
    public PacketBatch(int capacity, int packetBytes) {
        this.capacity = capacity;
        // Rounded to a cache line, so that equal offsets in neighbouring slots do not straddle differently.
        this.slotBytes = (HEADROOM_BYTES + packetBytes + TAILROOM_BYTES + 63) & ~63;
        this.slab = ByteBuffer.allocateDirect(Math.multiplyExact(capacity, slotBytes));
        this.addresses = ByteBuffer.allocateDirect(capacity * ADDRESS_BYTES);
        this.inner = new InnerHeader(this, capacity);
        this.quoted = new InnerHeader(this, capacity);
        this.offset = new int[capacity];
        this.length = new int[capacity];
        this.layer = new Layer[capacity];
        this.checksumState = new ChecksumState[capacity];
        this.gsoType = new GsoType[capacity];
        this.gsoSize = new int[capacity];
        this.vnet = new int[capacity];
        this.site = new int[capacity];
        this.lane = new int[capacity];
        this.local = new int[capacity];
        this.origin = new int[capacity];
        this.parts = new int[capacity];
        this.dropReason = new DropReason[capacity];
    }

    /** How many packets fit. */
    public int capacity() {
        return capacity;
    }

    /** How many slots are in use, dropped ones included. */
    public int size() {
        return size;
    }

    /** How many slots are free. */
    public int remaining() {
        return capacity - size;
    }

    /** Empties the batch; what was in it is gone. */
    public void clear() {
        Arrays.fill(dropReason, 0, size, null);
        size = 0;
    }

    /**
     * Takes the next slot, for a packet of {@code bytes} bytes that starts after the headroom. The bytes are not
     * cleared.
     *
     * @return the slot's index
     * @throws IndexOutOfBoundsException when the batch is full or the packet does not fit a slot
     */
    public int add(int bytes) {
        int slot = size;
        Objects.checkIndex(slot, capacity);
        offset[slot] = slot * slotBytes + HEADROOM_BYTES;
        setLength(slot, bytes);
        layer[slot] = Layer.L3;
        checksumState[slot] = ChecksumState.UNKNOWN;
        gsoType[slot] = GsoType.NONE;
        gsoSize[slot] = 0;
        vnet[slot] = NONE;
        site[slot] = NONE;
        lane[slot] = NONE;
        local[slot] = 0;
        origin[slot] = slot;
        parts[slot] = 1;
        dropReason[slot] = null;
        inner.forget(slot);
        quoted.forget(slot);
        size = slot + 1;
        return slot;
    }

    /** Takes back the slot that {@link #add} gave last, as if it had not been taken. */
    public void removeLast() {
        size--;
    }

    /** Where a packet starts that {@link #add} puts into {@code slot}: for whoever fills slots before taking them. */
    public int startOffset(int slot) {
        Objects.checkIndex(slot, capacity);
        return slot * slotBytes + HEADROOM_BYTES;
    }

    /** The largest length that {@link #add} takes. */
    public int startMaxLength() {
        return slotBytes - HEADROOM_BYTES;
    }

    /** The memory of all slots, big-endian. */
    public ByteBuffer slab() {
        return slab;
    }

    /** The parsed headers of the slots. */
    public InnerHeader inner() {
        return inner;
    }

    /** The parsed headers of the packets that ICMP errors in the slots quote, see {@link InnerHeader#parseQuoted}. */
    public InnerHeader quoted() {
        return quoted;
    }

    /** Where the packet starts. */
    public int offset(int slot) {
        return offset[slot];
    }

    /** How long the packet is, in bytes. */
    public int length(int slot) {
        return length[slot];
    }

    /** The largest length that the packet can be given where it starts now. */
    public int maxLength(int slot) {
        return (slot + 1) * slotBytes - offset[slot];
    }

    /** Sets the packet's length; its end must stay within its slot. */
    public void setLength(int slot, int bytes) {
        if (bytes < 0 || bytes > maxLength(slot)) {
            throw new IndexOutOfBoundsException("length " + bytes + " of " + maxLength(slot));
        }
        length[slot] = bytes;
    }

    /** Makes the packet begin {@code bytes} earlier. Headroom that is gone is a programming error, and loud. */
    public void pushHeader(int slot, int bytes) {
        int start = offset[slot] - bytes;
        if (bytes < 0 || start < slot * slotBytes) {
            throw new IndexOutOfBoundsException("no headroom for " + bytes + " bytes");
        }
        offset[slot] = start;
        length[slot] += bytes;
    }

    /** Makes the packet begin {@code bytes} later; they must be there. */
    public void popHeader(int slot, int bytes) {
        if (bytes < 0 || bytes > length[slot]) {
            throw new IndexOutOfBoundsException("no " + bytes + " bytes to pop of " + length[slot]);
        }
        offset[slot] += bytes;
        length[slot] -= bytes;
    }

    /** Marks the packet as dropped; the first reason stands. */
    public void drop(int slot, DropReason reason) {
        if (dropReason[slot] == null) {
            dropReason[slot] = reason;
        }
    }

    /** Whether the packet is still on its way. */
    public boolean isLive(int slot) {
        return dropReason[slot] == null;
    }

    /** Why the packet was dropped, or null while it is live. */
    public @Nullable DropReason dropReason(int slot) {
        return dropReason[slot];
    }

    /** Whether the packet is an IP packet or a frame. */
    public Layer layer(int slot) {
        return layer[slot];
    }

    public void setLayer(int slot, Layer value) {
        layer[slot] = value;
    }

    /** What is known of the transport checksum. */
    public ChecksumState checksumState(int slot) {
        return checksumState[slot];
    }

    public void setChecksumState(int slot, ChecksumState value) {
        checksumState[slot] = value;
    }

    /** How the packet is to be cut; {@link GsoType#NONE} for one packet. */
    public GsoType gsoType(int slot) {
        return gsoType[slot];
    }

    /** Payload bytes per segment, headers not counted; 0 for one packet. */
    public int gsoSize(int slot) {
        return gsoSize[slot];
    }

    public void setGso(int slot, GsoType type, int segmentBytes) {
        gsoType[slot] = type;
        gsoSize[slot] = segmentBytes;
    }

    /** Index of the V-net in the snapshot that the batch is forwarded by, or {@link #NONE}. */
    public int vnet(int slot) {
        return vnet[slot];
    }

    public void setVnet(int slot, int index) {
        vnet[slot] = index;
    }

    /**
     * Number of the remote site that the packet goes to or came from, see the forwarding snapshot; or {@link #NONE}.
     */
    public int site(int slot) {
        return site[slot];
    }

    public void setSite(int slot, int number) {
        site[slot] = number;
    }

    /** Which lane of the tunnel carries the packet, or {@link #NONE}. */
    public int lane(int slot) {
        return lane[slot];
    }

    public void setLane(int slot, int index) {
        lane[slot] = index;
    }

    /** Which local socket the datagram came in by, or leaves by: an index that the datagram port gives out. */
    public int local(int slot) {
        return local[slot];
    }

    public void setLocal(int slot, int index) {
        local[slot] = index;
    }

    /** The slot, in the batch that was read, which this packet was cut from or which leads the ones merged into it. */
    public int origin(int slot) {
        return origin[slot];
    }

    /** How many packets of the wire this slot stands for: more than one after merging. */
    public int parts(int slot) {
        return parts[slot];
    }

    public void setOrigin(int slot, int originSlot, int packets) {
        origin[slot] = originSlot;
        parts[slot] = packets;
    }

    /** The outer socket addresses, {@link #ADDRESS_BYTES} each, in the kernel's form: see {@link OuterAddress}. */
    public ByteBuffer addresses() {
        return addresses;
    }

    /** Where the slot's outer address is in {@link #addresses()}. */
    public int addressOffset(int slot) {
        return slot * ADDRESS_BYTES;
    }

    /** A copy of the packet's bytes, owned by the caller. Allocates: for control only. */
    public byte[] copyOut(int slot) {
        byte[] bytes = new byte[length[slot]];
        slab.get(offset[slot], bytes);
        return bytes;
    }

    /** Puts {@code bytes} into the next slot. For control, tests and generated packets. Returns the slot. */
    public int addCopy(byte[] bytes) {
        int slot = add(bytes.length);
        slab.put(offset[slot], bytes);
        return slot;
    }
}
