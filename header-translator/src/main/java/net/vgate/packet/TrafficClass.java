package net.vgate.packet;

import java.nio.ByteBuffer;

/**
 * The traffic class of an IP header, 8 bits: the differentiated services code point (DSCP, RFC 2474 section 3) in the
 * upper six, explicit congestion notification (ECN, RFC 3168 section 5) in the lower two. IPv4 has it where RFC 791 has
 * the type of service.
 */
public final class TrafficClass {
    /** The ECN field: its sender reacts to no marks. */
    public static final int NOT_ECT = 0;

    public static final int ECT_1 = 1;
    public static final int ECT_0 = 2;

    /** Congestion experienced. */
    public static final int CE = 3;

    private static final int ECN_MASK = 3;

    private TrafficClass() {}

    /** That of the header of IP version {@code version}, 4 or 6, at {@code at}. */
    public static int of(ByteBuffer buffer, int at, int version) {
        return version == 4
                ? buffer.get(at + Ipv4Header.TOS_OFFSET) & 0xff
                : (buffer.getShort(at) >>> Ipv6Header.TRAFFIC_CLASS_SHIFT) & 0xff;
    }

    /** The ECN field of a traffic class. */
    public static int ecn(int trafficClass) {
        return trafficClass & ECN_MASK;
    }

    /** The DSCP of a traffic class, 0 to 63. */
    public static int dscp(int trafficClass) {
        return trafficClass >>> 2;
    }

    /** Traffic class of a DSCP and an ECN field. */
    public static int of(int dscp, int ecn) {
        return (dscp << 2) | ecn;
    }

    /**
     * Sets the ECN field of the header at {@code at}, and what of IPv4's checksum comes from it. Transport checksums do
     * not cover it.
     */
    public static void setEcn(ByteBuffer buffer, int at, int version, int ecn) {
        int before = buffer.getShort(at);
        if (version == 6) {
            int shift = Ipv6Header.TRAFFIC_CLASS_SHIFT;
            buffer.putShort(at, (short) ((before & ~(ECN_MASK << shift)) | (ecn << shift)));
            return;
        }
        int after = (before & ~ECN_MASK) | ecn;
        buffer.putShort(at, (short) after);
        int field = at + Ipv4Header.CHECKSUM_OFFSET;
        buffer.putShort(
                field, (short) Checksum.update(buffer.getShort(field) & 0xffff, Checksum.delta16(before, after)));
    }
}
