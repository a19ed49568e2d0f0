package net.vgate.encap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.TrafficClass;
import net.vgate.packet.Wire;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OuterTrafficClassTest {
    /** By their values. */
    private static final List<String> ECN = List.of("Not-ECT", "ECT(1)", "ECT(0)", "CE");

    private static final byte[] IPV4 = Wire.ipv4(Wire.address(10, 0, 0, 1), Wire.address(10, 0, 0, 2), 50, new byte[9]);
    private static final byte[] IPV6 = Wire.ipv6(Wire.address6(1), Wire.address6(2), 50, new byte[9]);

    private final PacketBatch batch = new PacketBatch(1, 1_500);

    /** The packet with another traffic class; IPv4's checksum is summed up anew, and then {@code wrongBy} off. */
    private static byte[] with(byte[] packet, int trafficClass, int wrongBy) {
        byte[] copy = packet.clone();
        ByteBuffer bytes = ByteBuffer.wrap(copy);
        if (packet == IPV6) {
            return bytes.putInt(0, 0x6000_0000 | trafficClass << 20 | 0xabcde).array();
        }
        bytes.put(1, (byte) trafficClass).putShort(10, (short) 0);
        bytes.putShort(10, (short) (~Wire.naiveSum(Arrays.copyOf(copy, 20)) ^ wrongBy));
        return copy;
    }

    private @Nullable DropReason combine(byte[] packet, int outer) {
        batch.clear();
        int slot = batch.addCopy(packet);
        batch.setTrafficClass(slot, outer);
        return OuterTrafficClass.combine(batch, slot);
    }

    @ParameterizedTest(name = "inner {0}, outer {1}: {2}")
    @CsvSource({
        "Not-ECT, Not-ECT, Not-ECT",
        "Not-ECT, ECT(0),  Not-ECT",
        "Not-ECT, ECT(1),  Not-ECT",
        "Not-ECT, CE,      drop",
        "ECT(0),  Not-ECT, ECT(0)",
        "ECT(0),  ECT(0),  ECT(0)",
        "ECT(0),  ECT(1),  ECT(1)",
        "ECT(0),  CE,      CE",
        "ECT(1),  Not-ECT, ECT(1)",
        "ECT(1),  ECT(0),  ECT(1)",
        "ECT(1),  ECT(1),  ECT(1)",
        "ECT(1),  CE,      CE",
        "CE,      Not-ECT, CE",
        "CE,      ECT(0),  CE",
        "CE,      ECT(1),  CE",
        "CE,      CE,      CE"
    })
    void rfc6040Figure4(String innerText, String outerText, String becomes) {
        int inner = ECN.indexOf(innerText);
        int outer = ECN.indexOf(outerText);
        for (byte[] packet : new byte[][] {IPV4, IPV6}) {
            for (int dscp = 0; dscp < 64; dscp++) {
                // The outer DSCP is of no matter, and is not taken over.
                DropReason reason = combine(with(packet, dscp << 2 | inner, 0), (63 - dscp) << 2 | outer);
                if (becomes.equals("drop")) {
                    assertEquals(DropReason.CONGESTION, reason);
                } else {
                    assertNull(reason);
                    assertArrayEquals(with(packet, dscp << 2 | ECN.indexOf(becomes), 0), batch.copyOut(0));
                }
            }
        }
    }

    @Test
    void aChecksumThatIsWrongStaysWrong() {
        byte[] packet = with(IPV4, TrafficClass.ECT_0, 0x0500);
        int wrong = Wire.naiveSum(Arrays.copyOf(packet, 20));
        assertNull(combine(packet, TrafficClass.CE));
        assertEquals(wrong, Wire.naiveSum(Arrays.copyOf(batch.copyOut(0), 20)));
    }

    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 1, 10, 19})
    void whatIsNoHeaderIsLeftToTheParser(int bytes) {
        byte[] stump = Arrays.copyOf(IPV4, bytes);
        assertNull(combine(stump, TrafficClass.CE));
        assertArrayEquals(stump, batch.copyOut(0));
        byte[] stump6 = Arrays.copyOf(IPV6, 20 + bytes);
        assertNull(combine(stump6, TrafficClass.CE));
        assertArrayEquals(stump6, batch.copyOut(0));
        assertNull(combine(new byte[] {0x55, 0, 0, 40}, TrafficClass.CE));
    }

    @Test
    void outwardsNormalModeCopiesAndCompatibilityModeDoesNot() {
        for (int inner = 0; inner < 256; inner++) {
            int dscp = inner / 4 >= 48 ? 0 : inner / 4;
            assertEquals(dscp * 4 + inner % 4, OuterTrafficClass.of(inner, OuterTrafficClass.COPY, true));
            assertEquals(dscp * 4, OuterTrafficClass.of(inner, OuterTrafficClass.COPY, false));
            // The operator may give the tunnel any, those of network control included.
            assertEquals(48 * 4 + inner % 4, OuterTrafficClass.of(inner, 48, true));
            assertEquals(0, OuterTrafficClass.of(inner, 0, false));
        }
    }
}
