package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.vgate.testbed.Capture;
import net.vgate.testbed.TestNetns;

/** Everything that crosses the WAN meanwhile, held against what may cross it. */
final class WanCapture implements AutoCloseable {
    /** What tenants' packets are marked with; as ping's {@code -p} takes it, at most 16 bytes. */
    static final String MARK = "vgate-in-clear";

    private static final int ETHERNET_BYTES = 14;
    private static final int ARP = 0x0806;
    private static final int IPV4 = 0x0800;
    private static final int ICMP = 1;
    private static final int UDP = 17;
    private static final int IP_HEADER_BYTES = 20;
    private static final int UDP_HEADER_BYTES = 8;
    private static final int DTLS_HEADER_BYTES = 13;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;
    private static final int TLS12_CID = 25;
    private static final int DTLS_1_0 = 0xfeff;
    private static final int DTLS_1_2 = 0xfefd;

    private final Capture capture;
    private final List<String> gateways;

    private WanCapture(Capture capture, List<String> gateways) {
        this.capture = capture;
        this.gateways = gateways;
    }

    /** Begins to watch the WAN of two sites. */
    static WanCapture begin(TestNetns netns) {
        return begin(netns, "wan", List.of(TwoSites.EAST_WAN, TwoSites.WEST_WAN));
    }

    /** Begins to watch {@code device}, where {@code gateways} are the only ones that have something to say. */
    static WanCapture begin(TestNetns netns, String device, List<String> gateways) {
        return new WanCapture(netns.capture(device, ""), List.copyOf(gateways));
    }

    /** The mark, for ping's {@code -p}. */
    static String pattern() {
        return HexFormat.of().formatHex(MARK.getBytes(StandardCharsets.US_ASCII));
    }

    /** The capture's file. */
    Capture capture() {
        return capture;
    }

    /** The datagrams in a capture's file, without their headers. */
    static List<byte[]> datagrams(Path file) {
        return Capture.packets(file).stream()
                .filter(frame -> unsigned16(frame, ETHERNET_BYTES - 2) == IPV4 && frame[ETHERNET_BYTES + 9] == UDP)
                .map(frame ->
                        Arrays.copyOfRange(frame, ETHERNET_BYTES + IP_HEADER_BYTES + UDP_HEADER_BYTES, frame.length))
                .toList();
    }

    /**
     * Every packet so far is a DTLS record between gateways, an ARP message, or the kernel's word that a port is shut.
     */
    void assertNothingInClear() {
        List<byte[]> packets = capture.packets();
        assertTrue(!packets.isEmpty(), "nothing was captured");
        for (byte[] packet : packets) {
            assertTrue(isExpected(packet), () -> "on the WAN: " + HexFormat.of().formatHex(packet));
            assertTrue(
                    !new String(packet, StandardCharsets.ISO_8859_1).contains(MARK),
                    () -> "a tenant's packet in clear: " + HexFormat.of().formatHex(packet));
        }
    }

    private boolean isExpected(byte[] frame) {
        int type = unsigned16(frame, ETHERNET_BYTES - 2);
        return type == ARP || (type == IPV4 && isExpectedIpv4(frame, ETHERNET_BYTES));
    }

    private boolean isExpectedIpv4(byte[] frame, int at) {
        boolean isBetweenGateways = isGateway(frame, at + 12) && isGateway(frame, at + 16);
        if (!isBetweenGateways || frame[at] != 0x45) {
            return false;
        }
        return switch (frame[at + 9]) {
            case UDP -> isDtls(frame, at + IP_HEADER_BYTES + UDP_HEADER_BYTES);
            // Destination unreachable, port unreachable; it quotes the datagram.
            case ICMP ->
                frame[at + IP_HEADER_BYTES] == 3
                        && frame[at + IP_HEADER_BYTES + 1] == 3
                        && isExpectedIpv4(frame, at + IP_HEADER_BYTES + 8);
            default -> false;
        };
    }

    private boolean isGateway(byte[] frame, int at) {
        return gateways.contains("%d.%d.%d.%d"
                .formatted(frame[at] & 0xff, frame[at + 1] & 0xff, frame[at + 2] & 0xff, frame[at + 3] & 0xff));
    }

    private static boolean isDtls(byte[] frame, int at) {
        if (frame.length < at + DTLS_HEADER_BYTES) {
            return false;
        }
        int contentType = frame[at];
        int version = unsigned16(frame, at + 1);
        int epoch = unsigned16(frame, at + 3);
        boolean isHandshake = contentType >= CHANGE_CIPHER_SPEC && contentType <= HANDSHAKE;
        boolean isProtected = (contentType == APPLICATION_DATA || contentType == TLS12_CID) && epoch == 1;
        return (isHandshake || isProtected) && (version == DTLS_1_2 || version == DTLS_1_0);
    }

    private static int unsigned16(byte[] bytes, int at) {
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }

    @Override
    public void close() {
        capture.close();
    }
}
