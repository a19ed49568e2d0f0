package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.PacketDevice;
import net.vgate.attachment.TunRequest;
import net.vgate.packet.OuterAddress;
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

/** What is left of a device host's work when its process ends, well or not. */
@Tag("system")
@Timeout(120)
class HostProcessIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String DEVICE = "vg-blue";
    private static final String ADDRESS = "10.0.0.254";
    private static final String ROUTE = "100.64.2.0/24";

    private final TestBed bed = TestBed.create();
    private final Path runtime = bed.folder().resolve("run");

    @AfterEach
    void close() {
        bed.close();
    }

    private List<String> command(String netns) {
        return TestBed.java(HostProcess.class, runtime.toString(), DEVICE, netns, ADDRESS, ROUTE);
    }

    private static BackgroundProcess ready(BackgroundProcess process) {
        process.awaitOutput(HostProcess.READY, SOON);
        return process;
    }

    private static void awaitDeviceGone(TestNetns netns) {
        TestBed.await(
                "the device is gone", SOON, () -> !netns.ip("link", "show").contains(DEVICE));
    }

    private static TunRequest request(TestNetns netns) {
        return new TunRequest(
                DEVICE,
                Optional.of(netns.name()),
                List.of(IpPackets.address(ADDRESS)),
                1400,
                List.of(Prefix.parse(ROUTE).orElseThrow()),
                false);
    }

    @Test
    void aKilledHostLeavesTheGuardAndALaterOneRemovesTheNamespace() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        BackgroundProcess killed = ready(bed.start(command(netns.name())));
        String inUse = Failures.lineOf(() -> LinuxDeviceHost.in(runtime, Offloads.ALL, 1));
        assertTrue(inUse.contains("another process uses it"), inUse);

        killed.kill();
        awaitDeviceGone(netns);
        assertTrue(netns.ip("route", "show").contains("unreachable " + ROUTE));

        try (LinuxDeviceHost host = LinuxDeviceHost.in(runtime, Offloads.ALL, 1)) {
            PacketDevice device = host.open(request(netns));
            assertTrue(netns.ip("route", "get", "100.64.2.7").contains("dev " + DEVICE));
            host.release(device);
            assertFalse(netns.exists());
        }
    }

    @Test
    void aLaterHostRemovesALeftNamespaceThatItHasNoUseFor() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        ready(bed.start(command(netns.name()))).kill();
        awaitDeviceGone(netns);
        LinuxDeviceHost.in(runtime, Offloads.ALL, 1).close();
        assertFalse(netns.exists());
    }

    @Test
    void aTerminatedHostLeavesNothing() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        BackgroundProcess process = ready(bed.start(command(netns.name())));
        assertEquals(128 + 15, process.terminate(SOON));
        assertFalse(netns.exists());
        assertEquals(List.of("lock"), List.of(runtime.toFile().list()));
    }

    @Test
    void aLeftNameThatLostItsNamespaceIsMadeAnew() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        ready(bed.start(command(netns.name()))).kill();
        Command.run("umount", "/run/netns/" + netns.name());
        try (LinuxDeviceHost host = LinuxDeviceHost.in(runtime, Offloads.ALL, 1)) {
            host.open(request(netns));
            assertTrue(netns.ip("route", "get", "100.64.2.7").contains("dev " + DEVICE));
        }
        assertFalse(netns.exists());
    }

    @Test
    void aNameOfSomebodyElseThatIsNoNamespaceIsLeftAlone() throws IOException {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        Path file = Files.createFile(Path.of("/run/netns", netns.name()));
        try (LinuxDeviceHost host = LinuxDeviceHost.in(runtime, Offloads.ALL, 1)) {
            String refused = Failures.lineOf(() -> host.open(request(netns)));
            assertTrue(refused.endsWith("remove it with: ip netns delete " + netns.name()), refused);
            assertTrue(Files.exists(file));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @Test
    void saysWhatToDoWhenThereIsNoTun() {
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        List<String> command = new ArrayList<>(
                List.of("unshare", "--mount", "sh", "-c", "mount -t tmpfs none /dev/net && exec \"$@\"", "sh"));
        command.addAll(command(netns.name()));
        BackgroundProcess process = bed.start(command);
        assertEquals(1, process.awaitEnd(SOON));
        String line = "TUN device " + DEVICE + " in network namespace " + netns.name()
                + ": open /dev/net/tun: No such file or directory (errno 2); load the module tun, ";
        assertTrue(process.output().contains(line), process.output());
        assertFalse(netns.exists());
    }

    /** A service, or a program under {@code ip netns exec}, has a mount namespace of its own. */
    @Test
    void whatAHostInAMountNamespaceMakesIsSeenByAll() {
        TestNetns own = bed.namespace("own");
        TestNetns netns = bed.existing(bed.uniqueName("blue"));
        assumeTrue(Command.attempt(List.of("unshare", "--pid", "--fork", "true"), SOON)
                .isSuccess());
        // In a process namespace of its own, so that its first process may be looked at.
        List<String> command = new ArrayList<>(
                List.of("unshare", "--pid", "--fork", "--kill-child", "--propagation", "unchanged", "--mount-proc"));
        command.addAll(List.of("sh", "-c", "\"$@\"; exit $?", "sh", "ip", "netns", "exec", own.name()));
        command.addAll(command(netns.name()));
        BackgroundProcess process = ready(bed.start(command));
        assertTrue(netns.ip("link", "show").contains(DEVICE), process.output());
        process.kill();
        awaitDeviceGone(netns);
        LinuxDeviceHost.in(runtime, Offloads.ALL, 1).close();
        assertFalse(netns.exists());
    }

    @Test
    void inTheGatewaysOwnNamespaceNoPacketLeavesInClearThroughKillStopAndRestart() {
        TestNetns gateway = bed.namespace("gateway");
        TestNetns outside = bed.namespace("outside");
        bed.link(gateway, "wan", "192.0.2.1/24", outside, "wan", "192.0.2.2/24");
        gateway.route("default", "via", "192.0.2.2");
        BackgroundProcess first = ready(gateway.start(command("-")));
        assertEquals("0", gateway.run("cat", "/proc/sys/net/ipv4/ip_forward").strip());
        try (Capture capture = outside.capture("wan", "dst net 100.64.0.0/16");
                Traffic traffic = new Traffic(gateway, "100.64.2.7")) {
            traffic.awaitTaken();
            first.kill();
            traffic.awaitRefused();
            BackgroundProcess second = ready(gateway.start(command("-")));
            traffic.awaitTaken();
            second.terminate(SOON);
            traffic.awaitRefused();
            BackgroundProcess third = ready(gateway.start(command("-")));
            traffic.awaitTaken();
            third.kill();
            traffic.awaitRefused();
            // The same way out, beside the guarded prefix: the capture sees what leaves.
            gateway.attempt("ping", "-c1", "-W1", "100.64.3.7");
            List<byte[]> seen = capture.awaitPackets(1, SOON);
            assertEquals(1, seen.size(), capture.text());
        }
        ready(gateway.start(TestBed.java(PurgeProcess.class, runtime.toString())));
        assertFalse(gateway.ip("route", "show").contains("unreachable"));
    }

    /** Sends datagrams from inside a namespace, as fast as they go, to an address where nobody is. */
    private static final class Traffic implements AutoCloseable {
        private final UdpPort port;
        private final InetSocketAddress to;
        private final AtomicLong taken = new AtomicLong();
        private final AtomicLong refused = new AtomicLong();
        private final Thread sender = new Thread(this::send, "traffic");
        private volatile boolean isOver;

        Traffic(TestNetns netns, String to) {
            this.port = new NetworkNamespace(Optional.of(netns.name()))
                    .call(() -> UdpPort.open(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 0), Offloads.ALL));
            this.to = new InetSocketAddress(IpPackets.address(to).toInetAddress(), 9);
            sender.start();
        }

        private void send() {
            PacketBatch batch = new PacketBatch(8, 100);
            while (!isOver) {
                batch.clear();
                while (batch.remaining() > 0) {
                    int slot = batch.add(10);
                    OuterAddress.write(batch.addresses(), batch.addressOffset(slot), to);
                }
                int sent = port.sendBatch(batch);
                taken.addAndGet(sent);
                refused.addAndGet(8L - sent);
            }
        }

        void awaitTaken() {
            awaitMore("packets go to the device", taken);
        }

        void awaitRefused() {
            awaitMore("packets lead nowhere", refused);
        }

        private static void awaitMore(String what, AtomicLong count) {
            long before = count.get();
            TestBed.await(what, SOON, () -> count.get() > before + 100);
        }

        @Override
        public void close() {
            isOver = true;
            try {
                sender.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            port.close();
        }
    }

    /** Purges, in the namespace in which it is started. */
    static final class PurgeProcess {
        private PurgeProcess() {}

        public static void main(String[] arguments) {
            try (LinuxDeviceHost host = LinuxDeviceHost.in(Path.of(arguments[0]), Offloads.ALL, 1)) {
                host.purge();
            }
            System.out.println(HostProcess.READY);
        }
    }
}
