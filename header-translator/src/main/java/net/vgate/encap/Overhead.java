package net.vgate.encap;

import net.vgate.packet.Ipv4Header;
import net.vgate.packet.Ipv6Header;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.UdpHeader;

/**
 * What everything around a tenant's packet costs: the one table that every MTU is taken from. Records are taken to be
 * protected by AES-GCM, which costs the most; ChaCha20-Poly1305 has no explicit nonce, so its records stay 8 bytes
 * below.
 *
 * <table>
 * <caption>Bytes, from the outside in</caption>
 * <tr><td>outer IPv4, or IPv6</td><td>20, or 40</td><td>RFC 791 section 3.1, RFC 8200 section 3</td></tr>
 * <tr><td>UDP</td><td>8</td><td>RFC 768</td></tr>
 * <tr><td>DTLS 1.2 record header</td><td>13</td><td>RFC 6347 section 4.1</td></tr>
 * <tr><td>connection ID</td><td>its length</td><td>RFC 9146 section 4</td></tr>
 * <tr><td>explicit nonce of AES-GCM</td><td>8</td><td>RFC 5288 section 3</td></tr>
 * <tr><td>Geneve</td><td>8</td><td>RFC 8926 section 3.4</td></tr>
 * <tr><td>Geneve options</td><td>their length</td><td>RFC 8926 section 3.5</td></tr>
 * <tr><td>inner Ethernet header, of an L2 V-net</td><td>14</td><td>IEEE 802.3</td></tr>
 * <tr><td>content type, with a connection ID</td><td>1</td><td>RFC 9146 section 4</td></tr>
 * <tr><td>tag of AES-GCM</td><td>16</td><td>RFC 5288 section 3</td></tr>
 * </table>
 *
 * @param outerIpv6 whether the underlay is IPv6
 * @param cidBytes length of the connection ID that the peer chose; 0 is none
 * @param optionBytes length of all Geneve options
 */
public record Overhead(boolean outerIpv6, int cidBytes, int optionBytes) {
    /** The path that is assumed where none is configured: Ethernet's. */
    public static final int DEFAULT_PATH_MTU = 1500;

    /** A frame's addresses and type, without a VLAN tag. */
    public static final int ETHERNET_BYTES = 14;

    private static final int RECORD_HEADER_BYTES = 13;
    private static final int EXPLICIT_NONCE_BYTES = 8;
    private static final int CONTENT_TYPE_BYTES = 1;
    private static final int TAG_BYTES = 16;

    /** What sealing adds: record header, connection ID, explicit nonce, content type and tag. */
    public int recordBytes() {
        int contentType = cidBytes > 0 ? CONTENT_TYPE_BYTES : 0;
        return RECORD_HEADER_BYTES + cidBytes + EXPLICIT_NONCE_BYTES + contentType + TAG_BYTES;
    }

    /** What everything around an inner packet or frame adds, outer IP header included. */
    public int bytes() {
        int ip = outerIpv6 ? Ipv6Header.BYTES : Ipv4Header.BYTES;
        return ip + UdpHeader.BYTES + recordBytes() + Geneve.BYTES + optionBytes;
    }

    /**
     * The largest inner IP packet that a path of {@code pathMtu} bytes carries; not positive when it carries none.
     *
     * @param layer what the V-net joins: in an L2 V-net a frame's header is around the packet
     */
    public int innerMtu(int pathMtu, PacketBatch.Layer layer) {
        return pathMtu - bytes() - (layer == PacketBatch.Layer.L2 ? ETHERNET_BYTES : 0);
    }
}
