package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.vgate.attachment.Offloads;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.testbed.Capture;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("system")
@Timeout(120)
@ParameterizedClass(name = "{0}")
@MethodSource("kinds")
class UdpPortIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final TestBed bed = TestBed.create();
    private final TestNetns here = bed.namespace("here");
    private final TestNetns router = bed.namespace("router");
    private final TestNetns there = bed.namespace("there");
    private final PacketBatch batch = PacketBatch.packed(64, 64 * 2048);
    private final Offloads offloads;

    UdpPortIT(Offloads offloads) {
        this.offloads = offloads;
    }

    static List<Named<Offloads>> kinds() {
        return List.of(Named.of("with off-loads", Offloads.ALL), Named.of("without", Offloads.NONE));
    }

    @AfterEach
    void close() {
        bed.close();
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(IpPackets.address(address).toInetAddress(), port);
    }

    private UdpPort open(TestNetns netns, String address) {
        UdpPort port =
                new NetworkNamespace(Optional.of(netns.name())).call(() -> UdpPort.open(at(address, 4433), offloads));
        bed.onClose(port);
        return port;
    }

    /** Puts a datagram right behind the last one, as records lie. */
    private int add(int bytes, String to) {
        int slot = batch.addAt(batch.end(), batch.end(), bytes, batch.end() + bytes);
        OuterAddress.write(batch.addresses(), batch.addressOffset(slot), at(to, 4433));
        return slot;
    }

    /** here - router - there, and the second link carries less. */
    private void connect(int secondMtu) {
        bed.link(here, "wan", "192.0.2.1/24", router, "near", "192.0.2.254/24");
        // What is captured is then what a network card would send.
        here.run("ethtool", "-K", "wan", "tx-udp-segmentation", "off");
        here.address("wan", "fd00:1::1/64");
        router.address("near", "fd00:1::fe/64");
        bed.link(router, "far", "198.51.100.254/24", there, "wan", "198.51.100.1/24");
        router.address("far", "fd00:2::fe/64");
        there.address("wan", "fd00:2::1/64");
        router.setting("net/ipv4/ip_forward", "1");
        router.setting("net/ipv6/conf/all/forwarding", "1");
        here.route("default", "via", "192.0.2.254");
        here.route("default", "via", "fd00:1::fe");
        there.route("default", "via", "198.51.100.254");
        there.route("default", "via", "fd00:2::fe");
        router.ip("link", "set", "far", "mtu", Integer.toString(secondMtu));
        there.ip("link", "set", "wan", "mtu", Integer.toString(secondMtu));
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1, 198.51.100.1, icmp, 1472", "fd00:1::1, fd00:2::1, icmp6, 1452"})
    void sendsWholeWithDfWhateverTheKernelHasLearnedOfThePath(String from, String to, String icmp, int most) {
        connect(1300);
        UdpPort port = open(here, from);
        try (Capture datagrams = here.capture("wan", "udp or (ip6 and ip6[6] == 44)");
                Capture errors = here.capture("wan", icmp + " and host " + from + " and greater 500")) {
            add(most, to);
            assertEquals(1, port.sendBatch(batch));
            errors.awaitPackets(1, SOON);
            TestBed.await(
                    "the kernel has learned it",
                    SOON,
                    () -> here.ip("route", "get", to).contains("mtu 1300"));

            batch.clear();
            add(most, to);
            add(100, to);
            assertEquals(2, port.sendBatch(batch));
            assertEquals(0, port.receiveBatch(batch));

            List<byte[]> frames = datagrams.awaitPackets(3, SOON);
            assertEquals(3, frames.size(), datagrams.text());
            for (byte[] frame : frames) {
                // Ethernet header, then for IPv4 the flags: DF and no more fragments, offset 0.
                assertTrue(frame[12] != 8 || (frame[20] == 0x40 && frame[21] == 0), datagrams.text());
            }
            assertEquals(List.of(1514, 1514), List.of(frames.get(0).length, frames.get(1).length));
        }
        assertEquals(0, there.attempt("true").exitCode());
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1, 198.51.100.1, 1472", "fd00:1::1, fd00:2::1, 1452"})
    void refusesWhatTheInterfaceCannotSendWhole(String from, String to, int most) {
        connect(1500);
        UdpPort port = open(here, from);
        UdpPort receiver = open(there, to);
        add(most, to);
        int tooBig = add(most + 1, to);
        add(10, to);

        assertEquals(2, port.sendBatch(batch));

        assertEquals(DropReason.TOO_BIG, batch.dropReason(tooBig));
        PacketBatch in = new PacketBatch(4, 2048);
        TestBed.await("both arrive", SOON, () -> {
            receiver.receiveBatch(in);
            return in.size() == 2;
        });
        assertEquals(most, in.length(0));
        assertEquals(10, in.length(1));
        assertEquals(at(from, 4433), OuterAddress.read(in.addresses(), in.addressOffset(0)));
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1, 198.51.100.1, 1472", "fd00:1::1, fd00:2::1, 1452"})
    void dropsOfManyOnlyThoseThatAreTooBig(String from, String to, int most) {
        connect(1500);
        UdpPort port = open(here, from);
        UdpPort receiver = open(there, to);
        for (int i = 0; i < 5; i++) {
            add(most + 1, to);
        }
        add(1000, to);
        for (int i = 0; i < 5; i++) {
            add(most, to);
        }

        assertEquals(6, port.sendBatch(batch));

        for (int slot = 0; slot < batch.size(); slot++) {
            assertEquals(slot < 5 ? DropReason.TOO_BIG : null, batch.dropReason(slot));
        }
        assertEquals(offloads.udpSegment(), port.segmentation().isOn(), port.segmentation()::toString);
        PacketBatch in = new PacketBatch(64);
        TestBed.await("six arrive", SOON, () -> {
            receiver.receiveBatch(in);
            return parts(in) == 6;
        });
        assertEquals(1000, in.length(0));
        assertEquals(5 * most, lengths(in) - 1000);
    }

    private static int parts(PacketBatch in) {
        return IntStream.range(0, in.size()).map(in::parts).sum();
    }

    private static int lengths(PacketBatch in) {
        return IntStream.range(0, in.size()).map(in::length).sum();
    }

    @Test
    void sendsManyAsDatagramsThatEachFitTheWire() {
        connect(1500);
        UdpPort port = open(here, "192.0.2.1");
        UdpPort receiver = open(there, "198.51.100.1");
        // As many as a capture takes that come at once.
        try (Capture capture = there.capture("wan", "udp")) {
            for (int i = 0; i < 20; i++) {
                add(1400, "198.51.100.1");
            }
            assertEquals(20, port.sendBatch(batch));
            List<byte[]> frames = capture.awaitPackets(20, SOON);
            assertEquals(20, frames.size());
            frames.forEach(frame -> assertEquals(1442, frame.length));
        }
        PacketBatch in = new PacketBatch(64);
        TestBed.await("all arrive", SOON, () -> {
            receiver.receiveBatch(in);
            return parts(in) == 20;
        });
        assertEquals(20 * 1400, lengths(in));
    }

    @Test
    void dropsWhatAFullQueueDoesNotTake() {
        connect(1500);
        here.run("tc", "qdisc", "add", "dev", "wan", "root", "tbf", "rate", "8kbit", "burst", "2kb", "limit", "64mb");
        UdpPort port = open(here, "192.0.2.1");
        int sent = 64;
        for (int turn = 0; turn < 10_000 && sent == 64; turn++) {
            batch.clear();
            while (batch.remaining() > 0) {
                add(1400, "198.51.100.1");
            }
            sent = port.sendBatch(batch);
        }
        assertNotEquals(64, sent);
        for (int slot = 0; slot < 64; slot++) {
            assertEquals(slot < sent ? null : DropReason.QUEUE_FULL, batch.dropReason(slot));
        }
        // An unreachable network is this datagram's trouble only.
        here.run("tc", "qdisc", "del", "dev", "wan", "root");
        here.ip("route", "del", "default");
        TestBed.await("the queue is empty", SOON, () -> {
            batch.clear();
            int lost = add(10, "198.51.100.1");
            add(10, "192.0.2.254");
            return port.sendBatch(batch) == 1 && batch.dropReason(lost) == DropReason.DEVICE_ERROR;
        });
    }
}
