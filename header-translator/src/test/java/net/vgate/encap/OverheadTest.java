package net.vgate.encap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.Layer;
import net.vgate.packet.Wire;
import org.junit.jupiter.api.Test;

class OverheadTest {
    @Test
    void leavesWhatRemainsOfAPathOnceEveryHeaderIsWritten() {
        for (int cidBytes : new int[] {0, 1, 8, 20}) {
            for (int optionBytes : new int[] {0, LocatorOption.BYTES}) {
                for (boolean ipv6 : new boolean[] {false, true}) {
                    Overhead overhead = new Overhead(ipv6, cidBytes, optionBytes);
                    int mtu = overhead.innerMtu(1500, Layer.L3);
                    assertEquals(1500, datagram(ipv6, cidBytes, optionBytes, new byte[mtu]).length);
                    byte[] frame = Wire.bytes(new byte[14], new byte[overhead.innerMtu(1500, Layer.L2)]);
                    assertEquals(1500, datagram(ipv6, cidBytes, optionBytes, frame).length);
                }
            }
        }
    }

    @Test
    void isTheTableOfTheDocuments() {
        Overhead usual = new Overhead(false, 8, 0);
        assertEquals(46, usual.recordBytes());
        assertEquals(82, usual.bytes());
        assertEquals(1418, usual.innerMtu(Overhead.DEFAULT_PATH_MTU, Layer.L3));
        assertEquals(1398, new Overhead(true, 8, 0).innerMtu(1500, Layer.L3));
        assertEquals(1404, usual.innerMtu(1500, Layer.L2));
        assertEquals(37, new Overhead(false, 0, 0).recordBytes());
    }

    /** The outer datagram, header by header as the RFCs lay them out. */
    private static byte[] datagram(boolean ipv6, int cidBytes, int optionBytes, byte[] inner) {
        PacketBatch batch = new PacketBatch(1);
        int slot = batch.addCopy(inner);
        if (optionBytes > 0) {
            LocatorOption.push(batch, slot);
        }
        Geneve.pushBeforeOptions(batch, slot, 1, Geneve.IPV4, optionBytes);
        byte[] plaintext = batch.copyOut(slot);
        // RFC 9146 section 4: DTLSInnerPlaintext ends in the real type.
        byte[] sealed = cidBytes > 0 ? Wire.bytes(plaintext, 23, new byte[16]) : Wire.bytes(plaintext, new byte[16]);
        byte[] nonce = new byte[8];
        byte[] record = Wire.bytes(
                25,
                Wire.words(0xfefd, 1, 0, 0, 7),
                new byte[cidBytes],
                Wire.words(nonce.length + sealed.length),
                nonce,
                sealed);
        byte[] udp = Wire.udp(4433, 4433, record);
        return ipv6 ? Wire.ipv6(Wire.address6(1), Wire.address6(2), 17, udp) : Wire.ipv4(1, 2, 17, udp);
    }
}
