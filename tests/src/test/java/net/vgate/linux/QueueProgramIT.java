package net.vgate.linux;

import static net.vgate.linux.IpPackets.address;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.vgate.attachment.Offload;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.PacketDevice;
import net.vgate.attachment.TunRequest;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.Prefix;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Flows of which answers were written to another queue, and then no more: the kernel's own choice would change twice,
 * the second time after three seconds.
 */
@Tag("system")
@Timeout(60)
final class QueueProgramIT {
    private static final int QUEUES = 2;
    private static final int FLOWS = 16;
    private static final int FIRST_PORT = 5000;
    private static final int ROUNDS = 45;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final List<String> TARGETS = List.of("100.64.2.7", "fd00:2::7");
    private static final String FRAGMENTS_TARGET = "100.64.2.8";

    /** Sixteen flows of each family and one that is sent in fragments, ten datagrams of each a second. */
    private static final String SENDER = """
            for port in $(seq %d %d); do
                exec {four}<>/dev/udp/%s/$port {six}<>/dev/udp/%s/$port
                flows="$flows $four $six"
            done
            exec {large}<>/dev/udp/%s/%d
            for round in $(seq %d); do
                for flow in $flows; do echo $round >&$flow; done
                printf '%%3000s' $round >&$large
                sleep 0.1
            done
            """;

    private final PacketBatch batch = new PacketBatch(64);
    private final PacketBatch answers = new PacketBatch(64);
    private final Map<Flow, Integer> queueOf = new HashMap<>();
    private final Set<Flow> answered = new HashSet<>();
    private int fragments;

    /** By which the kernel could tell one. */
    private record Flow(IpAddress source, int sourcePort, IpAddress destination, int destinationPort) {}

    @Test
    void aFlowStaysAtItsQueueWhateverIsAnswered() {
        try (TestBed bed = TestBed.create();
                LinuxDeviceHost host = LinuxDeviceHost.in(bed.folder().resolve("run"), Offloads.ALL, QUEUES)) {
            TestNetns netns = bed.existing(bed.uniqueName("blue"));
            PacketDevice device = host.open(new TunRequest(
                    "vg-blue",
                    Optional.of(netns.name()),
                    List.of(address("10.0.0.254"), address("fd00::fe")),
                    1400,
                    List.of(
                            Prefix.parse("100.64.2.0/24").orElseThrow(),
                            Prefix.parse("fd00:2::/64").orElseThrow()),
                    false));
            assertEquals(Offload.ON, device.steering());
            BackgroundProcess sender = netns.start(List.of("bash", "-c", script()));
            TestBed.await("all was sent and read", SOON, () -> {
                boolean isOver = !sender.isAlive();
                boolean hasRead = readAll(device);
                return isOver && !hasRead;
            });
            assertEquals(0, sender.awaitEnd(SOON), sender::output);
            assertEquals(TARGETS.size() * FLOWS + 1, queueOf.size());
            assertEquals(QUEUES, Set.copyOf(queueOf.values()).size(), queueOf::toString);
            assertTrue(fragments >= 3 * ROUNDS, () -> fragments + " fragments");
        }
    }

    private static String script() {
        return SENDER.formatted(
                FIRST_PORT,
                FIRST_PORT + FLOWS - 1,
                TARGETS.get(0),
                TARGETS.get(1),
                FRAGMENTS_TARGET,
                FIRST_PORT,
                ROUNDS);
    }

    private boolean readAll(PacketDevice device) {
        boolean hasRead = false;
        for (int queue = 0; queue < QUEUES; queue++) {
            batch.clear();
            while (device.queue(queue).readBatch(batch, 1, Integer.MAX_VALUE) > 0) {
                hasRead = true;
                int slot = batch.size() - 1;
                assertTrue(batch.isLive(slot) && batch.inner().parse(slot) == null);
                Flow flow = flow(slot);
                Integer before = queueOf.put(flow, queue);
                assertTrue(before == null || before == queue, () -> flow + " changes its queue");
                if (batch.inner().fragment(slot) == InnerHeader.Fragment.WHOLE) {
                    answerOnce(device.queue((queue + 1) % QUEUES), flow);
                }
                batch.clear();
            }
        }
        return hasRead;
    }

    private Flow flow(int slot) {
        InnerHeader inner = batch.inner();
        boolean isWhole = inner.fragment(slot) == InnerHeader.Fragment.WHOLE;
        if (!isWhole) {
            fragments++;
        }
        return new Flow(
                new IpAddress(inner.sourceHi(slot), inner.sourceLo(slot)),
                isWhole ? inner.sourcePort(slot) : 0,
                new IpAddress(inner.destinationHi(slot), inner.destinationLo(slot)),
                isWhole ? inner.destinationPort(slot) : 0);
    }

    private void answerOnce(PacketDevice other, Flow flow) {
        if (!answered.add(flow)) {
            return;
        }
        byte[] answer = IpPackets.udp(
                flow.destination().toString(),
                flow.destinationPort(),
                flow.source().toString(),
                flow.sourcePort(),
                "answer".getBytes(StandardCharsets.UTF_8));
        answers.clear();
        int slot = answers.add(answer.length);
        answers.slab().put(answers.offset(slot), answer);
        assertEquals(null, answers.inner().parse(slot));
        other.writeBatch(answers, new int[] {slot}, 1);
        assertTrue(answers.isLive(slot));
    }
}
