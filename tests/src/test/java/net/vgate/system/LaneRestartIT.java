package net.vgate.system;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Capture;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;

/**
 * A gateway with two workers that is killed and comes back, while its peer has nothing to send and so misses nothing:
 * the peer knows by the first lane that all of them are dead.
 */
@SystemTest
final class LaneRestartIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** How much later than the first lane any other may carry again. */
    private static final Duration TOGETHER = Duration.ofMillis(300);

    /** Longer than an answer is waited for, so that nobody is asked in a hurry. */
    private static final Duration CALM = Duration.ofMillis(600);

    /** A lane that has to find out by itself takes more than a second. */
    private static final String SETTINGS = "\nworkers: 2\ntunnel: {liveness: {every: 10s, lost: 10}}\n";

    /** The last bytes of addresses that are pinged: as many flows, which spread over both lanes. */
    private static final int FIRST_HOST = 11;

    private static final int FLOWS = 8;
    private static final int PER_SECOND = 50;

    /** Ethernet, then IPv4 without options. */
    private static final int UDP_AT = 14 + 20;

    private static final Pattern ANSWER =
            Pattern.compile("\\[(\\d+\\.\\d+)] \\d+ bytes from .* icmp_seq=(\\d+) .*time=([\\d.]+) ms");
    private static final Pattern NO_ANSWER = Pattern.compile("\\[(\\d+\\.\\d+)] no answer yet for icmp_seq=(\\d+)");

    @Test
    void allLanesCarryAgainAsSoonAsTheFirst() {
        try (TwoSites sites = TwoSites.paired(text -> text + SETTINGS)) {
            addHosts(sites);
            awaitLanes(sites, sites.east());
            awaitLanes(sites, sites.west());
            PairingTime.assertWithin(TOGETHER, () -> lagAfterRestart(sites));
        }
    }

    private static void addHosts(TwoSites sites) {
        TestNetns host = sites.host(sites.west(), "red");
        TestNetns inside = sites.west().tenant("red");
        for (int last = FIRST_HOST; last < FIRST_HOST + FLOWS; last++) {
            host.address("lan", "10.0.0." + last + "/32");
            inside.route("10.0.0." + last, "dev", Site.lan(TwoSites.HOST));
        }
    }

    private static void awaitLanes(TwoSites sites, Site site) {
        String peer = site == sites.east() ? "west" : "east";
        site.gateway().awaitTunnel(peer, "has two lanes", SOON, tunnel -> tunnel.up() && tunnel.lanes() == 2);
    }

    /** From now on calls from the first port that calls get through, and from no other. */
    private static void admitOneCaller(Site site) {
        TestNetns wan = site.wan();
        wan.run("nft", "add table ip calls");
        wan.run("nft", "delete table ip calls");
        wan.run("nft", "add table ip calls");
        wan.run("nft", "add set ip calls first { type inet_service; size 1; flags dynamic; }");
        wan.run("nft", "add chain ip calls in { type filter hook input priority 0; }");
        wan.run("nft", "add rule ip calls in udp dport 4433 udp sport @first accept");
        wan.run("nft", "add rule ip calls in udp dport 4433 add @first { udp sport } accept");
        wan.run("nft", "add rule ip calls in udp dport 4433 drop");
    }

    /**
     * How long pings of any flow were in vain after those of the first one came back, in seconds, by those that were
     * sent: a machine that stands still sends none.
     */
    private static double lagAfterRestart(TwoSites sites) {
        Site east = sites.east();
        RunningGateway west = sites.west().gateway();
        expectBothLanesCarry(sites);
        long calls = callsForSecondLane(west);
        east.gateway().kill();
        // The further lane of the one that comes back is not to mend what its peer should.
        admitOneCaller(sites.west());
        List<BackgroundProcess> pings = pings(sites);
        try {
            east.start();
            TestBed.await("all flows come back", SOON, () -> pings.stream().allMatch(LaneRestartIT::isBack));
            double lag = lag(pings.stream().map(BackgroundProcess::output).toList());
            System.out.printf("the last flow is back %.3f s after the first%n", lag);
            TestBed.await("the second lane is called for", SOON, () -> callsForSecondLane(west) > calls);
            return lag;
        } finally {
            pings.forEach(BackgroundProcess::close);
        }
    }

    private static List<BackgroundProcess> pings(TwoSites sites) {
        String interval = Double.toString(1.0 / PER_SECOND);
        return IntStream.range(FIRST_HOST, FIRST_HOST + FLOWS)
                .mapToObj(
                        last -> Command.favoured(List.of("ping", "-n", "-D", "-O", "-i", interval, "100.64.2." + last)))
                .map(sites.host(sites.east(), "red")::start)
                .toList();
    }

    /** And then waits until nothing is under way any more that west could miss. */
    private static void expectBothLanesCarry(TwoSites sites) {
        try (Capture sent = sites.west().wan().capture("wan", "udp and src host " + TwoSites.WEST_WAN)) {
            List<BackgroundProcess> pings = pings(sites);
            try {
                TestBed.await("west answers by both lanes", SOON, () -> busyLanes(sent) == 2);
            } finally {
                pings.forEach(BackgroundProcess::close);
            }
            AtomicInteger before = new AtomicInteger();
            AtomicLong changed = new AtomicLong(System.nanoTime());
            TestBed.await("west has nothing to send", SOON, () -> {
                int now = sent.packets().size();
                if (before.getAndSet(now) != now) {
                    changed.set(System.nanoTime());
                }
                return System.nanoTime() - changed.get() > CALM.toNanos();
            });
        }
    }

    private static long busyLanes(Capture sent) {
        Map<Integer, Integer> byPorts = new TreeMap<>();
        sent.packets().forEach(packet -> byPorts.merge(ByteBuffer.wrap(packet).getInt(UDP_AT), 1, Integer::sum));
        return byPorts.values().stream().filter(count -> count > PER_SECOND / 2).count();
    }

    private static long callsForSecondLane(RunningGateway gateway) {
        return gateway.log()
                .lines()
                .filter(line -> line.contains("what=up ") && line.contains("lane 1: client of"))
                .count();
    }

    private static boolean isBack(BackgroundProcess ping) {
        return ANSWER.matcher(ping.output()).find();
    }

    private static double lag(List<String> outputs) {
        double first = outputs.stream()
                .mapToDouble(output -> sentAt(firstAnswer(output)))
                .min()
                .orElseThrow();
        long most = outputs.stream()
                .mapToLong(output -> unanswered(output, first, number(firstAnswer(output))))
                .max()
                .orElseThrow();
        return most / (double) PER_SECOND;
    }

    private static MatchResult firstAnswer(String output) {
        return ANSWER.matcher(output).results().findFirst().orElseThrow();
    }

    private static double sentAt(MatchResult answer) {
        return Double.parseDouble(answer.group(1)) - Double.parseDouble(answer.group(3)) / 1e3;
    }

    private static int number(MatchResult line) {
        return Integer.parseInt(line.group(2));
    }

    private static long unanswered(String output, double since, int before) {
        return NO_ANSWER
                .matcher(output)
                .results()
                .filter(line -> Double.parseDouble(line.group(1)) >= since && number(line) < before)
                .count();
    }
}
