package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.vgate.dataplane.NaiveReassembly.Fragment;
import net.vgate.dataplane.NaiveReassembly.Outcome;
import net.vgate.encap.Geneve;
import net.vgate.forwarding.Allocation;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.RecordKeys;
import net.vgate.record.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReassemblyTest {
    private static final int[] TOTALS = {256, 257, 300, 1_280, 1_500, 2_047, 2_048, 2_049, 4_096, 4_097, 9_000, 65_535};
    private static final int SITE = 3;
    private static final int OTHER_SITE = 2;
    private static final int VNET = 7;

    private final DropCounters drops = new DropCounters();
    private final Reassembly reassembly = new Reassembly(drops);
    private final NaiveReassembly naive = new NaiveReassembly();
    private final PacketBatch from = new PacketBatch(3);
    private final PacketBatch to = PacketBatch.packed(4, 2 * PacketBatch.MAX_ROOM_BYTES);
    private final Association[] associations = {association(Role.CLIENT), association(Role.SERVER)};
    private final Map<DropReason, Long> outcomes = new TreeMap<>();
    private SplittableRandom random = new SplittableRandom(0);
    private long now = 1;
    private int wholePackets;

    ReassemblyTest() {
        drops.growTo(SITE + 1);
    }

    private static Association association(Role role) {
        byte[] keys = new byte[RecordKeys.keyBlockBytes(AeadAlgorithm.AES_128_GCM)];
        return PathsUnderTest.association(
                role, keys, "west", new InetSocketAddress(InetAddress.getLoopbackAddress(), 4_433));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void doesWhatTheNaiveOneDoes(long seed) {
        random = new SplittableRandom(seed);
        List<Fragment> underWay = new ArrayList<>();
        for (int step = 0; step < 6_000; step++) {
            if (random.nextInt(4) == 0) {
                List<Fragment> fragments = fragments(random.nextInt(60));
                // Of many only one comes, so that there is no end to what waits.
                underWay.addAll(random.nextInt(3) == 0 ? fragments.subList(0, 1) : fragments);
            }
            if (!underWay.isEmpty()) {
                Fragment next = underWay.remove(random.nextInt(Math.min(underWay.size(), 1 + random.nextInt(6))));
                arrive(next, underWay);
            }
            now += switch (random.nextInt(400)) {
                case 0 -> Reassembly.TIMEOUT_NANOS - 1;
                case 1 -> Reassembly.TIMEOUT_NANOS;
                default -> random.nextInt(2_000_000);
            };
            reassembly.expire(now);
            naive.expire(now);
            compare();
        }
        assertTrue(wholePackets > 100, wholePackets + " whole packets");
        assertTrue(outcomes.keySet().containsAll(List.of(DropReason.CONGESTION, DropReason.REASSEMBLY_INVALID)));
        assertTrue(naive.givenUp.containsKey(DropReason.REASSEMBLY_TIMEOUT), naive::toString);
    }

    @ParameterizedTest(name = "packets of up to {0} bytes, of {1} V-nets")
    @CsvSource({"1500, 1", "1500, 4", "1500, 40", "65535, 1", "65535, 40"})
    void holdsAsMuchAsTheNaiveOneDoes(int bytes, int vnets) {
        random = new SplittableRandom(bytes + vnets);
        List<Fragment> seconds = new ArrayList<>();
        for (int id = 0; id < 2_000; id++) {
            int total = 256 + random.nextInt(bytes - 255);
            List<Fragment> fragments = cut(random.nextInt(2), random.nextInt(vnets), id, total, 2, false);
            add(fragments.get(0));
            seconds.add(fragments.get(1));
            if (random.nextInt(3) == 0) {
                add(seconds.remove(seconds.size() - 1 - random.nextInt(Math.min(seconds.size(), 150))));
            }
        }
        assertTrue(naive.givenUp.containsKey(DropReason.REASSEMBLY_FULL));
        assertTrue(wholePackets > 20, wholePackets + " whole packets");
    }

    /** A site that fills all it may, with packets of which the last fragment is enough to have their memory taken. */
    @Test
    void oneSiteLeavesHalfForOthers() {
        Fragment first = cut(1, 1, 0, 60_000, 50, false).get(0);
        add(first);
        for (int id = 1; id < 500; id++) {
            add(cut(0, id % 40, id, 64_513, 64, false).get(63));
        }
        assertEquals((Reassembly.BLOCKS - 4 * 32 - 30) * Reassembly.BLOCK_BYTES, reassembly.freeBytes());
        assertEquals(5, reassembly.packets());
    }

    @Test
    void twoVnetsAndTwoAssociationsNeverMix() {
        List<List<Fragment>> same =
                List.of(cut(0, 1, 9, 1_500, 2, false), cut(0, 2, 9, 1_500, 2, false), cut(1, 1, 9, 1_500, 2, false));
        same.forEach(fragments -> add(fragments.get(0)));
        assertEquals(0, wholePackets);
        assertEquals(3, reassembly.packets());
        same.forEach(fragments -> add(fragments.get(1)));
        assertEquals(3, wholePackets);
    }

    @Test
    void aFragmentThatCameTwiceGivesThePacketUp() {
        List<Fragment> fragments = cut(0, 1, 9, 1_500, 3, false);
        add(fragments.get(0));
        add(fragments.get(0));
        assertEquals(Map.of(DropReason.CONSUMED, 1L, DropReason.REASSEMBLY_INVALID, 1L), outcomes);
        assertEquals(0, reassembly.packets());
    }

    @Test
    void ecnFieldsAreCombinedAsRfc3168Demands() {
        // Bits: Not-ECT 1, ECT(1) 2, ECT(0) 4, CE 8.
        int[] expected = {-2, 0, 1, 0, 2, 0, 1, 0, 3, -1, 3, -1, 3, -1, 3, -1};
        for (int ecns = 1; ecns < 16; ecns++) {
            assertEquals(expected[ecns], Reassembly.combined(ecns), "of " + Integer.toBinaryString(ecns));
        }
    }

    @Test
    void allocatesNothing() {
        List<Fragment> fragments = cut(0, 1, 9, 4_000, 3, false);
        fragments.forEach(this::put);
        int[] next = {0};
        Allocation.assertNone(() -> {
            to.clear();
            // Now and then one is left out, so that packets are given up as well.
            next[0] += next[0] % 100 == 0 ? 2 : 1;
            reassembly.add(from, next[0] % 3, associations[0], to, now);
            now += 100_000_000;
            reassembly.expire(now);
        });
    }

    /** What becomes of a fragment on its way: it is lost, comes twice, or says something else than it did. */
    private void arrive(Fragment fragment, List<Fragment> underWay) {
        switch (random.nextInt(24)) {
            case 0 -> {}
            case 1 -> {
                add(fragment);
                underWay.add(0, fragment);
            }
            case 2 -> add(changed(fragment));
            default -> add(fragment);
        }
    }

    private Fragment changed(Fragment one) {
        int by = random.nextBoolean() ? 1 : -1;
        int what = random.nextInt(8);
        byte[] bytes = bytes(one.data());
        byte[] data = what == 5 ? Arrays.copyOf(bytes, bytes.length + by) : bytes;
        return new Fragment(
                one.association(),
                what == 0 ? one.vni() ^ 1 : one.vni(),
                what == 1 ? one.id() ^ 1 : one.id(),
                what == 2 ? Math.min(one.total() + by, 65_535) : one.total(),
                what == 3 ? (one.index() + by) & 0xff : one.index(),
                what == 4 ? one.count() + by : one.count(),
                what == 6 ? one.type() ^ (Geneve.IPV4 ^ Geneve.IPV6) : one.type(),
                what == 7 ? !one.isPartial() : one.isPartial(),
                one.ecn(),
                ByteBuffer.wrap(data));
    }

    private List<Fragment> fragments(int id) {
        int total = TOTALS[random.nextInt(TOTALS.length)];
        int most = Math.min(64, total / 128);
        int count = random.nextBoolean() ? 2 : 2 + random.nextInt(most - 1);
        return cut(random.nextInt(2), random.nextInt(3), id, total, count, random.nextInt(4) == 0);
    }

    private List<Fragment> cut(int association, int vni, int id, int total, int count, boolean isMarkedAnyhow) {
        byte[] packet = new byte[total];
        random.nextBytes(packet);
        int each = (total + count - 1) / count;
        boolean isPartial = random.nextBoolean();
        int ecn = random.nextInt(3);
        List<Fragment> fragments = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            byte[] data = Arrays.copyOfRange(packet, index * each, Math.min(total, (index + 1) * each));
            fragments.add(new Fragment(
                    associations[association].id(),
                    vni,
                    id,
                    total,
                    index,
                    count,
                    Geneve.IPV4,
                    isPartial,
                    isMarkedAnyhow ? random.nextInt(4) : ecn,
                    ByteBuffer.wrap(data)));
        }
        return fragments;
    }

    /** Adds to both and compares. */
    private void add(Fragment fragment) {
        to.clear();
        from.clear();
        int slot = put(fragment);
        Association association = associations[0].id() == fragment.association() ? associations[0] : associations[1];
        DropReason reason = reassembly.add(from, slot, association, to, now);
        Outcome expected = naive.add(fragment, now);
        outcomes.merge(reason, 1L, Long::sum);
        assertEquals(expected.reason(), reason);
        ByteBuffer whole = expected.whole();
        assertEquals(whole == null ? 0 : 1, to.size());
        if (whole != null) {
            wholePackets++;
            assertArrayEquals(bytes(whole), to.copyOut(0));
            assertEquals(expected.ecn(), to.trafficClass(0) & 3);
            assertEquals(siteOf(fragment), to.site(0));
            assertEquals(VNET, to.vnet(0));
            assertEquals(fragment.isPartial(), to.checksumState(0) == ChecksumState.PARTIAL);
        }
        compare();
    }

    private void compare() {
        assertEquals(naive.packets(), reassembly.packets());
        assertEquals(naive.freeBytes(), reassembly.freeBytes());
        for (DropReason reason : List.of(DropReason.REASSEMBLY_TIMEOUT, DropReason.REASSEMBLY_FULL)) {
            assertEquals(
                    naive.givenUp.getOrDefault(reason, 0L),
                    drops.packets(Stage.REASSEMBLE, reason, SITE)
                            + drops.packets(Stage.REASSEMBLE, reason, OTHER_SITE));
        }
    }

    private static byte[] bytes(ByteBuffer of) {
        byte[] bytes = new byte[of.capacity()];
        of.get(0, bytes);
        return bytes;
    }

    private int siteOf(Fragment fragment) {
        return fragment.association() == associations[0].id() ? SITE : OTHER_SITE;
    }

    private int put(Fragment fragment) {
        int slot = from.addCopy(bytes(fragment.data()));
        Geneve.pushFragment(
                from, slot, fragment.vni(), fragment.type(), fragment.id(), fragment.count(), fragment.isPartial());
        ByteBuffer slab = from.slab();
        int option = from.offset(slot) + Geneve.BYTES;
        slab.putShort(option + 8, (short) fragment.total());
        slab.put(option + 10, (byte) fragment.index());
        from.setSite(slot, siteOf(fragment));
        from.setVnet(slot, VNET);
        from.setTrafficClass(slot, fragment.ecn());
        return slot;
    }
}
