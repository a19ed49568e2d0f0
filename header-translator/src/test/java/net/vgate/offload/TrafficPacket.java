package net.vgate.offload;

/** A packet as it comes out of a tunnel. */
final class TrafficPacket {
    private final byte[] bytes;
    private final int vnet;
    private final int site;
    private final boolean isPartial;

    TrafficPacket(byte[] bytes, int vnet, int site, boolean isPartial) {
        this.bytes = bytes;
        this.vnet = vnet;
        this.site = site;
        this.isPartial = isPartial;
    }

    byte[] bytes() {
        return bytes;
    }

    int vnet() {
        return vnet;
    }

    int site() {
        return site;
    }

    /** Whether it is said to have a partial checksum. */
    boolean isPartial() {
        return isPartial;
    }

    TrafficPacket withBytes(byte[] other) {
        return new TrafficPacket(other, vnet, site, isPartial);
    }

    TrafficPacket withPlace(int otherVnet, int otherSite) {
        return new TrafficPacket(bytes, otherVnet, otherSite, isPartial);
    }

    TrafficPacket withPartial(boolean other) {
        return new TrafficPacket(bytes, vnet, site, other);
    }
}
