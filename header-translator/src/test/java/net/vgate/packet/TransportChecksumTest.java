package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import net.vgate.packet.PacketBatch.ChecksumState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransportChecksumTest {
    private static final int EAST = Wire.address(10, 0, 0, 7);
    private static final int WEST = Wire.address(10, 1, 0, 9);

    private final PacketBatch batch = new PacketBatch(1, 2000);

    private int parsed(byte[] packet, ChecksumState state) {
        batch.clear();
        int slot = batch.addCopy(packet);
        assertNull(batch.inner().parse(slot));
        batch.setChecksumState(slot, state);
        return slot;
    }

    private static byte[] partial4(int protocol, byte[] segment) {
        int pseudo = Wire.pseudoSum(Wire.octets(EAST), Wire.octets(WEST), protocol, segment.length);
        return Wire.ipv4(EAST, WEST, protocol, Wire.withPartial(segment, protocol == 6 ? 16 : 6, pseudo));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void completesWhatAKernelLeftToTheHardware(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            byte[] payload = new byte[random.nextInt(100)];
            random.nextBytes(payload);
            boolean tcp = random.nextBoolean();
            int protocol = tcp ? 6 : 17;
            byte[] segment = tcp ? Wire.tcp(1, 2, 0x10, new byte[8], payload) : Wire.udp(1, 2, payload);
            int slot = parsed(partial4(protocol, segment), ChecksumState.PARTIAL);
            TransportChecksum.complete(batch, slot);
            assertArrayEquals(Wire.ipv4Whole(EAST, WEST, protocol, segment), batch.copyOut(slot));
            assertEquals(ChecksumState.COMPLETE, batch.checksumState(slot));

            int pseudo = Wire.pseudoSum(Wire.address6(1), Wire.address6(2), protocol, segment.length);
            byte[] partial = Wire.withPartial(segment, tcp ? 16 : 6, pseudo);
            int slot6 = parsed(Wire.ipv6(Wire.address6(1), Wire.address6(2), protocol, partial), ChecksumState.PARTIAL);
            TransportChecksum.complete(batch, slot6);
            assertArrayEquals(
                    Wire.ipv6Whole(Wire.address6(1), Wire.address6(2), protocol, segment), batch.copyOut(slot6));
        }
    }

    /** Of both families: what is right is left alone, what is partial is found, and what is broken is not healed. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void tellsPartialFromRightAndFromBroken(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            byte[] payload = new byte[1 + random.nextInt(100)];
            random.nextBytes(payload);
            boolean tcp = random.nextBoolean();
            int protocol = tcp ? 6 : 17;
            byte[] segment = tcp ? Wire.tcp(1, 2, 0x10, new byte[8], payload) : Wire.udp(1, 2, payload);
            int pseudo = Wire.pseudoSum(Wire.address6(1), Wire.address6(2), protocol, segment.length);
            byte[] partial = Wire.withPartial(segment, tcp ? 16 : 6, pseudo);
            assertRecognized(ChecksumState.PARTIAL, partial4(protocol, segment));
            assertRecognized(ChecksumState.PARTIAL, Wire.ipv6(Wire.address6(1), Wire.address6(2), protocol, partial));
            byte[] whole = Wire.ipv4Whole(EAST, WEST, protocol, segment);
            assertRecognized(ChecksumState.UNKNOWN, whole);
            assertRecognized(
                    ChecksumState.UNKNOWN, Wire.ipv6Whole(Wire.address6(1), Wire.address6(2), protocol, segment));
            whole[whole.length - 1] ^= (byte) (1 << random.nextInt(8));
            assertRecognized(ChecksumState.UNKNOWN, whole);
        }
    }

    private void assertRecognized(ChecksumState expected, byte[] packet) {
        int slot = parsed(packet, ChecksumState.UNKNOWN);
        TransportChecksum.recognizePartial(batch, slot);
        assertEquals(expected, batch.checksumState(slot));
    }

    /** A datagram whose right checksum happens to be the pseudo-header's sum. */
    @Test
    void whatIsRightByAccidentIsNotTakenForPartial() {
        byte[] segment = Wire.udp(1, 2, new byte[2]);
        int pseudo = Wire.pseudoSum(Wire.octets(EAST), Wire.octets(WEST), 17, segment.length);
        // With it in the payload as well, the sum of all is twice the pseudo-header's, and what is left is its
        // negation.
        int payload = Wire.naiveSum(Wire.bytes(Wire.words(pseudo), Wire.words(pseudo), segment));
        ByteBuffer.wrap(segment).putShort(8, (short) ~payload);
        byte[] packet = Wire.ipv4Whole(EAST, WEST, 17, segment);
        assertEquals((short) pseudo, ByteBuffer.wrap(packet).getShort(26), "the accident is there");
        assertRecognized(ChecksumState.UNKNOWN, packet);
    }

    @Test
    void aUdpChecksumThatIsNotThereIsNotPartial() {
        byte[] packet = Wire.ipv4(EAST, WEST, 17, Wire.udp(1, 2, new byte[2]));
        ByteBuffer.wrap(packet).putShort(26, (short) 0);
        assertRecognized(ChecksumState.UNKNOWN, packet);
    }

    @Test
    void sendsAUdpChecksumOfZeroAsOnes() {
        byte[] segment = Wire.udp(1, 2, new byte[2]);
        int pseudo = Wire.pseudoSum(Wire.octets(EAST), Wire.octets(WEST), 17, segment.length);
        ByteBuffer.wrap(segment).putShort(8, (short) ~Wire.naiveSum(Wire.bytes(Wire.words(pseudo), segment)));
        int slot = parsed(partial4(17, segment), ChecksumState.PARTIAL);
        TransportChecksum.complete(batch, slot);
        assertEquals((short) 0xffff, ByteBuffer.wrap(batch.copyOut(slot)).getShort(26));
    }

    @Test
    void leavesChecksumsThatAreNotPartial() {
        byte[] packet = partial4(17, Wire.udp(1, 2, new byte[9]));
        int slot = parsed(packet, ChecksumState.UNKNOWN);
        TransportChecksum.complete(batch, slot);
        assertArrayEquals(packet, batch.copyOut(slot));
        assertEquals(ChecksumState.UNKNOWN, batch.checksumState(slot));
    }

    @Test
    void knowsEveryProtocolThatCoversAddressesAndNoOther() {
        int delta = Checksum.delta32(EAST, WEST);
        for (int protocol = 0; protocol < 256; protocol++) {
            int field = switch (protocol) {
                case 6 -> 16;
                case 17, 33, 136 -> 6;
                default -> -1;
            };
            if (protocol == 58 || protocol == 59) {
                continue;
            }
            byte[] segment = Wire.tcp(1, 8, 0x10, Wire.NOTHING, new byte[8]);
            ByteBuffer.wrap(segment)
                    .putShort(4, (short) 28)
                    .putShort(6, (short) 0x1111)
                    .putShort(16, (short) 0x1111);
            byte[] packet = Wire.ipv4(EAST, WEST, protocol, segment);
            int slot = parsed(packet, ChecksumState.UNKNOWN);
            int change = TransportChecksum.addressChanged(batch, batch.inner(), slot, delta, false);
            if (field >= 0) {
                int updated = Checksum.update(0x1111, delta);
                ByteBuffer.wrap(packet).putShort(20 + field, (short) updated);
                assertEquals(Checksum.delta16(0x1111, updated), change);
            } else {
                assertEquals(0, change);
            }
            assertArrayEquals(packet, batch.copyOut(slot), "protocol " + protocol);
        }
    }
}
