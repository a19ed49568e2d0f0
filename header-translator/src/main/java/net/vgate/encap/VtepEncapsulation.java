package net.vgate.encap;

import java.nio.ByteBuffer;
import net.vgate.packet.DropReason;
import org.jspecify.annotations.Nullable;

/** How Ethernet frames of many V-nets travel in UDP datagrams between VTEPs of one data center, in clear. */
public enum VtepEncapsulation {
    /** RFC 7348, see {@link VxlanHeader}. */
    VXLAN(4789) {
        @Override
        public @Nullable DropReason check(ByteBuffer buffer, int at, int bytes) {
            return bytes >= VxlanHeader.BYTES && VxlanHeader.hasVni(buffer, at) ? null : DropReason.ENCAPSULATION;
        }

        @Override
        public int headerBytes(ByteBuffer buffer, int at) {
            return VxlanHeader.BYTES;
        }

        @Override
        public int vni(ByteBuffer buffer, int at) {
            return VxlanHeader.vni(buffer, at);
        }

        @Override
        public void write(ByteBuffer buffer, int at, int vni) {
            VxlanHeader.write(buffer, at, vni);
        }
    },

    /**
     * RFC 8926, see {@link Geneve}: frames only. Options are passed over, unless they are critical: none means anything
     * here.
     */
    GENEVE(6081) {
        @Override
        public @Nullable DropReason check(ByteBuffer buffer, int at, int bytes) {
            return Geneve.isFrame(buffer, at, bytes) ? null : DropReason.ENCAPSULATION;
        }

        @Override
        public int headerBytes(ByteBuffer buffer, int at) {
            return Geneve.headerBytes(buffer, at);
        }

        @Override
        public int vni(ByteBuffer buffer, int at) {
            return Geneve.vni(buffer, at);
        }

        @Override
        public void write(ByteBuffer buffer, int at, int vni) {
            Geneve.write(buffer, at, vni, Geneve.ETHERNET);
        }
    };

    /** Length of a header that {@link #write} writes, in bytes. */
    public static final int WRITTEN_BYTES = 8;

    private final int udpPort;

    VtepEncapsulation(int udpPort) {
        this.udpPort = udpPort;
    }

    /** The UDP port that IANA has assigned. */
    public int udpPort() {
        return udpPort;
    }

    /**
     * Whether the {@code bytes} bytes at {@code at} begin with a header that may be worked with: {@link #headerBytes}
     * and {@link #vni} have meaning after it has returned null. The frame may be empty.
     */
    public abstract @Nullable DropReason check(ByteBuffer buffer, int at, int bytes);

    /** Length of the header with its options, in bytes; no more than was checked. */
    public abstract int headerBytes(ByteBuffer buffer, int at);

    /** The V-net number, 24 bits. */
    public abstract int vni(ByteBuffer buffer, int at);

    /** Writes the header of a frame of {@code vni} (24 bits). */
    public abstract void write(ByteBuffer buffer, int at, int vni);
}
