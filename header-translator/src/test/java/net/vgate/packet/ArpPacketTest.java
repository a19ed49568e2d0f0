package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArpPacketTest {
    private static final long HOST = 0x52_5400_1234_56L;
    private static final long GATEWAY = 0x0276_6700_1389L;

    /** A request of 10.0.0.10 for 10.0.0.254, and the answer. */
    private static final String REQUEST =
            "ffffffffffff525400123456" + "0806" + "0001080006040001" + "5254001234560a00000a" + "0000000000000a0000fe";

    private static final String REPLY =
            "525400123456027667001389" + "0806" + "0001080006040002" + "0276670013890a0000fe" + "5254001234560a00000a";

    @Test
    void readsAFrameOfTheWire() {
        ByteBuffer frame = ByteBuffer.wrap(HexFormat.of().parseHex(REQUEST));
        int at = EthernetHeader.BYTES;
        assertEquals(MacAddress.BROADCAST, EthernetHeader.destination(frame, 0));
        assertEquals(HOST, EthernetHeader.source(frame, 0));
        assertEquals(EthernetHeader.ARP, EthernetHeader.etherType(frame, 0));
        assertTrue(ArpPacket.isValid(frame, at, ArpPacket.BYTES));
        assertEquals(ArpPacket.REQUEST, ArpPacket.operation(frame, at));
        assertEquals(HOST, ArpPacket.senderMac(frame, at));
        assertEquals(Wire.address(10, 0, 0, 10), ArpPacket.sender(frame, at));
        assertEquals(Wire.address(10, 0, 0, 254), ArpPacket.target(frame, at));
    }

    @Test
    void writesAFrameOfTheWire() {
        ByteBuffer frame = ByteBuffer.allocate(EthernetHeader.BYTES + ArpPacket.BYTES);
        EthernetHeader.write(frame, 0, HOST, GATEWAY, EthernetHeader.ARP);
        ArpPacket.write(
                frame,
                EthernetHeader.BYTES,
                ArpPacket.REPLY,
                GATEWAY,
                Wire.address(10, 0, 0, 254),
                HOST,
                Wire.address(10, 0, 0, 10));
        assertArrayEquals(HexFormat.of().parseHex(REPLY), frame.array());
    }

    @Test
    void takesNoOtherKind() {
        byte[] request = HexFormat.of().parseHex(REQUEST);
        int at = EthernetHeader.BYTES;
        assertFalse(ArpPacket.isValid(ByteBuffer.wrap(request), at, ArpPacket.BYTES - 1));
        // Every bit of the first eight bytes has a meaning: all but the change from request to reply is refused.
        for (int bit = 0; bit < 64; bit++) {
            byte[] changed = request.clone();
            changed[at + bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(ArpPacket.isValid(ByteBuffer.wrap(changed), at, ArpPacket.BYTES), "bit " + bit);
        }
    }

    @Test
    void addressesAreReadAndWritten() {
        assertEquals(Optional.of(new MacAddress(GATEWAY)), MacAddress.parse("02:76:67:00:13:89"));
        assertEquals(Optional.of(new MacAddress(GATEWAY)), MacAddress.parse("02-76-67-00-13-89"));
        for (String wrong :
                new String[] {"", "02:76:67:00:13", "02:76:67:00:13:89:0", "2:76:67:00:13:89", "027667001389"}) {
            assertEquals(Optional.empty(), MacAddress.parse(wrong), wrong);
        }
        assertEquals("02:76:67:00:13:89", MacAddress.ofVnet(5001).toString());
        assertEquals("fe:0a:00:ff:00:01", new MacAddress(0xfe0a_00ff_0001L).toString());
        assertTrue(MacAddress.isUnicast(MacAddress.ofVnet(0xff_ffff).bits()));
        assertFalse(MacAddress.isUnicast(0));
        assertFalse(MacAddress.isUnicast(MacAddress.BROADCAST));
        assertFalse(MacAddress.isUnicast(0x0100_5e00_0001L));
        assertFalse(MacAddress.isUnicast(NeighborMessage.NO_ADDRESS));
        assertEquals(0x3333_ff28_9c5aL, MacAddress.solicitedNode(0x02aa_00ff_fe28_9c5aL));
    }
}
