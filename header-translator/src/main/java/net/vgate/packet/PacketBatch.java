package net.vgate.packet;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A batch of packets in native memory: one slab, and a column of small facts per slot. A packet keeps its place;
 * headers are pushed into the headroom before it and popped from it, never copied.
 *
 * <p><b>Layout.</b> Where slots lie is settled once for each batch: at a fixed stride, for whoever must say where
 * packets may go before they are there; packed, each right behind the one before; or as views of what lies in another
 * batch, whose memory they share.
 *
 * <p><b>Super-packets.</b> A slot with a GSO type stands for {@link #parts} packets of the wire, cut as its GSO size
 * says. Merged packets are a chain of slots: the first one has the headers, the others ({@link #next}) only payload,
 * and they are not live.
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

    /** What the largest packet takes of a packed batch, with all that is around it. */
    public static final int MAX_ROOM_BYTES = strideOf(MAX_PACKET_BYTES);

    /** Bytes of one outer address: a {@code struct sockaddr_in6}, see {@link OuterAddress}. */
    public static final int ADDRESS_BYTES = 28;

    /** No V-net, site or carrier. */
    public static final int NONE = -1;

    /** Packets start at multiples of this, a cache line. */
    private static final int LINE_BYTES = 64;

    /** In place of the stride: the slots of the batch have none. */
    private static final int NO_STRIDE = 0;

    private final int capacity;
    private final int slotBytes;
    private final ByteBuffer slab;
    private final ByteBuffer addresses;
    private final InnerHeader inner;
    private final InnerHeader quoted;

    private final int[] offset;
    private final int[] length;
    private final int[] floor;
    private final int[] limit;
    private final Layer[] layer;
    private final ChecksumState[] checksumState;
    private final GsoType[] gsoType;
    private final int[] gsoSize;
    private final boolean[] cutFreely;
    private final int[] vnet;
    private final int[] site;
    private final int[] carrier;
    private final int[] local;
    private final byte[] trafficClass;
    private final int[] parts;
    private final int[] next;
    private final boolean[] merged;
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

    /** A batch of {@code capacity} slots that hold packets of up to {@code packetBytes}, at a fixed stride. */
    public PacketBatch(int capacity, int packetBytes) {
        this(capacity, strideOf(packetBytes), allocate(capacity, strideOf(packetBytes)), addressesOf(capacity));
    }

    private PacketBatch(int capacity, int slotBytes, ByteBuffer slab, ByteBuffer addresses) {
        this.capacity = capacity;
        this.slotBytes = slotBytes;
        this.slab = slab;
        this.addresses = addresses;
        this.inner = new InnerHeader(this, capacity);
        this.quoted = new InnerHeader(this, capacity);
        this.offset = new int[capacity];
        this.length = new int[capacity];
        this.floor = new int[capacity];
        this.limit = new int[capacity];
        this.layer = new Layer[capacity];
        this.checksumState = new ChecksumState[capacity];
        this.gsoType = new GsoType[capacity];
        this.gsoSize = new int[capacity];
        this.cutFreely = new boolean[capacity];
        this.vnet = new int[capacity];
        this.site = new int[capacity];
        this.carrier = new int[capacity];
        this.local = new int[capacity];
        this.trafficClass = new byte[capacity];
        this.parts = new int[capacity];
        this.next = new int[capacity];
        this.merged = new boolean[capacity];
        this.dropReason = new DropReason[capacity];
    }

    /**
     * A batch of up to {@code capacity} packets of any size, one right behind the other in {@code slabBytes} of memory,
     * each with headroom; see {@link #hasRoom}.
     */
    public static PacketBatch packed(int capacity, int slabBytes) {
        return new PacketBatch(capacity, NO_STRIDE, ByteBuffer.allocateDirect(slabBytes), addressesOf(capacity));
    }

    /**
     * A batch of up to {@code capacity} slots for parts of the packets in {@code batch}, in their place; their outer
     * addresses are their own.
     */
    public static PacketBatch viewsOf(PacketBatch batch, int capacity) {
        return new PacketBatch(capacity, NO_STRIDE, batch.slab, addressesOf(capacity));
    }

    /** What a packet takes with head- and tailroom. */
    private static int strideOf(int packetBytes) {
        return roundUp(HEADROOM_BYTES + packetBytes + TAILROOM_BYTES);
    }

    private static int roundUp(int bytes) {
        return (bytes + LINE_BYTES - 1) & -LINE_BYTES;
    }

    private static ByteBuffer allocate(int capacity, int slotBytes) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(capacity, slotBytes));
    }

    private static ByteBuffer addressesOf(int capacity) {
        return ByteBuffer.allocateDirect(capacity * ADDRESS_BYTES);
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

    /** Whether a packet of {@code bytes} bytes has room in the next slot. */
    public boolean hasRoom(int bytes) {
        return size < capacity && bytes + TAILROOM_BYTES <= startMaxLength(size);
    }

    /**
     * Takes the next slot, for a packet of {@code bytes} bytes that starts after the headroom. The bytes are not
     * cleared.
     *
     * @return the slot's index
     * @throws IndexOutOfBoundsException when the batch is full or the packet does not fit a slot
     */
    public int add(int bytes) {
        int start = startOffset(size);
        int from = start - HEADROOM_BYTES;
        if (slotBytes == NO_STRIDE && size > 0) {
            limit[size - 1] = Math.min(limit[size - 1], from);
        }
        return addAt(from, start, bytes, start + startMaxLength(size));
    }

    /** In a packed batch, where the last slot's room ends: what follows it without a gap begins there. */
    public int end() {
        return size == 0 ? 0 : limit[size - 1];
    }

    /**
     * Takes the next slot for {@code bytes} bytes at {@code at} of the slab, which lie between {@code from} and
     * {@code to}: no header is pushed before the one, no length set beyond the other.
     *
     * @return the slot's index
     */
    public int addAt(int from, int at, int bytes, int to) {
        int slot = size;
        Objects.checkIndex(slot, capacity);
        Objects.checkFromToIndex(from, at, slab.capacity());
        Objects.checkFromToIndex(at, to, slab.capacity());
        floor[slot] = from;
        limit[slot] = to;
        offset[slot] = at;
        setLength(slot, bytes);
        layer[slot] = Layer.L3;
        checksumState[slot] = ChecksumState.UNKNOWN;
        gsoType[slot] = GsoType.NONE;
        gsoSize[slot] = 0;
        cutFreely[slot] = false;
        vnet[slot] = NONE;
        site[slot] = NONE;
        carrier[slot] = NONE;
        local[slot] = 0;
        trafficClass[slot] = 0;
        parts[slot] = 1;
        next[slot] = NONE;
        merged[slot] = false;
        dropReason[slot] = null;
        inner.forget(slot);
        quoted.forget(slot);
        size = slot + 1;
        return slot;
    }

    /**
     * In a batch of views: takes the next slot for {@code bytes} bytes at {@code at} of what is in {@code slot} of the
     * batch {@code of}, with its outer address.
     *
     * @return the slot's index
     */
    public int addView(PacketBatch of, int slot, int at, int bytes) {
        int view = addAt(at, at, bytes, at + bytes);
        OuterAddress.copy(of.addresses, of.addressOffset(slot), addresses, addressOffset(view));
        local[view] = of.local[slot];
        trafficClass[view] = of.trafficClass[slot];
        return view;
    }

    /** Takes back the slot that {@link #add} gave last, as if it had not been taken. */
    public void removeLast() {
        size--;
    }

    /**
     * Where a packet starts that {@link #add} puts into {@code slot}: for whoever fills slots before taking them. In a
     * packed batch the next slot's is known, and no later one's.
     */
    public int startOffset(int slot) {
        Objects.checkIndex(slot, capacity);
        if (slotBytes != NO_STRIDE) {
            return slot * slotBytes + HEADROOM_BYTES;
        }
        return HEADROOM_BYTES + (slot == 0 ? 0 : roundUp(offset[slot - 1] + length[slot - 1] + TAILROOM_BYTES));
    }

    /** The largest length that {@link #add} takes for {@code slot}; negative when the slab is full. */
    public int startMaxLength(int slot) {
        return slotBytes != NO_STRIDE ? slotBytes - HEADROOM_BYTES : slab.capacity() - startOffset(slot);
    }

    /** Where in {@link #addresses()} the outer address of what {@link #add} puts into {@code slot} is. */
    public int startAddressOffset(int slot) {
        return slot * ADDRESS_BYTES;
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
        return limit[slot] - offset[slot];
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
        if (bytes < 0 || start < floor[slot]) {
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

    /** Whether the slot has a packet that is still on its way: it was not dropped, nor merged into another one. */
    public boolean isLive(int slot) {
        return dropReason[slot] == null && !merged[slot];
    }

    /** Why the packet was dropped, or null. */
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

    /** Whether the GSO size is none that the packet's sender has said, so that it may be made smaller. */
    public boolean isCutFreely(int slot) {
        return cutFreely[slot];
    }

    /** The GSO size is none that the packet's sender has said. */
    public void setCutFreely(int slot) {
        cutFreely[slot] = true;
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

    /** Which of the remote site's gateways the packet goes to, or {@link #NONE}. */
    public int carrier(int slot) {
        return carrier[slot];
    }

    public void setCarrier(int slot, int index) {
        carrier[slot] = index;
    }

    /** Which local socket the datagram came in by, or leaves by: an index that the datagram port gives out. */
    public int local(int slot) {
        return local[slot];
    }

    public void setLocal(int slot, int index) {
        local[slot] = index;
    }

    /**
     * The outer header's traffic class, DSCP and ECN ({@link TrafficClass}): that by which the datagram came, or is to
     * leave; 0 where there is none.
     */
    public int trafficClass(int slot) {
        return trafficClass[slot] & 0xff;
    }

    public void setTrafficClass(int slot, int value) {
        trafficClass[slot] = (byte) value;
    }

    /** How many packets of the wire this slot stands for. */
    public int parts(int slot) {
        return parts[slot];
    }

    /** Says how many packets of the wire the slot stands for. */
    public void setParts(int slot, int packets) {
        parts[slot] = packets;
    }

    /** The slot whose payload follows this one's in a merged packet, or {@link #NONE}. */
    public int next(int slot) {
        return next[slot];
    }

    /**
     * Makes what is in {@code follower}, payload alone, the continuation of the packet that begins in {@code leader}
     * and so far ends with {@code last}, which is the leader or an earlier follower.
     */
    public void merge(int leader, int last, int follower) {
        next[last] = follower;
        merged[follower] = true;
        parts[leader] += parts[follower];
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
