package net.vgate.linux;

import static java.util.Objects.requireNonNull;
import static net.vgate.linux.IpPackets.address;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.PacketDevice;
import net.vgate.attachment.TapRequest;
import net.vgate.attachment.TunRequest;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.Prefix;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Capture;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("system")
@Timeout(120)
class LinuxDeviceHostIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final TestBed bed = TestBed.create();
    private final Path runtime = bed.folder().resolve("run");
    private LinuxDeviceHost host = LinuxDeviceHost.in(runtime, Offloads.ALL, 1);

    @AfterEach
    void close() {
        try (bed) {
            host.close();
        }
    }

    private static TunRequest request(String device, String netns, String address, String... routes) {
        return request(device, netns, List.of(address), 1400, false, routes);
    }

    private static TunRequest request(
            String device, String netns, List<String> addresses, int mtu, boolean shared, String... routes) {
        return new TunRequest(
                device,
                Optional.of(netns),
                addresses.stream().map(IpPackets::address).toList(),
                mtu,
                Stream.of(routes).map(LinuxDeviceHostIT::prefix).toList(),
                shared);
    }

    private static Prefix prefix(String text) {
        return Prefix.parse(text).orElseThrow();
    }

    /** A namespace that is somebody else's, with a way to the outside by {@code wan}. */
    private TestNetns netnsWithDefaultRoute(TestNetns outside) {
        TestNetns inside = bed.namespace("vnet");
        bed.link(inside, "wan", "192.0.2.1/24", outside, "wan", "192.0.2.2/24");
        inside.route("default", "via", "192.0.2.2");
        return inside;
    }

    @Test
    void makesANamespaceADeviceAndItsRoutesAndTakesThemAway() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        PacketDevice device = host.open(request(
                "vg-blue",
                netns.name(),
                List.of("10.0.0.254", "fd00::fe"),
                1371,
                false,
                "100.64.2.0/24",
                "fd00:2::/64"));

        assertEquals("vg-blue", device.name());
        String link = netns.ip("link", "show", "vg-blue");
        assertTrue(link.contains("mtu 1371"), link);
        assertTrue(link.contains("UP"), link);
        String ipv4 = netns.ip("route", "get", "100.64.2.7");
        assertTrue(ipv4.contains("dev vg-blue") && ipv4.contains("src 10.0.0.254"), ipv4);
        String ipv6 = netns.ip("route", "get", "fd00:2::7");
        assertTrue(ipv6.contains("dev vg-blue") && ipv6.contains("src fd00::fe"), ipv6);
        assertEquals("1", netns.run("cat", "/proc/sys/net/ipv4/ip_forward").strip());

        host.release(device);
        assertFalse(netns.exists());
        host.release(host.open(request("vg-blue", netns.name(), "10.0.0.254", "100.64.2.0/24")));
        host.close();
        assertFalse(netns.exists());
        assertEquals(List.of("lock"), List.of(runtime.toFile().list()));
    }

    @Test
    void leavesNothingOfANamespaceWhenOpeningFails() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        // The source of a route must be an address of the family; the kernel refuses this one.
        String failed =
                Failures.lineOf(() -> host.open(request("vg-blue", netns.name(), "224.0.0.1", "100.64.2.0/24")));
        assertTrue(
                failed.startsWith("TUN device vg-blue in network namespace " + netns.name()
                        + ": ip route replace 100.64.2.0/24 dev vg-blue src 224.0.0.1 proto 118: "),
                failed);
        assertFalse(netns.exists());
    }

    @Test
    void sendsNothingOfItsOwnIntoTheVnet() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        PacketDevice device = host.open(
                request("vg-blue", netns.name(), List.of("10.0.0.254", "fd00::fe"), 1400, false, "fd00:2::/64"));
        PacketBatch batch = new PacketBatch(8);
        try (Poller poller = Poller.open()) {
            poller.add(device.descriptor(), 0);
            // Router solicitations and listener reports would come within the first seconds.
            assertEquals(0, poller.await(Duration.ofSeconds(5).toNanos()));
        }
        assertEquals(0, device.readBatch(batch, 8, Integer.MAX_VALUE));
        assertFalse(netns.ip("addr", "show", "dev", "vg-blue").contains("fe80"));
    }

    @Test
    void membersBehindOtherDevicesReachTheVnetAndAreReached() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        PacketDevice device = host.open(request(
                "vg-blue",
                netns.name(),
                List.of("10.0.0.254", "fd00::fe"),
                1400,
                false,
                "100.64.2.0/24",
                "fd00:2::/64"));
        TestNetns member = bed.namespace("member");
        bed.link(netns, "members", "10.0.0.1/24", member, "eth0", "10.0.0.7/24");
        netns.address("members", "fd00::1/64");
        member.address("eth0", "fd00::7/64");
        member.route("100.64.2.0/24", "via", "10.0.0.1");
        member.route("fd00:2::/64", "via", "fd00::1");
        PacketBatch batch = new PacketBatch(8);
        for (String remote : List.of("100.64.2.7", "fd00:2::7")) {
            BackgroundProcess ping = member.start(List.of("ping", "-c1", "-W10", remote));
            try (Poller poller = Poller.open()) {
                poller.add(device.descriptor(), 0);
                assertEquals(1, poller.await(SOON.toNanos()), ping.output());
            }
            batch.clear();
            assertEquals(1, device.readBatch(batch, 8, Integer.MAX_VALUE));
            byte[] request = batch.copyOut(0);
            assertEquals(remote, IpPackets.destination(request));
            batch.clear();
            batch.addCopy(requireNonNull(IpPackets.echoReply(request)));
            device.writeBatch(batch, new int[] {0}, 1);
            assertEquals(0, ping.awaitEnd(SOON), ping.output());
        }
    }

    @Test
    void keepsANamespaceOfSomebodyElseAndGivesBackItsSettings() {
        TestNetns netns = bed.namespace("theirs");
        netns.setting("net/ipv4/ip_forward", "0");
        PacketDevice device = host.open(request("vg-blue", netns.name(), "10.0.0.254", "100.64.2.0/24"));
        assertEquals("1", netns.run("cat", "/proc/sys/net/ipv4/ip_forward").strip());
        host.release(device);
        host.close();
        assertTrue(netns.exists());
        assertEquals("0", netns.run("cat", "/proc/sys/net/ipv4/ip_forward").strip());
        assertFalse(netns.ip("link", "show").contains("vg-blue"));
    }

    @Test
    void keepsAnOwnNamespaceWhileADeviceOfSomebodyElseIsInIt() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        PacketDevice device = host.open(request("vg-blue", netns.name(), "10.0.0.254", "100.64.2.0/24"));
        bed.link(netns, "member", "10.0.0.1/24", bed.namespace("host"), "eth0", "10.0.0.2/24");
        host.release(device);
        assertTrue(netns.exists());
        netns.ip("link", "del", "member");
        host.close();
        assertFalse(netns.exists());
    }

    @Test
    void removesNoNamespaceThatWasMadeAnewUnderTheSameName() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        host.open(request("vg-blue", netns.name(), "10.0.0.254", "100.64.2.0/24"));
        Command.run("ip", "netns", "delete", netns.name());
        Command.run("ip", "netns", "add", netns.name());
        host.close();
        assertTrue(netns.exists());
    }

    @Test
    void hijacksNoDeviceThatIsThere() {
        TestNetns netns = bed.namespace("theirs");
        netns.ip("tuntap", "add", "dev", "vg-blue", "mode", "tun");
        String refused =
                Failures.lineOf(() -> host.open(request("vg-blue", netns.name(), "10.0.0.254", "100.64.2.0/24")));
        assertTrue(refused.contains("another device has this name"), refused);
        assertTrue(netns.ip("link", "show").contains("vg-blue"));
        assertFalse(netns.ip("route", "show").contains("100.64.2.0/24"));
    }

    @Test
    void refusesASecondDeviceInANamespaceThatIsNotShared() {
        TestNetns netns = bed.existing(bed.uniqueName("both"));
        host.open(request("vg-blue", netns.name(), "10.0.0.254", "100.64.2.0/24"));
        String refused = Failures.lineOf(
                () -> host.open(request("vg-red", netns.name(), List.of("10.1.0.254"), 1400, true, "100.65.2.0/24")));
        assertTrue(refused.contains("vg-blue of another V-net"), refused);
        assertTrue(netns.ip("route", "get", "100.64.2.7").contains("dev vg-blue"));
        assertFalse(netns.ip("route", "show").contains("100.65.2.0/24"));
    }

    /** The kernel would route what hosts send to the bridge's own Ethernet address into the other V-net's TUN. */
    @Test
    void refusesATapBesideATun() {
        for (boolean isShared : new boolean[] {false, true}) {
            TestNetns netns = bed.existing(bed.uniqueName("both"));
            TunRequest tun = request("vg-blue", netns.name(), List.of("10.0.0.254"), 1400, isShared, "100.64.2.0/24");
            TapRequest tap = tap("vg-red", netns.name());
            PacketDevice first = host.open(tun);
            String refused = Failures.lineOf(() -> host.open(tap));
            assertTrue(refused.endsWith("vg-blue of another V-net is there, too; give each a namespace of its own"));
            host.release(first);
            host.release(host.open(tap));
            first = host.open(tap);
            refused = Failures.lineOf(() -> host.open(tun));
            assertTrue(refused.endsWith("vg-red of another V-net is there, too; give each a namespace of its own"));
            host.release(first);
        }
    }

    @Test
    void tapsShareANamespaceWhichIsNoRouter() {
        TestNetns netns = bed.existing(bed.uniqueName("both"));
        host.open(tap("vg-blue", netns.name()));
        host.open(tap("vg-red", netns.name()));
        for (String forwarding : List.of("ipv4/ip_forward", "ipv6/conf/all/forwarding")) {
            assertEquals("0", netns.run("cat", "/proc/sys/net/" + forwarding).strip());
        }
    }

    private static TapRequest tap(String device, String netns) {
        return new TapRequest(
                device,
                Optional.of(netns),
                Optional.empty(),
                List.of(new InterfaceAddress(address("10.1.0.254"), 24)),
                new MacAddress(0x0276_6700_1389L),
                1400,
                List.of(prefix("10.1.0.0/24")));
    }

    @Test
    void changesOnlyWhatDiffers() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        PacketDevice device = host.open(
                request("vg-blue", netns.name(), List.of("10.0.0.254"), 1400, false, "100.64.2.0/24", "100.64.3.0/24"));
        netns.ip(
                "route",
                "change",
                "100.64.2.0/24",
                "dev",
                "vg-blue",
                "src",
                "10.0.0.254",
                "proto",
                "118",
                "advmss",
                "1000");

        host.change(
                device,
                request("vg-blue", netns.name(), List.of("10.0.0.254"), 1350, false, "100.64.2.0/24", "100.64.4.0/24"));

        String routes = netns.ip("route", "show");
        assertTrue(routes.contains("advmss 1000"), routes);
        assertFalse(routes.contains("100.64.3.0/24"), routes);
        assertTrue(routes.contains("unreachable 100.64.4.0/24"), routes);
        assertTrue(netns.ip("link", "show", "vg-blue").contains("mtu 1350"));

        host.change(
                device,
                request(
                        "vg-blue",
                        netns.name(),
                        List.of("10.0.0.253", "fd00::1"),
                        1350,
                        false,
                        "100.64.2.0/24",
                        "fd00:2::/64"));
        String route = netns.ip("route", "get", "100.64.2.7");
        assertTrue(route.contains("src 10.0.0.253"), route);
        assertTrue(netns.ip("route", "get", "fd00:2::7").contains("src fd00::1"));
        assertFalse(netns.ip("addr", "show").contains("10.0.0.254"));
    }

    @Test
    void whatIsMeantForTheVnetNeverTakesTheDefaultRoute() {
        TestNetns outside = bed.namespace("outside");
        TestNetns netns = netnsWithDefaultRoute(outside);
        PacketDevice device = host.open(request("vg-blue", netns.name(), "10.0.0.254", "100.64.2.0/24"));
        host.release(device);
        host.close();
        try (Capture capture = outside.capture("wan", "dst net 100.64.0.0/16")) {
            assertFalse(netns.attempt("ping", "-c1", "-W1", "100.64.2.7").isSuccess());
            // The same way out, beside the guarded prefix: the capture would have seen it.
            netns.attempt("ping", "-c1", "-W1", "100.64.3.7");
            List<byte[]> seen = capture.awaitPackets(1, SOON);
            assertEquals(1, seen.size(), capture.text());

            host = LinuxDeviceHost.in(runtime, Offloads.ALL, 1);
            host.purge();
            netns.attempt("ping", "-c1", "-W1", "100.64.2.7");
            capture.awaitPackets(2, SOON);
        }
    }

    @Test
    void purgingSparesTheDevicesThatAreOpen() {
        TestNetns netns = bed.namespace("vnet");
        PacketDevice device = host.open(
                request("vg-blue", netns.name(), List.of("10.0.0.254"), 1400, false, "100.64.2.0/24", "fd00:2::/64"));
        host.purge();
        assertTrue(netns.ip("route", "show").contains("unreachable 100.64.2.0/24"));
        assertTrue(netns.ip("-6", "route", "show").contains("unreachable fd00:2::/64"));
        host.release(device);
        host.purge();
        assertFalse(netns.ip("route", "show").contains("unreachable"));
        assertFalse(netns.ip("-6", "route", "show").contains("unreachable"));
    }

    @Test
    void theKernelForwardsNothingBetweenTwoVnetsOfOneNamespace() {
        TestNetns netns = bed.namespace("both");
        PacketDevice blue = host.open(
                request("vg-blue", netns.name(), List.of("10.0.0.254", "fd00::1"), 1400, true, "100.64.2.0/24"));
        PacketDevice red = host.open(request(
                "vg-red", netns.name(), List.of("10.1.0.254", "fd01::1"), 1400, true, "100.65.2.0/24", "fd01:2::/64"));
        List<byte[]> crossing = List.of(
                IpPackets.echoRequest("100.64.2.7", "100.65.2.7", 1),
                IpPackets.echoRequest("fd00:2::7", "fd01:2::7", 1));

        assertEquals(List.of("10.1.0.254", "fd01::1"), crossed(netns, crossing, blue, red));
        // The same packets cross when nobody bars them, so this test can fail.
        netns.run("nft", "flush", "chain", "inet", "vgate", "forward");
        assertEquals(List.of("100.64.2.7", "fd00:2::7", "10.1.0.254", "fd01::1"), crossed(netns, crossing, blue, red));

        host.release(red);
        assertTrue(netns.run("nft", "list", "ruleset").contains("vg-blue"));
        host.release(blue);
        assertEquals("", netns.run("nft", "list", "ruleset").strip());
    }

    /** Plants packets at one device, sends others from the namespace itself; returns the sources seen at the other. */
    private static List<String> crossed(TestNetns netns, List<byte[]> planted, PacketDevice at, PacketDevice other) {
        PacketBatch batch = new PacketBatch(8);
        planted.forEach(batch::addCopy);
        at.writeBatch(batch, new int[] {0, 1}, planted.size());
        assertTrue(batch.isLive(0) && batch.isLive(1));
        netns.attempt("ping", "-c1", "-W1", "100.65.2.8");
        netns.attempt("ping", "-c1", "-W1", "fd01:2::8");
        batch.clear();
        other.readBatch(batch, 8, Integer.MAX_VALUE);
        return Stream.iterate(0, slot -> slot < batch.size(), slot -> slot + 1)
                .map(slot -> IpPackets.source(batch.copyOut(slot)))
                .toList();
    }

    @Test
    void refusesARuntimeFolderThatOthersMayWrite() throws IOException {
        Path open = Files.createDirectory(bed.folder().resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        String refused = Failures.lineOf(() -> LinuxDeviceHost.in(open, Offloads.ALL, 1));
        assertTrue(refused.contains("rwxrwxrwx"), refused);
    }

    @Test
    void saysWhichNamesAndSizesItTakes() {
        assertThrows(DeviceException.class, () -> request("vg blue", "n", "10.0.0.1"));
        assertThrows(DeviceException.class, () -> request("vg-blue-too-long", "n", "10.0.0.1"));
        assertThrows(DeviceException.class, () -> request("vg-blue", "../n", "10.0.0.1"));
        assertThrows(DeviceException.class, () -> request("vg-blue", "n", List.of("fd00::1"), 1279, false));
        assertEquals(
                address("fd00::1"),
                request("vg-blue", "n", List.of("fd00::1"), 1280, false)
                        .addresses()
                        .get(0));
    }
}
