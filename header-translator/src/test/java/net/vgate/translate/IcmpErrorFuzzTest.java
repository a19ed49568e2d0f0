package net.vgate.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.Wire;

class IcmpErrorFuzzTest {
    private static final int MAX_BYTES = 2_000;

    private final PacketBatch about = new PacketBatch(1, MAX_BYTES);
    private final PacketBatch into = new PacketBatch(1, MAX_BYTES);
    private final PacketBatch again = new PacketBatch(1, MAX_BYTES);

    @FuzzTest
    void answersOnceAndRightOrNotAtAll(byte[] bytes) {
        about.clear();
        int slot = about.addCopy(Arrays.copyOf(bytes, Math.min(bytes.length, MAX_BYTES)));
        if (about.inner().parse(slot) != null) {
            return;
        }
        boolean ipv4 = about.inner().version(slot) == 4;
        long gatewayHi = ipv4 ? 0 : 0x2001_0db8_0000_0000L;
        long gatewayLo = ipv4 ? 0xffff_0a00_00feL : 0xfe;
        byte[] packet = about.copyOut(slot);
        into.clear();
        int made = IcmpError.packetTooBig(about, slot, into, gatewayHi, gatewayLo, 1400);
        assertArrayEquals(packet, about.copyOut(slot));
        if (made == IcmpError.NONE) {
            assertEquals(0, into.size());
            return;
        }
        byte[] error = into.copyOut(made);
        int headerBytes = ipv4 ? 28 : 48;
        assertTrue(error.length <= (ipv4 ? 576 : 1280));
        byte[] quote = Arrays.copyOfRange(error, headerBytes, error.length);
        assertArrayEquals(Arrays.copyOf(packet, quote.length), quote);
        assertChecksums(error, ipv4);

        again.clear();
        int second = again.addCopy(error);
        InnerHeader inner = again.inner();
        assertNull(inner.parse(second));
        assertTrue(inner.isIcmpError(second));
        assertEquals(about.inner().sourceLo(slot), inner.destinationLo(second));
        assertEquals(IcmpError.NONE, IcmpError.packetTooBig(again, second, into, gatewayHi, gatewayLo, 68));
    }

    private static void assertChecksums(byte[] error, boolean ipv4) {
        if (ipv4) {
            assertEquals(0xffff, Wire.naiveSum(Arrays.copyOf(error, 20)));
            assertEquals(0xffff, Wire.naiveSum(Arrays.copyOfRange(error, 20, error.length)));
            return;
        }
        byte[] source = Arrays.copyOfRange(error, 8, 24);
        byte[] destination = Arrays.copyOfRange(error, 24, 40);
        byte[] message = Arrays.copyOfRange(error, 40, error.length);
        int pseudo = Wire.pseudoSum(source, destination, 58, message.length);
        assertEquals(0xffff, Wire.naiveSum(Wire.bytes(Wire.words(pseudo), message)));
    }
}
