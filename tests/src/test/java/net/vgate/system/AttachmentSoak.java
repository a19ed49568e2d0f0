package net.vgate.system;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Throughput of TCP to another site by attachment: TUN, and VXLAN with what a kernel on the same machine leaves
 * unfinished and with packets as a network card would have cut them. Not part of the suite; {@code tests/soak
 * attachments} runs it.
 */
@SystemTest
final class AttachmentSoak {
    private static final int ROUNDS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, List<Double>> figures = new LinkedHashMap<>();

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void throughputByAttachment() {
        try (TestBed bed = TestBed.create()) {
            TwoSites.authority(bed.folder(), "pki", "test authority");
            Site east = site(bed, "east", "west", 1, 2, """
                      - name: green
                        vni: 5002
                        attach: {vtep: {port: rack, locators: [10.9.0.11], address: [10.1.1.254/24]}}
                """);
            east.change(text -> text + "vtep-ports: [{name: rack, interface: dc, locator: 10.9.0.1}]\n");
            Site west = site(bed, "west", "east", 2, 1, """
                      - name: green
                        vni: 5002
                        attach: {tun: {device: vg-green, netns: west-green, address: 10.1.2.254}}
                """);
            bed.link(east.wan(), "wan", "198.51.100.1/24", west.wan(), "wan", "198.51.100.2/24");
            TestNetns hypervisor = bed.namespace("hypervisor");
            bed.link(east.wan(), "dc", "10.9.0.1/24", hypervisor, "dc", "10.9.0.11/24");
            TestNetns plain = east.host("blue", "10.1.1.10");
            TestNetns vm = vm(bed, hypervisor);
            TestNetns blue = west.host("blue", "10.1.2.10");
            TestNetns green = west.host("green", "10.1.2.10");
            east.start().awaitStarted();
            west.start().awaitStarted();
            east.awaitPaired(west, TwoSites.PAIRING);
            for (int round = 0; round <= ROUNDS; round++) {
                for (String direction : List.of("out", "in")) {
                    measure("tun", direction, plain, blue, round);
                    vm.run("ethtool", "-K", "lan", "tx", "on");
                    measure("vxlan, unfinished packets", direction, vm, green, round);
                    vm.run("ethtool", "-K", "lan", "tx", "off");
                    measure("vxlan, packets of 1,450 bytes", direction, vm, green, round);
                }
            }
            for (String direction : List.of("out", "in")) {
                double tun = median("tun " + direction);
                figures.keySet().stream()
                        .filter(what -> what.endsWith(" " + direction))
                        .forEach(what -> System.out.printf(
                                Locale.ROOT,
                                "%-36s %6.2f Gbit/s  %4.0f %% of tun%n",
                                what,
                                median(what),
                                100 * median(what) / tun));
            }
        }
    }

    private static Site site(TestBed bed, String name, String peer, int here, int there, String green) {
        Site site = new Site(bed, name, bed.folder());
        TwoSites.issue(bed.folder(), "pki", name, name + "-1");
        site.tenant("blue");
        site.tenant("green");
        String rest = """
                    members: [10.1.HERE.0/24]
                    remote: [{peer: PEER, prefixes: [10.1.THERE.0/24]}]
                    policy: [{out: any}, {in: any}]
                """;
        site.configure(("""
                site: SITE
                gateway: SITE-1
                identity: {certificate: pki/SITE-1.crt, key: pki/SITE-1.key, trust: [pki/ca.crt]}
                listen: {udp: 198.51.100.HERE:4433}
                peers:
                  - site: PEER
                    gateways: [{name: PEER-1, udp: 198.51.100.THERE:4433}]
                    vnets: [blue, green]
                workers: 1
                vnets:
                  - name: blue
                    vni: 5001
                    attach: {tun: {device: vg-blue, netns: SITE-blue, address: 10.1.HERE.254}}
                """ + rest + green.replace("      - name", "  - name").replace("        ", "    ") + rest)
                .replace("SITE", name)
                .replace("PEER", peer)
                .replace("THERE", Integer.toString(there))
                .replace("HERE", Integer.toString(here)));
        return site;
    }

    private static TestNetns vm(TestBed bed, TestNetns hypervisor) {
        hypervisor.ip("link", "add", "br0", "type", "bridge");
        hypervisor.ip("link", "set", "br0", "up");
        hypervisor.run(
                "ip link add vx0 type vxlan id 5002 dstport 4789 local 10.9.0.11 remote 10.9.0.1 dev dc".split(" "));
        hypervisor.ip("link", "set", "vx0", "master", "br0", "up");
        TestNetns vm = bed.namespace("vm");
        bed.link(hypervisor, "port", vm, "lan");
        hypervisor.ip("link", "set", "port", "master", "br0");
        vm.ip("link", "set", "lan", "mtu", "1450");
        vm.address("lan", "10.1.1.20/24");
        vm.route("default", "via", "10.1.1.254");
        return vm;
    }

    /** The first round is for compiling. */
    private void measure(String what, String direction, TestNetns from, TestNetns to, int round) {
        try (BackgroundProcess server = to.start(List.of("iperf3", "-s", "-1", "-p", "5201", "--forceflush"))) {
            server.awaitOutput("listening", Command.DEADLINE);
            List<String> client = new ArrayList<>(List.of("iperf3", "-c", "10.1.2.10", "-t", "4", "-f", "g"));
            if ("in".equals(direction)) {
                client.add("-R");
            }
            String output = from.run(client.toArray(new String[0]));
            server.awaitEnd(PATIENCE);
            String line = output.lines()
                    .filter(one -> one.endsWith("receiver"))
                    .findFirst()
                    .orElseThrow();
            double gbits = Double.parseDouble(line.replaceFirst(".*Bytes\\s+([0-9.]+) Gbits.*", "$1"));
            System.out.printf(Locale.ROOT, "round %d: %s %s %.2f Gbit/s%n", round, what, direction, gbits);
            if (round > 0) {
                figures.computeIfAbsent(what + " " + direction, unknown -> new ArrayList<>())
                        .add(gbits);
            }
        }
    }

    private double median(String what) {
        return figures.getOrDefault(what, List.of()).stream()
                .sorted()
                .skip(ROUNDS / 2)
                .findFirst()
                .orElseThrow();
    }
}
