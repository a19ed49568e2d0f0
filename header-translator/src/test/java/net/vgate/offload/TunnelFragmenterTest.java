package net.vgate.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.encap.ChecksumOption;
import net.vgate.encap.FragmentOption;
import net.vgate.encap.Geneve;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.Wire;
import org.junit.jupiter.api.Test;

class TunnelFragmenterTest {
    private static final int HEAD = 37;
    private static final int TAIL = 17;

    private final PacketBatch whole = PacketBatch.packed(1, PacketBatch.MAX_ROOM_BYTES);
    private final PacketBatch cut = PacketBatch.packed(3, 1 << 20);
    private final TunnelFragmenter fragmenter = new TunnelFragmenter(whole);

    @Test
    void fragmentsAreThePacketAndAsFewAndEqualAsCanBe() {
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < 2_000; round++) {
            int fits = 268 + random.nextInt(random.nextBoolean() ? 100 : 9_000);
            int most = Math.min(TunnelFragmenter.largestPacket(fits), PacketBatch.MAX_PACKET_BYTES);
            // At the edges where it becomes one fragment more.
            int room = fits - FragmentOption.BYTES;
            int atEdge = (2 + random.nextInt(62)) * room + random.nextInt(3) - 1;
            int bytes = Math.min(most, random.nextBoolean() ? atEdge : fits + 1 + random.nextInt(most - fits));
            byte[] packet = packet(bytes, random);
            boolean isPartial = random.nextBoolean();
            List<byte[]> fragments = fragments(packet, fits, round, isPartial);
            assertEquals((bytes + room - 1) / room, fragments.size());
            ByteArrayOutputStream joined = new ByteArrayOutputStream();
            for (byte[] fragment : fragments) {
                assertTrue(fragment.length + FragmentOption.BYTES <= fits);
                int first = fragments.get(0).length;
                assertTrue(
                        fragment == fragments.get(fragments.size() - 1)
                                ? fragment.length <= first
                                : fragment.length == first);
                joined.writeBytes(fragment);
            }
            assertArrayEquals(packet, joined.toByteArray());
        }
    }

    @Test
    void pathsThatCarryNextToNothingAreNotFragmentedFor() {
        assertEquals(0, TunnelFragmenter.largestPacket(267));
        assertEquals(256 * 64, TunnelFragmenter.largestPacket(268));
        assertEquals(65_535, TunnelFragmenter.largestPacket(1_414));
        assertEquals(65_535, TunnelFragmenter.largestPacket(Integer.MAX_VALUE));
    }

    private static byte[] packet(int bytes, SplittableRandom random) {
        byte[] payload = new byte[bytes - 20 - 8];
        random.nextBytes(payload);
        return Wire.ipv4(1, 2, Wire.UDP, Wire.bytes(Wire.udp(7, 8, payload)));
    }

    /** The data of the fragments, whose headers are checked. */
    private List<byte[]> fragments(byte[] packet, int fits, int id, boolean isPartial) {
        whole.clear();
        int slot = whole.addCopy(packet);
        assertNull(whole.inner().parse(slot));
        if (isPartial) {
            whole.setChecksumState(slot, ChecksumState.PARTIAL);
        }
        fragmenter.begin(whole, slot, 5_001, fits, id, isPartial);
        List<byte[]> data = new ArrayList<>();
        boolean isDone;
        do {
            cut.clear();
            isDone = fragmenter.cutInto(cut, HEAD, TAIL);
            for (int i = 0; i < cut.size(); i++) {
                assertNull(Geneve.check(cut, i));
                int at = cut.offset(i);
                assertEquals(i == 0 ? HEAD : cut.offset(i - 1) + cut.length(i - 1) + TAIL + HEAD, at);
                assertEquals(5_001, Geneve.vni(cut.slab(), at));
                assertEquals(Geneve.IPV4, Geneve.protocolType(cut.slab(), at));
                assertEquals(isPartial, ChecksumOption.isIn(cut.slab(), at));
                int option = FragmentOption.find(cut.slab(), at);
                assertEquals(id, FragmentOption.id(cut.slab(), option));
                assertEquals(packet.length, FragmentOption.totalBytes(cut.slab(), option));
                assertEquals(data.size(), FragmentOption.index(cut.slab(), option));
                cut.popHeader(i, Geneve.headerBytes(cut.slab(), at));
                assertTrue(FragmentOption.isValid(cut.slab(), option, cut.length(i)));
                data.add(cut.copyOut(i));
            }
        } while (!isDone);
        assertEquals(data.size(), fragmenter.made());
        return data;
    }
}
