package net.vgate.benchmark;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.vgate.attachment.TunRequest;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.AeadProvider;
import net.vgate.control.AeadSelection;
import net.vgate.record.Aead;
import net.vgate.record.AeadUnavailableException;
import net.vgate.record.Role;

/**
 * What a packet and what memory costs in a gateway of so many V-nets and members, of which the same few are busy; run
 * by tests/bench/scale, in a process of its own for each point. A gateway of one V-net with one member is measured in
 * turn with it, so that what disturbs the machine disturbs both.
 *
 * <p>The members are divided among the V-nets; half of them are here, half at the other site, at least one each.
 */
final class ScalePoint {
    private static final int FLOWS = 16;
    private static final int PAYLOAD_BYTES = 64;

    /** Packets of one turn, each way. */
    private static final int PACKETS = InnerPackets.BATCH;

    /** Until all of it is compiled, by the second compiler. */
    private static final int WARM_UP_ROUNDS = 60;

    private static final int TURNS_PER_ROUND = 200;
    private static final int PACKETS_PER_ROUND = TURNS_PER_ROUND * 2 * PACKETS;

    /** Less than the time from which on packets count as rare. */
    private static final long TURN_NANOS = 10_000;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Aead aead;
    private final int members;
    private final Map<String, TunRequest> requests = new LinkedHashMap<>();
    private final SampleGateway measured;
    private final SampleGateway peer;
    private long nowNanos = 1_000_000_000L;

    private ScalePoint(int vnetCount, int membersOfEach, Aead aead) {
        this.aead = aead;
        int own = Math.max(1, (membersOfEach + 1) / 2);
        int remote = Math.max(1, membersOfEach / 2);
        members = vnetCount * (own + remote);
        List<SampleVnet> vnets = new ArrayList<>();
        for (int number = 0; number < vnetCount; number++) {
            SampleVnet vnet = SampleVnet.of(number, own, remote);
            vnets.add(vnet);
            requests.put(vnet.configured().name(), request(vnet.configured()));
        }
        // The busy one is in the midst of the others, in memory as well.
        int active = vnetCount / 2;
        Flow[] flows = SampleVnet.flows(FLOWS, remote);
        byte[][] out = new byte[FLOWS][];
        byte[][] answers = new byte[FLOWS][];
        for (int i = 0; i < FLOWS; i++) {
            out[i] = InnerPackets.udp(flows[i], 1, PAYLOAD_BYTES);
            answers[i] = InnerPackets.udp(answer(flows[i]), 1, PAYLOAD_BYTES);
        }
        SampleGateway.Ends ends = new SampleGateway.Ends(aead);
        measured = new SampleGateway(vnets, active, new SampleDevice(out), ends, Role.CLIENT, () -> nowNanos);
        SampleVnet theirs = SampleVnet.atPeer(active);
        peer = new SampleGateway(List.of(theirs), 0, new SampleDevice(answers), ends, Role.SERVER, () -> nowNanos);
    }

    /** The answer to a flow, as it leaves the member at the other site. */
    private static Flow answer(Flow flow) {
        return flow.reverse()
                .between(SampleVnet.moved(flow.to(), SampleVnet.OWN), SampleVnet.moved(flow.from(), SampleVnet.ALIAS));
    }

    /**
     * Prints the point as JSON.
     *
     * @param arguments V-nets, members in all, rounds
     */
    public static void main(String[] arguments) throws AeadUnavailableException {
        int vnetCount = Integer.parseInt(arguments[0]);
        int membersOfEach = (Integer.parseInt(arguments[1]) + vnetCount - 1) / vnetCount;
        Aead aead = AeadSelection.of(AeadProvider.AUTO).aead();
        ScalePoint one = new ScalePoint(1, 1, aead);
        ScalePoint point = new ScalePoint(vnetCount, membersOfEach, aead);
        try {
            System.out.println(point.measure(one, Integer.parseInt(arguments[2])));
        } finally {
            Reference.reachabilityFence(point);
            Reference.reachabilityFence(one);
        }
    }

    private String measure(ScalePoint one, int rounds) {
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            turns();
            one.turns();
        }
        double[] nanos = new double[rounds];
        double[] ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            nanos[round] = turns();
            ratios[round] = nanos[round] / one.turns();
        }
        Arrays.sort(nanos);
        Arrays.sort(ratios);
        long allocated = allocatedByTurns() / PACKETS_PER_ROUND;
        return String.format(
                Locale.ROOT,
                "{\"vnets\": %d, \"members\": %d, \"cpu_ns\": %.1f, \"cpu_ratio\": %.3f, \"allocated_bytes\": %d,"
                        + " \"heap_bytes\": %d, \"direct_bytes\": %d, \"aead\": \"%s\"}",
                requests.size(),
                members,
                nanos[rounds / 2] / PACKETS_PER_ROUND,
                ratios[rounds / 2],
                allocated,
                liveHeapBytes(),
                directBytes(),
                aead.name());
    }

    /** What control keeps of a V-net, besides its configuration. */
    private static TunRequest request(GatewayConfig.Vnet vnet) {
        GatewayConfig.Tun tun = (GatewayConfig.Tun) vnet.attachment();
        return new TunRequest(
                tun.device(),
                tun.netns(),
                List.of(),
                SampleVnet.INNER_MTU,
                vnet.remote().stream()
                        .flatMap(remote -> remote.prefixes().stream())
                        .toList(),
                tun.sharedNetns());
    }

    /** Nanoseconds of processor time that the measured gateway takes for a round. */
    private long turns() {
        long before = measured.delivered();
        long nanos = 0;
        for (int i = 0; i < TURNS_PER_ROUND; i++) {
            peer.turn(PACKETS);
            long start = THREADS.getCurrentThreadCpuTime();
            measured.turn(PACKETS);
            nanos += THREADS.getCurrentThreadCpuTime() - start;
            nowNanos += TURN_NANOS;
        }
        // The first turn of all is one of rare packets and begins the flows.
        long lost = (long) TURNS_PER_ROUND * PACKETS - (measured.delivered() - before);
        if (lost > 2 * PACKETS) {
            throw new IllegalStateException(lost + " packets were lost");
        }
        return nanos;
    }

    /** Bytes that the measured gateway allocates in a round. */
    private long allocatedByTurns() {
        long bytes = 0;
        for (int i = 0; i < TURNS_PER_ROUND; i++) {
            peer.turn(PACKETS);
            long start = THREADS.getCurrentThreadAllocatedBytes();
            measured.turn(PACKETS);
            bytes += THREADS.getCurrentThreadAllocatedBytes() - start;
            nowNanos += TURN_NANOS;
        }
        return bytes;
    }

    static long liveHeapBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
