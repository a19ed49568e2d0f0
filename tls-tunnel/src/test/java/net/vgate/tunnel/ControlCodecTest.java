package net.vgate.tunnel;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.ControlMessage.Closing;
import net.vgate.tunnel.ControlMessage.ClosingReason;
import net.vgate.tunnel.ControlMessage.Demands;
import net.vgate.tunnel.ControlMessage.DemandsAck;
import net.vgate.tunnel.ControlMessage.Draining;
import net.vgate.tunnel.ControlMessage.DrainingAck;
import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.EchoRequest;
import net.vgate.tunnel.ControlMessage.Hello;
import net.vgate.tunnel.ControlMessage.HelloAck;
import net.vgate.tunnel.ControlMessage.RekeyReason;
import net.vgate.tunnel.ControlMessage.RekeyRequest;
import net.vgate.tunnel.ControlMessage.RelayAnswer;
import net.vgate.tunnel.ControlMessage.RelayRefusal;
import net.vgate.tunnel.ControlMessage.RelayRequest;
import net.vgate.tunnel.ControlMessage.Switch;
import net.vgate.tunnel.ControlMessage.SwitchAck;
import net.vgate.tunnel.ControlMessage.Unknown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlCodecTest {
    private static final Hello HELLO = new Hello(
            ProtocolVersion.V1_2,
            ProtocolVersion.V1_0,
            0x0123456789abcdefL,
            0xfedcba9876543210L,
            7,
            Capability.HANDOVER,
            3,
            4);
    private static final Hello HELLO_1_1 = new Hello(
            ProtocolVersion.V1_1,
            ProtocolVersion.V1_0,
            0x0123456789abcdefL,
            0xfedcba9876543210L,
            7,
            Capability.HANDOVER,
            0,
            1);
    private static final Hello HELLO_1_0 =
            new Hello(ProtocolVersion.V1_0, ProtocolVersion.V1_0, 0x0123456789abcdefL, 0, 7, 0, 0, 1);

    /** Any of two ciphers, over UDP. */
    private static final long GOLD = TunnelClass.demand((1L << 31) | 4, 1);

    static List<ControlMessage> messages() {
        return List.of(
                HELLO,
                new HelloAck(HELLO),
                new EchoRequest(-1, Long.MIN_VALUE),
                new EchoReply(1, 2),
                new Draining(1, true),
                new Draining(Integer.MAX_VALUE, false),
                new DrainingAck(7),
                new RekeyRequest(1, RekeyReason.FAILED_OPENINGS),
                new Switch(ControlMessage.MAX_GENERATION),
                new SwitchAck(1),
                new Demands(3, 0, 1, List.of()),
                new Demands(
                        ControlMessage.MAX_GENERATION,
                        1_023,
                        1_024,
                        IntStream.range(0, Demands.MAX_RANGES)
                                .mapToObj(i -> new VnetDemands.Range(0xffff00 - i * 256, 0xffffff - i * 256, GOLD))
                                .toList()),
                new Demands(1, 0, 2, List.of(new VnetDemands.Range(1, 1, 1))),
                new DemandsAck(1, 65_535),
                new RelayRequest(1, new PeerIdentity("w".repeat(63), "g".repeat(63))),
                new RelayAnswer(1, RelayRefusal.NOT_GRANTED, 0, 0, null),
                new RelayAnswer(-1, RelayRefusal.NONE, -7, 65_535, new InetSocketAddress("192.0.2.1", 65_535)),
                new RelayAnswer(2, RelayRefusal.NONE, 1, 1_400, new InetSocketAddress("2001:db8::1", 1)),
                new Closing(ClosingReason.STOPPING));
    }

    /** The bytes of a version in the field: whoever has to change one of these files breaks every gateway out there. */
    static byte[] golden(String name) throws IOException {
        try (InputStream in = ControlCodecTest.class.getResourceAsStream(name + ".hex")) {
            assertNotNull(in, name);
            String text = new String(in.readAllBytes(), US_ASCII);
            return HexFormat.of().parseHex(text.replaceAll("#[^\\n]*", "").replaceAll("\\s", ""));
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void readsWhatItWrites(ControlMessage message) {
        byte[] bytes = ControlCodec.encode(message);
        assertTrue(bytes.length <= ControlCodec.MAX_BYTES);
        assertEquals(message, ControlCodec.decode(bytes));
    }

    @Test
    void writesTheBytesOfThisVersion() throws IOException {
        assertArrayEquals(golden("hello-1.2"), ControlCodec.encode(HELLO));
        assertArrayEquals(golden("hello-ack-1.2"), ControlCodec.encode(new HelloAck(HELLO)));
        assertArrayEquals(golden("echo-request"), ControlCodec.encode(new EchoRequest(5, 0x1122334455667788L)));
        assertArrayEquals(golden("echo-reply"), ControlCodec.encode(new EchoReply(5, 0x1122334455667788L)));
        assertArrayEquals(golden("rekey-request"), ControlCodec.encode(new RekeyRequest(7, RekeyReason.OPERATOR)));
        assertArrayEquals(golden("switch"), ControlCodec.encode(new Switch(7)));
        assertArrayEquals(golden("switch-ack"), ControlCodec.encode(new SwitchAck(7)));
        assertArrayEquals(golden("closing"), ControlCodec.encode(new Closing(ClosingReason.STOPPING)));
    }

    @Test
    void readsTheBytesOfThePreviousVersions() throws IOException {
        assertEquals(HELLO_1_1, ControlCodec.decode(golden("hello-1.1")));
        assertEquals(new HelloAck(HELLO_1_1), ControlCodec.decode(golden("hello-ack-1.1")));
        assertEquals(HELLO_1_0, ControlCodec.decode(golden("hello-1.0")));
        assertEquals(new HelloAck(HELLO_1_0), ControlCodec.decode(golden("hello-ack-1.0")));
    }

    @Test
    void refusesDemandsThatAreNotWhole() {
        byte[] whole = {
            1, 16, 0, 30, 5, 4, 0, 0, 0, 1, 18, 2, 0, 1, 19, 2, 0, 2, 16, 4, 0, 0, 0, 4, 17, 1, 1, 20, 4, 0, 0, 7, 3
        };
        whole[3] = (byte) (whole.length - 4);
        assertEquals(
                new Demands(1, 1, 2, List.of(new VnetDemands.Range(7, 10, TunnelClass.demand(4, 1)))),
                ControlCodec.decode(whole));
        // A part that is none of them, more parts than there may be, and a range that is cut short.
        assertNull(ControlCodec.decode(with(whole, 13, 2)));
        assertNull(ControlCodec.decode(with(whole, 16, 5)));
        byte[] cut = Arrays.copyOf(whole, whole.length - 1);
        cut[3]--;
        cut[cut.length - 4] = 3;
        assertNull(ControlCodec.decode(cut));
    }

    private static byte[] with(byte[] message, int at, int value) {
        byte[] changed = message.clone();
        changed[at] = (byte) value;
        return changed;
    }

    @Test
    void skipsFieldsOfALaterVersion() {
        byte[] hello = ControlCodec.encode(HELLO);
        byte[] unknownAtTheEnd = append(hello, 200, 3, 1, 2, 3);
        assertEquals(HELLO, ControlCodec.decode(unknownAtTheEnd));
        assertEquals(HELLO, ControlCodec.decode(append(unknownAtTheEnd, 0, 0)));
        assertEquals(HELLO, ControlCodec.decode(append(append(hello, 255, 0), 255, 0)));
    }

    @Test
    void keepsCapabilitiesThatItDoesNotKnow() {
        Hello all = new Hello(ProtocolVersion.V1_1, ProtocolVersion.V1_0, 1, 2, 3, -1, 0, 1);
        assertEquals(all, ControlCodec.decode(ControlCodec.encode(all)));
    }

    @Test
    void takesFieldsInAnyOrder() {
        byte[] one = {1, 3, 0, 16, 7, 4, 0, 0, 0, 5, 8, 8, 0, 0, 0, 0, 0, 0, 0, 9};
        byte[] other = {1, 3, 0, 16, 8, 8, 0, 0, 0, 0, 0, 0, 0, 9, 7, 4, 0, 0, 0, 5};
        assertEquals(new EchoRequest(5, 9), ControlCodec.decode(one));
        assertEquals(new EchoRequest(5, 9), ControlCodec.decode(other));
    }

    @Test
    void namesATypeOfALaterVersion() {
        assertEquals(new Unknown(99), ControlCodec.decode(new byte[] {1, 99, 0, 0}));
        assertEquals(new Unknown(255), ControlCodec.decode(new byte[] {1, -1, 0, 3, 77, 1, 1}));
        assertThrows(IllegalArgumentException.class, () -> ControlCodec.encode(new Unknown(99)));
    }

    @Test
    void readsAReasonOfALaterVersionAsUnspecified() {
        assertEquals(
                new Closing(ClosingReason.UNSPECIFIED), ControlCodec.decode(new byte[] {1, 8, 0, 3, 9, 1, (byte) 200}));
        assertEquals(
                new RekeyRequest(1, RekeyReason.UNSPECIFIED),
                ControlCodec.decode(new byte[] {1, 5, 0, 9, 5, 4, 0, 0, 0, 1, 9, 1, 6}));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "01",
                "010600",
                "0106",
                "01060006 050400000007 00",
                "01060005 0504000000",
                "02060006 050400000007",
                "00060006 050400000007",
                "01060007 050400000007",
                "01060000 050400000007",
                "01060000",
                "01060006 050400000000",
                "0106 0006 050480000000",
                "0106000c 050400000007 050400000007",
                "01060005 0503000007",
                "01060007 05050000000007",
                "01060007 050400000007 01",
                "01060006 0505 00000007",
                "01060006 05ff 00000007",
                "01080000",
                "0103000a 0808 0000000000000009",
                "01080003 0900 00",
            })
    void refusesWhatIsNotWhole(String hex) {
        assertNull(ControlCodec.decode(HexFormat.of().parseHex(hex.replace(" ", ""))));
    }

    @Test
    void refusesAHelloOfNobodyOrOfContradictions() {
        assertNull(ControlCodec.decode(ControlCodec.encode(hello(ProtocolVersion.V1_1, ProtocolVersion.V1_0, 0, 1))));
        assertNull(ControlCodec.decode(ControlCodec.encode(hello(ProtocolVersion.V1_1, ProtocolVersion.V1_0, 1, 0))));
        assertNull(ControlCodec.decode(ControlCodec.encode(hello(ProtocolVersion.V1_1, ProtocolVersion.V1_0, 1, -1))));
        assertNull(ControlCodec.decode(ControlCodec.encode(hello(ProtocolVersion.V1_0, ProtocolVersion.V1_1, 1, 1))));
    }

    @Test
    void refusesAnyTruncationAndAnyLengthening() {
        for (ControlMessage message : messages()) {
            byte[] bytes = ControlCodec.encode(message);
            for (int length = 0; length < bytes.length; length++) {
                assertNull(ControlCodec.decode(Arrays.copyOf(bytes, length)));
            }
            assertNull(ControlCodec.decode(Arrays.copyOf(bytes, bytes.length + 1)));
        }
        assertNull(ControlCodec.decode(new byte[ControlCodec.MAX_BYTES + 1]));
    }

    @Test
    void aFlippedBitIsAnotherMessageOrNone() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            ControlMessage message = messages().get(random.nextInt(messages().size()));
            byte[] bytes = ControlCodec.encode(message);
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            ControlMessage read = ControlCodec.decode(bytes);
            if (read != null && !(read instanceof Unknown)) {
                assertEquals(read, ControlCodec.decode(ControlCodec.encode(read)));
            }
        }
    }

    private static Hello hello(ProtocolVersion version, ProtocolVersion oldest, long incarnation, int generation) {
        return new Hello(version, oldest, incarnation, 0, generation, 0, 0, 1);
    }

    private static byte[] append(byte[] message, int... more) {
        byte[] bytes = Arrays.copyOf(message, message.length + more.length);
        for (int i = 0; i < more.length; i++) {
            bytes[message.length + i] = (byte) more[i];
        }
        bytes[3] += (byte) more.length;
        return bytes;
    }
}
