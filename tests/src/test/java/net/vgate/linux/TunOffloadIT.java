package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import net.vgate.attachment.Offloads;
import net.vgate.offload.Coalescer;
import net.vgate.offload.Segmenter;
import net.vgate.offload.SuperPacket;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel as the second splitter: it forwards from a device with off-loads to one that has none. */
@Tag("system")
@Timeout(120)
class TunOffloadIT {
    private static final long DEADLINE_NANOS = 10_000_000_000L;
    private static final int[] FIRST = {0};
    /** What stood before each packet in its record, and is there for the device's header. */
    private static final int HEAD_BYTES = 40;

    private static final int ACK = 0x10;
    private static final int FIN_PSH_ACK = 0x19;
    private static final int CWR_ECE_ACK = 0xd0;

    private final TestBed bed = TestBed.create();
    private final TestNetns netns = bed.namespace("offload");
    private final NetworkNamespace namespace = new NetworkNamespace(Optional.of(netns.name()));
    private final TunDevice whole = namespace.call(() -> TunDevice.create("tun-whole", Offloads.ALL));
    private final TunDevice plain = namespace.call(() -> TunDevice.create("tun-plain", Offloads.NONE));
    private final PacketBatch batch = PacketBatch.packed(200, 8 * PacketBatch.MAX_ROOM_BYTES);
    private final PacketBatch cut = PacketBatch.packed(200, 8 * PacketBatch.MAX_ROOM_BYTES);
    private final PacketBatch in = PacketBatch.packed(300, 8 * PacketBatch.MAX_ROOM_BYTES);
    private final Segmenter segmenter = new Segmenter(batch);
    private final SplittableRandom random = new SplittableRandom(9);

    @BeforeEach
    void configure() {
        // The kernel is to send nothing of its own.
        for (String device : List.of("tun-whole", "tun-plain")) {
            netns.setting("net/ipv6/conf/" + device + "/addr_gen_mode", "1");
            netns.ip("link", "set", device, "mtu", "1500", "up");
        }
        netns.address("tun-whole", "10.0.0.1/24");
        netns.address("tun-whole", "fd00::1/64");
        netns.route("10.9.0.0/24", "dev", "tun-plain");
        netns.route("fd09::/64", "dev", "tun-plain");
        netns.setting("net/ipv4/ip_forward", "1");
        netns.setting("net/ipv6/conf/all/forwarding", "1");
    }

    @AfterEach
    void close() {
        try (bed) {
            whole.close();
            plain.close();
        }
    }

    private byte[] payload(int bytes) {
        byte[] payload = new byte[bytes];
        random.nextBytes(payload);
        return payload;
    }

    private int add(byte[] packet, GsoType type, int segmentBytes) {
        int slot = batch.addCopy(packet);
        batch.setChecksumState(slot, ChecksumState.PARTIAL);
        batch.setGso(slot, type, segmentBytes);
        batch.setVnet(slot, 0);
        batch.setSite(slot, 0);
        assertNull(batch.inner().parse(slot));
        assertNull(SuperPacket.count(batch, slot));
        return slot;
    }

    private byte[] tcp(boolean isIpv4, int flags, int bytes) {
        return isIpv4
                ? IpPackets.partialTcp("10.0.0.7", 1_000, "10.9.0.7", 80, flags, payload(bytes))
                : IpPackets.partialTcp("fd00::7", 1_000, "fd09::7", 80, flags, payload(bytes));
    }

    private byte[] udp(boolean isIpv4, int bytes) {
        return isIpv4
                ? IpPackets.partialUdp("10.0.0.7", 1_000, "10.9.0.7", 9, payload(bytes))
                : IpPackets.partialUdp("fd00::7", 1_000, "fd09::7", 9, payload(bytes));
    }

    /** What we would cut of the slot. */
    private List<byte[]> cutHere(int slot, boolean keepPartial) {
        cut.clear();
        segmenter.begin(batch, slot, keepPartial);
        assertTrue(segmenter.cutInto(cut, HEAD_BYTES, 0));
        List<byte[]> packets = new ArrayList<>();
        for (int packet = 0; packet < cut.size(); packet++) {
            packets.add(cut.copyOut(packet));
        }
        return packets;
    }

    /** What comes out of the other device: so many packets, and no more. */
    private List<byte[]> forwarded(int count) {
        List<byte[]> packets = new ArrayList<>();
        long start = System.nanoTime();
        while (packets.size() < count) {
            assertTrue(System.nanoTime() - start < DEADLINE_NANOS, packets.size() + " of " + count + " came out");
            in.clear();
            plain.readBatch(in, 300, Integer.MAX_VALUE);
            addTraffic(packets);
        }
        in.clear();
        plain.readBatch(in, 300, Integer.MAX_VALUE);
        addTraffic(packets);
        assertEquals(count, packets.size());
        return packets;
    }

    /** Without what the kernel has to say of itself. */
    private void addTraffic(List<byte[]> packets) {
        for (int slot = 0; slot < in.size(); slot++) {
            assertTrue(in.isLive(slot));
            assertEquals(GsoType.NONE, in.gsoType(slot));
            assertEquals(ChecksumState.UNKNOWN, in.checksumState(slot));
            byte[] packet = in.copyOut(slot);
            int protocol = packet[IpPackets.isIpv4(packet) ? 9 : 6];
            if (protocol == IpPackets.TCP || protocol == IpPackets.UDP) {
                packets.add(packet);
            }
        }
    }

    /** As they are but for what a router changes. */
    private static void assertSameButForTheHop(List<byte[]> expected, List<byte[]> packets) {
        assertEquals(expected.size(), packets.size());
        for (int i = 0; i < expected.size(); i++) {
            assertTrue(IpPackets.areChecksumsRight(packets.get(i)), "packet " + i);
            assertArrayEquals(beforeTheHop(expected.get(i)), beforeTheHop(packets.get(i)), "packet " + i);
        }
    }

    private static byte[] beforeTheHop(byte[] packet) {
        byte[] copy = packet.clone();
        ByteBuffer bytes = ByteBuffer.wrap(copy);
        if (IpPackets.isIpv4(copy)) {
            bytes.put(8, (byte) 0).putShort(10, (short) 0);
        } else {
            bytes.put(7, (byte) 0);
        }
        return copy;
    }

    private void assertKernelCutsAsWeDo(byte[] packet, GsoType type, int segmentBytes) {
        batch.clear();
        int slot = add(packet, type, segmentBytes);
        List<byte[]> expected = cutHere(slot, false);
        whole.writeBatch(batch, FIRST, 1);
        assertNull(batch.dropReason(slot));
        assertTrue(whole.merge().isOn(), () -> whole.merge().toString());
        assertSameButForTheHop(expected, forwarded(expected.size()));
    }

    @ParameterizedTest
    @CsvSource({"1, 1448", "1448, 1448", "1449, 1448", "5000, 1000", "65483, 1448", "60000, 536", "9999, 77"})
    void cutsSegmentsAsWeDo(int bytes, int segmentBytes) {
        for (int flags : new int[] {ACK, FIN_PSH_ACK, CWR_ECE_ACK, FIN_PSH_ACK | CWR_ECE_ACK}) {
            assertKernelCutsAsWeDo(tcp(true, flags, bytes), GsoType.TCP4, segmentBytes);
            int smaller = Math.min(segmentBytes, 1_428);
            assertKernelCutsAsWeDo(tcp(false, flags, Math.min(bytes, 65_463)), GsoType.TCP6, smaller);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1472", "1472, 1472", "1473, 1472", "5000, 1000", "65507, 1472", "6400, 100", "6399, 100", "64, 1"})
    void cutsDatagramsAsWeDo(int bytes, int segmentBytes) {
        assertKernelCutsAsWeDo(udp(true, bytes), GsoType.UDP, segmentBytes);
        assertKernelCutsAsWeDo(udp(false, Math.min(bytes, 65_487)), GsoType.UDP, Math.min(segmentBytes, 1_452));
    }

    /** Packets, one behind the other as they come out of records, merged where they lie and written from there. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void cutsWhatWeMergedIntoWhatItWas(long seed) {
        SplittableRandom sizes = new SplittableRandom(seed);
        boolean isIpv4 = sizes.nextBoolean();
        boolean isTcp = sizes.nextInt(3) > 0;
        boolean isPartial = sizes.nextBoolean();
        int segmentBytes = 1 + sizes.nextInt(1_400);
        int bytes = Math.min(segmentBytes * (1 + sizes.nextInt(64)) + sizes.nextInt(segmentBytes), 65_000);
        GsoType tcp = isIpv4 ? GsoType.TCP4 : GsoType.TCP6;
        batch.clear();
        int slot = add(isTcp ? tcp(isIpv4, ACK, bytes) : udp(isIpv4, bytes), isTcp ? tcp : GsoType.UDP, segmentBytes);
        List<byte[]> expected = cutHere(slot, false);
        cutHere(slot, isPartial);
        PacketBatch views = viewsOfCut();
        new Coalescer().coalesce(views);
        int[] slots = live(views);
        assertTrue(slots.length < expected.size() || expected.size() == 1);
        whole.writeBatch(views, slots, slots.length);

        for (int leader : slots) {
            assertNull(views.dropReason(leader));
        }
        assertTrue(whole.merge().isOn(), () -> whole.merge().toString());
        assertSameButForTheHop(expected, forwarded(expected.size()));
    }

    private PacketBatch viewsOfCut() {
        PacketBatch views = PacketBatch.viewsOf(cut, 200);
        for (int packet = 0; packet < cut.size(); packet++) {
            int at = cut.offset(packet) - HEAD_BYTES;
            int view = views.addView(cut, packet, at, HEAD_BYTES + cut.length(packet));
            views.popHeader(view, HEAD_BYTES);
            views.setChecksumState(view, cut.checksumState(packet));
        }
        return views;
    }

    private static int[] live(PacketBatch batch) {
        int[] slots = new int[batch.size()];
        int count = 0;
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                slots[count++] = slot;
            }
        }
        return Arrays.copyOf(slots, count);
    }

    /** UDP super-packets whose checksum is not partial are refused: virtio_net_hdr_to_skb of the kernel, EINVAL. */
    private int addRefused(int bytes, int segmentBytes) {
        int slot = add(udp(true, bytes), GsoType.UDP, segmentBytes);
        batch.setChecksumState(slot, ChecksumState.UNKNOWN);
        return slot;
    }

    @Test
    void cutsWhatTheKernelRefusesAndLosesNothing() {
        batch.clear();
        List<byte[]> expected = new ArrayList<>(cutHere(addRefused(5_000, 1_000), false));
        expected.addAll(cutHere(addRefused(64_000, 1_000), false));
        expected.addAll(cutHere(add(udp(true, 700), GsoType.NONE, 0), false));

        whole.writeBatch(batch, new int[] {0, 1, 2}, 3);

        assertTrue(batch.isLive(0) && batch.isLive(1) && batch.isLive(2));
        assertSameButForTheHop(expected, forwarded(expected.size()));
    }

    @Test
    void goesOnCuttingDatagramsOnceTheKernelHasRefusedAndNotSegments() {
        batch.clear();
        whole.writeBatch(batch, new int[] {addRefused(5_000, 1_000)}, 1);
        forwarded(5);
        assertEquals(9, writesOf(udp(true, 9_000), GsoType.UDP));
        assertEquals(1, writesOf(tcp(true, ACK, 9_000), GsoType.TCP4));
        assertTrue(whole.merge().isOn());
    }

    /** How many packets the kernel is handed for one super-packet of nine. */
    private int writesOf(byte[] packet, GsoType type) {
        int before = packetsWritten();
        batch.clear();
        List<byte[]> expected = cutHere(add(packet, type, 1_000), false);
        whole.writeBatch(batch, FIRST, 1);
        assertTrue(batch.isLive(0));
        assertSameButForTheHop(expected, forwarded(9));
        return packetsWritten() - before;
    }

    private int packetsWritten() {
        return Integer.parseInt(netns.run("cat", "/sys/class/net/tun-whole/statistics/rx_packets")
                .strip());
    }

    @Test
    void cutsWhatWasMergedWhenTheKernelRefusesIt() {
        batch.clear();
        List<byte[]> expected = cutHere(add(udp(false, 20_000), GsoType.UDP, 500), false);
        PacketBatch views = viewsOfCut();
        new Coalescer().coalesce(views);
        assertEquals(40, views.parts(0));
        views.setChecksumState(0, ChecksumState.UNKNOWN);
        whole.writeBatch(views, FIRST, 1);
        assertNull(views.dropReason(0));
        assertSameButForTheHop(expected, forwarded(40));
    }

    @Test
    void blamesNoSuperPacketForADeviceThatIsDown() {
        netns.ip("link", "set", "tun-whole", "down");
        batch.clear();
        add(udp(true, 5_000), GsoType.UDP, 1_000);
        whole.writeBatch(batch, FIRST, 1);
        assertEquals(DropReason.DEVICE_ERROR, batch.dropReason(0));
        assertTrue(whole.merge().isOn());
    }

    @Test
    void saysWhichOffloadsTheKernelHas() {
        for (TunDevice device : List.of(whole, plain)) {
            String expected = device == whole ? "on" : "off, switched off";
            assertEquals(expected, device.tso().toString());
            assertEquals(expected, device.uso().toString());
        }
        assertTrue(features("tun-whole").contains("tx-udp-segmentation: on"), features("tun-whole"));
        assertTrue(features("tun-whole").contains("tx-tcp-segmentation: on"));
        assertTrue(features("tun-whole").contains("tx-tcp-ecn-segmentation: on"));
        assertTrue(features("tun-whole").contains("tx-tcp6-segmentation: on"));
        assertTrue(features("tun-plain").contains("tx-checksum-ip-generic: off"), features("tun-plain"));
        assertTrue(features("tun-plain").contains("tx-tcp-segmentation: off"));
    }

    @Test
    void switchesOnWhatIsWantedAlone() {
        Offloads tsoOnly = new Offloads(true, false, true, true, true, false);
        Offloads checksumsOnly = new Offloads(false, false, true, true, true, true);
        try (TunDevice tso = namespace.call(() -> TunDevice.create("tun-tso", tsoOnly));
                TunDevice checksums = namespace.call(() -> TunDevice.create("tun-csum", checksumsOnly))) {
            assertEquals("on", tso.tso().toString());
            assertEquals("off, switched off", tso.uso().toString());
            assertTrue(features("tun-tso").contains("tx-udp-segmentation: off"));
            assertTrue(features("tun-tso").contains("tx-tcp-segmentation: on"));
            assertEquals("off, switched off", checksums.tso().toString());
            assertTrue(features("tun-csum").contains("tx-checksum-ip-generic: on"));
            assertTrue(features("tun-csum").contains("tx-tcp-segmentation: off"));
        }
    }

    private String features(String device) {
        return netns.run("ethtool", "-k", device);
    }

    @Test
    void allocatesNothing() {
        byte[] packet = udp(true, 20_000);
        int[] slots = {0, 1, 2};
        batch.clear();
        add(packet, GsoType.UDP, 1_000);
        cutHere(0, true);
        PacketBatch views = PacketBatch.viewsOf(cut, 200);
        Coalescer coalescer = new Coalescer();
        Allocations.assertNone(500, () -> {
            batch.clear();
            for (int i = 0; i < 3; i++) {
                int slot = batch.addCopy(packet);
                batch.setChecksumState(slot, ChecksumState.PARTIAL);
                batch.setGso(slot, GsoType.UDP, 1_000);
                batch.setParts(slot, 20);
            }
            whole.writeBatch(batch, slots, 3);
            segmenter.begin(batch, 0, true);
            cut.clear();
            segmenter.cutInto(cut, HEAD_BYTES, 0);
            views.clear();
            for (int i = 0; i < cut.size(); i++) {
                int view = views.addView(cut, i, cut.offset(i) - HEAD_BYTES, HEAD_BYTES + cut.length(i));
                views.popHeader(view, HEAD_BYTES);
                views.setChecksumState(view, ChecksumState.PARTIAL);
            }
            coalescer.coalesce(views);
            whole.writeBatch(views, FIRST, 1);
            in.clear();
            while (plain.readBatch(in, 300, Integer.MAX_VALUE) > 0) {
                in.clear();
            }
        });
        assertEquals(20, views.parts(0));
    }
}
