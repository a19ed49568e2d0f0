package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.Offloads;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Capture;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import net.vgate.tunnel.DatagramPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("system")
@Timeout(120)
class TunDeviceIT {
    private static final long DEADLINE_NANOS = 10_000_000_000L;
    private static final int[] FIRST = {0};

    private final TestBed bed = TestBed.create();
    private final TestNetns netns = bed.namespace("tun");
    private final NetworkNamespace namespace = new NetworkNamespace(Optional.of(netns.name()));
    private final TunDevice device = namespace.call(() -> TunDevice.create("tun-under-test", Offloads.NONE));
    private final PacketBatch batch = new PacketBatch(64);

    @BeforeEach
    void configure() {
        netns.address("tun-under-test", "10.0.0.1/24");
        netns.setting("net/ipv6/conf/tun-under-test/addr_gen_mode", "1");
        netns.ip("link", "set", "tun-under-test", "mtu", "1400", "up");
        netns.address("tun-under-test", "fd00::1/64");
    }

    @AfterEach
    void close() {
        try (bed) {
            device.close();
        }
    }

    private void write(byte[] packet) {
        batch.clear();
        batch.addCopy(packet);
        writeFirst();
    }

    private void writeFirst() {
        device.writeBatch(batch, FIRST, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.7", "fd00::7"})
    void carriesAPingOutAndItsAnswerIn(String member) {
        BackgroundProcess ping = netns.start(List.of("ping", "-c3", "-i0.2", "-s1000", "-W5", member));
        int answered = 0;
        try (Poller poller = Poller.open()) {
            poller.add(device.descriptor(), 0);
            while (answered < 3) {
                assertTrue(poller.await(DEADLINE_NANOS) > 0, ping.output());
                batch.clear();
                assertTrue(device.readBatch(batch, 64, Integer.MAX_VALUE) > 0);
                for (int slot = 0; slot < batch.size(); slot++) {
                    assertEquals(ChecksumState.UNKNOWN, batch.checksumState(slot));
                    assertEquals(PacketBatch.Layer.L3, batch.layer(slot));
                    byte[] reply = IpPackets.echoReply(batch.copyOut(slot));
                    assertNotNull(reply);
                    write(reply);
                    answered++;
                }
            }
        }
        assertEquals(0, ping.awaitEnd(Duration.ofSeconds(20)), ping.output());
    }

    @Test
    void readsNoMoreThanAsked() {
        for (int i = 0; i < 5; i++) {
            write(IpPackets.echoRequest("10.0.0.7", "10.0.0.1", i));
        }
        batch.clear();
        assertEquals(2, device.readBatch(batch, 2, Integer.MAX_VALUE));
        assertEquals(3, device.readBatch(batch, 64, Integer.MAX_VALUE));
        assertEquals(0, device.readBatch(batch, 64, Integer.MAX_VALUE));
        assertEquals(5, batch.size());
        for (int slot = 0; slot < 5; slot++) {
            byte[] reply = batch.copyOut(slot);
            assertEquals("10.0.0.1", IpPackets.source(reply));
            assertEquals(slot, reply[27]);
        }
    }

    @Test
    void readsNothingMoreOnceThereAreTheBytesThatItMayBring() {
        for (int i = 0; i < 5; i++) {
            write(IpPackets.echoRequest("10.0.0.7", "10.0.0.1", i));
        }
        batch.clear();
        // An answer has 84 bytes.
        assertEquals(2, device.readBatch(batch, 64, 85));
        assertEquals(1, device.readBatch(batch, 64, 84));
        assertEquals(0, device.readBatch(batch, 64, 0));
        assertEquals(2, device.readBatch(batch, 64, 1_000_000));
    }

    @Test
    void readsNothingWhereNotAnyPacketWouldFit() {
        write(IpPackets.echoRequest("10.0.0.7", "10.0.0.1", 1));
        assertEquals(0, device.readBatch(new PacketBatch(3, PacketBatch.MAX_PACKET_BYTES - 64), 64, 1_000_000));
        PacketBatch packed = PacketBatch.packed(3, PacketBatch.MAX_ROOM_BYTES);
        assertEquals(1, device.readBatch(packed, 64, 1_000_000));
        write(IpPackets.echoRequest("10.0.0.7", "10.0.0.1", 2));
        assertEquals(0, device.readBatch(packed, 64, 1_000_000));
    }

    @Test
    void stopsAtTheEndOfTheBatch() {
        for (int i = 0; i < 5; i++) {
            write(IpPackets.echoRequest("10.0.0.7", "10.0.0.1", i));
        }
        PacketBatch small = new PacketBatch(3);
        assertEquals(3, device.readBatch(small, 64, Integer.MAX_VALUE));
        assertEquals(0, device.readBatch(small, 64, Integer.MAX_VALUE));
        small.clear();
        assertEquals(2, device.readBatch(small, 64, Integer.MAX_VALUE));
    }

    @Test
    void marksWhatTheKernelRefusesAndGoesOn() {
        batch.addCopy(new byte[] {0x10, 2, 3, 4});
        batch.addCopy(IpPackets.echoRequest("10.0.0.7", "10.0.0.1", 1));
        device.writeBatch(batch, new int[] {0, 1}, 2);
        assertEquals(DropReason.DEVICE_ERROR, batch.dropReason(0));
        assertTrue(batch.isLive(1));
        PacketBatch in = new PacketBatch(4);
        assertEquals(1, device.readBatch(in, 4, Integer.MAX_VALUE));

        netns.ip("link", "set", "tun-under-test", "down");
        write(IpPackets.echoRequest("10.0.0.7", "10.0.0.1", 1));
        assertEquals(DropReason.DEVICE_ERROR, batch.dropReason(0));
    }

    @Test
    void failsLoudlyWhenTheDeviceIsGone() {
        netns.ip("link", "del", "tun-under-test");
        String reading = Failures.lineOf(() -> device.readBatch(batch, 1, Integer.MAX_VALUE));
        assertTrue(reading.startsWith("TUN device tun-under-test: read: "), reading);
        assertEquals(0, batch.size());
        assertThrows(DeviceException.class, () -> write(IpPackets.echoRequest("10.0.0.7", "10.0.0.1", 1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.9.0.2", "fd09::2"})
    void hasTheKernelCompleteAPartialChecksum(String member) {
        boolean isIpv4 = member.contains(".");
        TestNetns host = bed.namespace("host");
        bed.link(netns, "lan", host, "eth0");
        netns.address("lan", isIpv4 ? "10.9.0.1/24" : "fd09::1/64");
        host.address("eth0", isIpv4 ? "10.9.0.2/24" : "fd09::2/64");
        netns.setting("net/ipv4/ip_forward", "1");
        netns.setting("net/ipv6/conf/all/forwarding", "1");
        netns.run("ethtool", "-K", "lan", "tx", "off");
        byte[] payload = new byte[333];
        new SplittableRandom(7).nextBytes(payload);
        String from = isIpv4 ? "10.0.0.7" : "fd00::7";
        try (Capture capture = host.capture("eth0", "udp port 9")) {
            batch.clear();
            batch.addCopy(IpPackets.partialUdp(from, 7, member, 9, payload));
            batch.setChecksumState(0, ChecksumState.PARTIAL);
            writeFirst();
            assertTrue(batch.isLive(0));
            byte[] frame = capture.awaitPackets(1, Duration.ofSeconds(10)).get(0);
            byte[] expected = IpPackets.udp(from, 7, member, 9, payload);
            int transport = isIpv4 ? 20 : 40;
            assertArrayEquals(
                    Arrays.copyOfRange(expected, transport, expected.length),
                    Arrays.copyOfRange(frame, 14 + transport, frame.length));
        }
    }

    @Test
    void hasTheKernelCutASuperPacket() throws UnknownHostException {
        byte[] payload = new byte[1100];
        new SplittableRandom(8).nextBytes(payload);
        try (UdpPort receiver = namespace.call(
                () -> UdpPort.open(new InetSocketAddress(InetAddress.getByName("10.0.0.1"), 4433), Offloads.NONE))) {
            batch.addCopy(IpPackets.partialUdp("10.0.0.7", 7, "10.0.0.1", 4433, payload));
            batch.setChecksumState(0, ChecksumState.PARTIAL);
            batch.setGso(0, GsoType.UDP, 500);
            writeFirst();
            assertTrue(batch.isLive(0));

            PacketBatch in = new PacketBatch(8, 2048);
            long start = System.nanoTime();
            while (in.size() < 3 && System.nanoTime() - start < DEADLINE_NANOS) {
                receiver.receiveBatch(in);
            }
            assertEquals(3, in.size());
            for (int slot = 0; slot < 3; slot++) {
                assertEquals(DatagramPort.LISTEN, in.local(slot));
                assertArrayEquals(
                        Arrays.copyOfRange(payload, slot * 500, Math.min(1100, slot * 500 + 500)), in.copyOut(slot));
            }
        }
    }

    @Test
    void allocatesNothing() {
        byte[] request = IpPackets.echoRequest("10.0.0.7", "10.0.0.1", 1);
        Allocations.assertNone(3_000, () -> {
            batch.clear();
            batch.addCopy(request);
            batch.addCopy(request);
            device.writeBatch(batch, FIRST, 1);
            batch.clear();
            device.readBatch(batch, 64, Integer.MAX_VALUE);
        });
        assertEquals(1, batch.size());
    }
}
