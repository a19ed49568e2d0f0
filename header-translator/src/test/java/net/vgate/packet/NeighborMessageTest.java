package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NeighborMessageTest {
    private static final long MAC = 0x5254_0012_3456L;
    private static final IpAddress HOST = address("fd00::a");
    private static final IpAddress GATEWAY = address("fd00::fe");
    private static final IpAddress GROUP = address("ff02::1:ff00:fe");
    private static final IpAddress UNSPECIFIED = new IpAddress(0, 0);
    private static final int SOLICITATION = NeighborMessage.SOLICITATION;
    private static final int ADVERTISEMENT = NeighborMessage.ADVERTISEMENT;

    @Test
    void isWhatTheParserTakesAndItsSumIsRight() {
        PacketBatch batch = new PacketBatch(1, 200);
        int slot = batch.addCopy(message(SOLICITATION, HOST, GROUP, GATEWAY, 0));
        InnerHeader inner = batch.inner();
        assertNull(inner.parse(slot));
        assertEquals(InnerHeader.ICMPV6, inner.protocol(slot));
        assertEquals(SOLICITATION, inner.icmpType(slot));
        int icmpBytes = inner.end(slot) - inner.l4Offset(slot);
        int sum = Checksum.sum(batch.slab(), inner.l4Offset(slot), icmpBytes);
        assertEquals(0, Checksum.complement(Checksum.add(sum, Checksum.pseudoHeader(inner, slot, icmpBytes))));
    }

    @Test
    void whatIsWrittenIsRead() {
        byte[] bytes =
                message(ADVERTISEMENT, GATEWAY, HOST, GATEWAY, NeighborMessage.SOLICITED | NeighborMessage.OVERRIDE);
        ByteBuffer message = ByteBuffer.wrap(bytes);
        assertEquals(ADVERTISEMENT, type(bytes));
        assertEquals(GATEWAY.hi(), NeighborMessage.sourceHi(message, 0));
        assertEquals(GATEWAY.lo(), NeighborMessage.sourceLo(message, 0));
        assertEquals(GATEWAY.hi(), NeighborMessage.targetHi(message, 0));
        assertEquals(GATEWAY.lo(), NeighborMessage.targetLo(message, 0));
        assertEquals(NeighborMessage.SOLICITED | NeighborMessage.OVERRIDE, NeighborMessage.flags(message, 0));
        assertEquals(MAC, NeighborMessage.linkAddress(message, 0));
    }

    /** RFC 4861 sections 7.1.1 and 7.1.2, one condition after the other. */
    @Test
    void refusesWhatHasToBeDiscarded() {
        byte[] good = message(SOLICITATION, HOST, GROUP, GATEWAY, 0);
        assertEquals(SOLICITATION, type(good));
        for (int byteAt : new int[] {Ipv6Header.HOP_LIMIT_OFFSET, 41, 42, 60, 71}) {
            byte[] bad = good.clone();
            bad[byteAt] ^= 1;
            assertEquals(NeighborMessage.NONE, type(bad), "byte " + byteAt);
        }
        assertEquals(NeighborMessage.NONE, type(summed(with(good, 41, 1))), "code");
        assertEquals(NeighborMessage.NONE, type(summed(with(good, 65, 0))), "an option of length 0");
        assertEquals(NeighborMessage.NONE, type(summed(with(good, 65, 2))), "an option beyond the end");
        assertEquals(NeighborMessage.NONE, type(summed(with(good, 48, 0xff))), "a group as target");
        assertEquals(NeighborMessage.NONE, type(summed(with(good, 5, 31))), "half an option");
        assertEquals(NeighborMessage.NONE, type(with(good, 6, 44)), "a fragment");
        assertEquals(NeighborMessage.NONE, type(with(good, 0, 0x40)), "IPv4");
        assertEquals(NeighborMessage.NONE, type(Arrays.copyOf(good, good.length - 1)), "cut off");
        assertEquals(
                NeighborMessage.NONE,
                type(message(ADVERTISEMENT, HOST, address("ff02::1"), HOST, NeighborMessage.SOLICITED)));
        assertEquals(ADVERTISEMENT, type(message(ADVERTISEMENT, HOST, address("ff02::1"), HOST, 0)));
    }

    @Test
    void aProbeForDuplicatesGivesNoAddress() {
        byte[] withAddress = message(SOLICITATION, UNSPECIFIED, GROUP, GATEWAY, 0);
        assertEquals(NeighborMessage.NONE, type(withAddress));
        byte[] probe = summed(with(Arrays.copyOf(withAddress, 64), 5, 24));
        assertEquals(SOLICITATION, type(probe));
        assertEquals(NeighborMessage.NO_ADDRESS, NeighborMessage.linkAddress(ByteBuffer.wrap(probe), 0));
        byte[] toOne = message(SOLICITATION, UNSPECIFIED, GATEWAY, GATEWAY, 0);
        assertEquals(NeighborMessage.NONE, type(summed(with(Arrays.copyOf(toOne, 64), 5, 24))));
    }

    @Test
    void paddingOfTheFrameIsNoPartOfIt() {
        byte[] good = message(SOLICITATION, HOST, GROUP, GATEWAY, 0);
        assertEquals(SOLICITATION, type(Arrays.copyOf(good, good.length + 9)));
    }

    /**
     * Nothing that comes from outside makes the parser read beyond it: neighbors of the packet in memory have no say,
     * and no length leads out of the buffer.
     */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void readsOnlyWhatIsInTheFrame(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int taken = 0;
        for (int i = 0; i < 30_000; i++) {
            byte[] frame = randomFrame(random);
            ByteBuffer alone = ByteBuffer.wrap(frame);
            ByteBuffer among = ByteBuffer.allocate(frame.length + 64);
            Arrays.fill(among.array(), (byte) random.nextInt());
            among.put(0, frame);
            int type = NeighborMessage.type(alone, 0, frame.length);
            assertEquals(type, NeighborMessage.type(among, 0, frame.length));
            assertEquals(ArpPacket.isValid(alone, 0, frame.length), ArpPacket.isValid(among, 0, frame.length));
            if (type != NeighborMessage.NONE) {
                taken++;
                assertTrue(NeighborMessage.isClaimed(alone, 0, frame.length));
                assertEquals(NeighborMessage.linkAddress(alone, 0), NeighborMessage.linkAddress(among, 0));
                assertEquals(naiveLinkAddress(frame), NeighborMessage.linkAddress(alone, 0));
            } else if (frame.length >= 64) {
                assertFalse(isObviouslyGood(frame));
            }
        }
        assertTrue(taken > 1_000, taken + " were good");
    }

    /** A message with options of all kinds, about one third as it should be, and the others with some damage. */
    private static byte[] randomFrame(SplittableRandom random) {
        int options = random.nextInt(4);
        byte[] frame = message(
                random.nextBoolean() ? SOLICITATION : ADVERTISEMENT,
                HOST,
                random.nextBoolean() ? GROUP : HOST,
                GATEWAY,
                0);
        int bytes = 64;
        frame = Arrays.copyOf(frame, 64 + options * 24);
        for (int i = 0; i < options; i++) {
            int units = random.nextInt(10) == 0 ? random.nextInt(256) : 1 + random.nextInt(3);
            frame[bytes] = (byte) random.nextInt(4);
            frame[bytes + 1] = (byte) units;
            for (int at = bytes + 2; at < Math.min(frame.length, bytes + units * 8); at++) {
                frame[at] = (byte) random.nextInt();
            }
            bytes = Math.min(frame.length - 8, bytes + units * 8);
        }
        int end = random.nextInt(4) == 0 ? random.nextInt(frame.length + 1) : Math.min(bytes, frame.length);
        frame = Arrays.copyOf(frame, end);
        if (frame.length >= 44) {
            frame[4] = (byte) ((frame.length - 40) >> 8);
            frame[5] = (byte) (frame.length - 40 - (random.nextInt(16) == 0 ? random.nextInt(-2, 3) : 0));
            frame = summed(frame);
        }
        if (random.nextInt(3) == 0 && frame.length > 0) {
            frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return frame;
    }

    private static boolean isObviouslyGood(byte[] frame) {
        byte[] plain = message(frame[40] & 0xff, HOST, HOST, GATEWAY, 0);
        return frame.length == plain.length && Arrays.equals(frame, plain);
    }

    private static long naiveLinkAddress(byte[] frame) {
        int wanted = (frame[40] & 0xff) == SOLICITATION ? 1 : 2;
        int end = 40 + ((frame[4] & 0xff) << 8 | (frame[5] & 0xff));
        for (int at = 64; at < end; at += (frame[at + 1] & 0xff) * 8) {
            if (frame[at] == wanted && frame[at + 1] == 1) {
                long mac = 0;
                for (int i = 2; i < 8; i++) {
                    mac = mac << 8 | (frame[at + i] & 0xff);
                }
                return mac;
            }
        }
        return NeighborMessage.NO_ADDRESS;
    }

    private static int type(byte[] bytes) {
        return NeighborMessage.type(ByteBuffer.wrap(bytes), 0, bytes.length);
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }

    /** With the checksum that belongs to it, whatever else is wrong with it. */
    private static byte[] summed(byte[] bytes) {
        byte[] changed = with(with(bytes, 42, 0), 43, 0);
        int end = Math.max(44, Math.min(bytes.length, 40 + ((bytes[4] & 0xff) << 8 | (bytes[5] & 0xff))));
        byte[] covered = Arrays.copyOfRange(changed, 8, end);
        int icmpBytes = end - 40;
        int sum = ~Wire.naiveSum(
                Wire.bytes(covered, covered.length % 2 == 0 ? Wire.NOTHING : new byte[1], Wire.words(icmpBytes, 58)));
        return with(with(changed, 42, sum >> 8), 43, sum);
    }

    private static byte[] message(int type, IpAddress from, IpAddress to, IpAddress target, int flags) {
        ByteBuffer buffer = ByteBuffer.allocate(NeighborMessage.WRITTEN_BYTES);
        NeighborMessage.write(
                buffer, 0, type, from.hi(), from.lo(), to.hi(), to.lo(), target.hi(), target.lo(), flags, MAC);
        return buffer.array();
    }

    private static IpAddress address(String text) {
        return IpAddress.parse(text).orElseThrow();
    }
}
