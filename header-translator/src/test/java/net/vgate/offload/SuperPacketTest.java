package net.vgate.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.packet.Wire;
import org.junit.jupiter.api.Test;

class SuperPacketTest {
    private static final int EAST = Wire.address(10, 0, 0, 7);
    private static final int WEST = Wire.address(10, 1, 0, 9);
    private static final int HEADERS = 40;

    private final PacketBatch batch = PacketBatch.packed(1, PacketBatch.MAX_ROOM_BYTES);

    private int tcp(int payloadBytes, ChecksumState state) {
        byte[] segment = Wire.tcp(1, 2, 0x10, new byte[0], new byte[payloadBytes]);
        return parsed(Wire.ipv4Whole(EAST, WEST, 6, segment), state);
    }

    private int parsed(byte[] packet, ChecksumState state) {
        batch.clear();
        int slot = batch.addCopy(packet);
        assertNull(batch.inner().parse(slot));
        batch.setChecksumState(slot, state);
        return slot;
    }

    @Test
    void aStreamIsCutToWhatFits() {
        int slot = tcp(10_000, ChecksumState.PARTIAL);
        SuperPacket.cutTo(batch, slot, 1_400);
        assertTrue(batch.isCutFreely(slot));
        assertEquals(GsoType.TCP4, batch.gsoType(slot));
        assertEquals(1_400 - HEADERS, batch.gsoSize(slot));
        assertEquals(8, batch.parts(slot));
        assertEquals(1_400, SuperPacket.packetBytes(batch, slot));
        assertNull(SuperPacket.count(batch, slot));
        assertEquals(8, batch.parts(slot));
        SuperPacket.cutTo(batch, slot, 1_000);
        assertEquals(1_000, SuperPacket.packetBytes(batch, slot), "and smaller when a path carries less");
        assertEquals(11, batch.parts(slot));
        SuperPacket.cutTo(batch, slot, 1_200);
        assertEquals(1_000, SuperPacket.packetBytes(batch, slot), "never larger");
    }

    @Test
    void whatFitsIsLeftAlone() {
        int slot = tcp(1_000, ChecksumState.PARTIAL);
        SuperPacket.cutTo(batch, slot, 1_000 + HEADERS);
        assertFalse(batch.isCutFreely(slot));
        assertEquals(1, batch.parts(slot));
    }

    /** A whole checksum says that its sender has made this very packet. */
    @Test
    void whatIsNoStreamOrFinishedIsNotCut() {
        int finished = tcp(3_000, ChecksumState.UNKNOWN);
        SuperPacket.cutTo(batch, finished, 1_400);
        assertFalse(batch.isCutFreely(finished));
        int datagram = parsed(Wire.ipv4Whole(EAST, WEST, 17, Wire.udp(1, 2, new byte[3_000])), ChecksumState.PARTIAL);
        SuperPacket.cutTo(batch, datagram, 1_400);
        assertFalse(batch.isCutFreely(datagram));
        int tiny = tcp(60_000, ChecksumState.PARTIAL);
        SuperPacket.cutTo(batch, tiny, HEADERS + 1);
        assertFalse(batch.isCutFreely(tiny), "nor into more than a turn can bear");
        SuperPacket.cutTo(batch, tiny, HEADERS);
        assertFalse(batch.isCutFreely(tiny));
    }
}
