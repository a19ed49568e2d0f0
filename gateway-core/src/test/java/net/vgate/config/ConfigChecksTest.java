package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** For each check a file that is right but for one thing, and what is said of it: that, and nothing else. */
class ConfigChecksTest {
    private static final String RIGHT = """
            site: east
            gateway: east-1
            identity: {certificate: a, key: b, trust: c}
            listen: {udp: 192.0.2.1:4433, tcp: 192.0.2.1:443}
            peers:
              - site: west
                gateways: [{name: west-1, udp: 198.51.100.2:4433}]
                vnets: [blue, red]
              - site: north
                gateways: [{name: north-1}]
                vnets: [blue]
            vnets:
              - name: blue
                vni: 5001
                attach: {tun: {device: vg-blue, netns: gateway, shared-netns: true, address: 10.0.0.254}}
                members: [10.0.0.0/24, 10.0.1.0/24]
                translate:
                  - {peer: west, local: 10.0.0.0/24, as: 100.64.1.0/24}
                  - {peer: west, local: 10.0.1.0/24, as: 10.0.1.0/24}
                remote:
                  - {peer: west, prefixes: [100.64.2.0/24]}
                  - {peer: north, prefixes: [100.64.3.0/24]}
                policy:
                  - {out: icmp, to: 100.64.2.0/24}
                  - {in: tcp, from: 100.64.2.0/24, to: 10.0.0.7, ports: [80, 443]}
              - name: red
                vni: 5002
                attach: {tun: {device: vg-red, netns: gateway, shared-netns: true, address: 10.1.0.254}}
                members: [10.1.0.0/24]
                remote: [{peer: west, prefixes: [100.64.4.0/24]}]
                policy: []
            observe: {http: 127.0.0.1:9464}
            """;

    static Stream<Arguments> faults() {
        return Stream.of(
                // Sites and gateways.
                fault("site: north\n", "site: east\n", "error: peers[east].site: east is this gateway's own site"),
                fault("site: north\n", "site: west\n", "error: peers[west].site: site west is there already"),
                fault(
                        "name: north-1",
                        "name: north-1, udp: 198.51.100.2:4433",
                        "udp: address 198.51.100.2:4433 is there"),
                fault("name: north-1", "name: north-1, udp: 192.0.2.1:4433", "udp: this gateway listens there itself"),
                fault("{name: north-1}", "{name: north-1}, {name: north-1}", "gateway north-1 is there already"),
                fault("vnets: [blue]", "vnets: [blue, blue]", "vnets[1]: V-net blue is there already"),
                fault("vnets: [blue]", "vnets: [blue, gren]", "vnets[1]: there is no V-net gren; there are: blue, red"),
                fault("vnets: [blue]", "vnets: [blue, rde]", "vnets[1]: there is no V-net rde; did you mean red?"),
                fault(
                        "vnets: [blue]",
                        "vnets: [blue, red]",
                        "warning: peers[north].vnets[1]: V-net red has no members"),
                fault("vnets: [blue]", "vnets: []", "remote[1].peer: north may not carry V-net blue; add blue to"),
                fault("peer: north", "peer: south", "remote[1].peer: there is no peer south"),
                fault("peer: north", "peer: west", "remote[1].peer: peer west is there already"),
                fault(
                        "peer: west, local: 10.0.1.0/24",
                        "peer: wets, local: 10.0.1.0/24",
                        "no peer wets; did you mean west?"),
                fault("- {peer: north, prefixes: [100.64.3.0/24]}", "", "warning: peers[north].vnets[0]: V-net blue"),
                fault(
                        "peer: west, local: 10.0.1.0/24",
                        "peer: north, local: 10.0.1.0/24",
                        "warning: vnets[blue].translate[0]: members in 10.0.1.0/24 cannot reach west"),
                // Attachments.
                fault(
                        "attach: {tun: {device: vg-red, netns: gateway, shared-netns: true, address: 10.1.0.254}}",
                        "attach: {}",
                        "error: vnets[red].attach: has neither tun, tap nor vtep; a V-net is attached by one of tun, tap"),
                fault(
                        "shared-netns: true, address: 10.1.0.254}",
                        "shared-netns: true, address: 10.1.0.254}, tap: {device: vg-tap, address: 10.1.0.253/24}",
                        "attach: has tun and tap; a V-net"),
                tapFault("10.1.0.254/25", "members[0]: 10.1.0.0/24 is not on the link, which has 10.1.0.128/25; widen"),
                tapFault("\"fd00::fe/64\"", "members[0]: 10.1.0.0/24 is not on the link, which has fd00::/64"),
                tapFault("10.1.0.254", "\"10.1.0.254\" has no prefix length; write 1 to 32 after a slash"),
                tapFault("10.1.0.254/33", "\"10.1.0.254/33\" has no prefix length"),
                tapFault("10.1.0.255/24", "\"10.1.0.255/24\" is no host's address in 10.1.0.0/24; choose another"),
                tapFault("10.1.0.0/24", "\"10.1.0.0/24\" is no host's address in 10.1.0.0/24"),
                tapFault("224.0.0.1/4", "\"224.0.0.1/4\" is multicast (224.0.0.0/4)"),
                tapFault("[10.1.0.254/24, 10.1.0.253/24]", "address[1]: a second address of one family"),
                tapFault("10.1.0.254/24, mac: \"03:00:5e:00:01:01\"", "is no single station's address; let its first"),
                tapFault("10.1.0.254/24, mac: \"02:00:5e:00:01\"", "is no Ethernet address"),
                tapFault("10.1.0.254/24, mtu: 1501", "attach.tap.mtu: 1501 is more than the 1500 bytes"),
                tapFault("10.1.0.254/24, device: vg-blue", "device: is there twice"),
                tapFault(
                        "10.1.0.254/8}}\n    members: [10.1.0.0/24]\n    remote: [{peer: west, prefixes: [10.7.0.0/24]}]\n"
                                + "    policy: []\n  - name: grey\n    vni: 5003\n    attach: {tun: {device: vg-grey, address: 10.1.0.254",
                        "warning: vnets[red].remote[0].prefixes[0]: 10.7.0.0/24 is at another site, but on the link"),
                fault(
                        "attach: {tun: {device: vg-red, netns: gateway, shared-netns: true, address: 10.1.0.254}}",
                        "attach: {tap: {device: vg-blue, address: 10.1.0.254/24}}",
                        "vnets[red].attach.tap.device: device vg-blue is there already, in line 15"),
                // V-nets.
                fault("vni: 5002", "vni: 5001", "vnets[red].vni: VNI 5001 is there already, in line 14"),
                fault("vni: 5002", "vni: 0", "vnets[red].vni: \"0\" is too small; allowed: 1 to 16777215"),
                fault("name: red", "name: blue", "vnets[blue].name: name blue is there already"),
                fault("vni: 5002", "vni: 5002\n    kind: l2", "kind l2 is not available in this version"),
                fault(
                        "    policy: []\n",
                        "",
                        "warning: vnets[red].policy: is missing, so nothing passes between sites"),
                fault(
                        "10.1.0.254}}",
                        "10.1.0.254, mtu: 1501}}",
                        "mtu: 1501 is more than the 1500 bytes of tunnel.path-mtu"),
                fault(
                        "members: [10.1.0.0/24]",
                        "members: [10.1.0.0/24, 2001:db8::/64]",
                        "warning: vnets[red].members[1]: there are IPv6 members"),
                fault("10.1.0.254}}", "[10.1.0.254, 10.1.0.253]}}", "address[1]: a second address of one family"),
                // Addresses of one V-net: members, remote, aliases, the gateway's own.
                fault(
                        "members: [10.1.0.0/24]",
                        "members: [10.1.0.0/24, 10.1.0.0/24]",
                        "members[1]: 10.1.0.0/24 is there twice"),
                fault(
                        "members: [10.1.0.0/24]",
                        "members: [10.1.0.0/24, 10.1.0.8/29]",
                        "warning: vnets[red].members[1]: 10.1.0.8/29 is inside 10.1.0.0/24"),
                fault(
                        "members: [10.1.0.0/24]",
                        "members: [10.1.0.0/24, 10.1.0.254]",
                        "members[1]: 10.1.0.254/32 is inside"),
                fault(
                        "[100.64.4.0/24]",
                        "[100.64.4.0/24, 10.1.0.128/25]",
                        "prefixes[1]: 10.1.0.128/25 overlaps our members' 10.1.0.0/24"),
                fault(
                        "[100.64.4.0/24]",
                        "[100.64.4.0/24, 10.0.0.0/8]",
                        "prefixes[1]: 10.0.0.0/8 overlaps our members' 10.1.0.0/24"),
                fault(
                        "10.1.0.254}}",
                        "100.64.4.9}}",
                        "prefixes[0]: 100.64.4.0/24 overlaps the gateway's own 100.64.4.9"),
                fault(
                        "10.0.0.254}}",
                        "100.64.1.9}}",
                        "translate[0].as: 100.64.1.0/24 overlaps the gateway's own 100.64.1.9"),
                fault("[100.64.3.0/24]", "[100.64.2.0/24]", "prefixes[0]: 100.64.2.0/24 is also 100.64.2.0/24 at west"),
                fault(
                        "[100.64.3.0/24]",
                        "[100.64.2.128/25]",
                        "warning: vnets[blue].remote[1].prefixes[0]: 100.64.2.128/25 is inside 100.64.2.0/24 at west"),
                fault("[100.64.3.0/24]", "[100.64.3.0/24, 100.64.3.0/24]", "prefixes[1]: 100.64.3.0/24 is there twice"),
                fault(
                        "[100.64.3.0/24]",
                        "[100.64.3.0/24, 100.64.3.7]",
                        "warning: vnets[blue].remote[1].prefixes[1]: 100.64.3.7/32 is inside"),
                fault(
                        "[100.64.3.0/24]",
                        "[100.64.1.0/24]",
                        "prefixes[0]: 100.64.1.0/24 is also 100.64.1.0/24, by which west sees our members"),
                fault(
                        "as: 100.64.1.0/24",
                        "as: 100.64.2.0/24",
                        "100.64.2.0/24 is also 100.64.2.0/24, by which west sees"),
                fault("as: 100.64.1.0/24", "as: 10.0.1.0/24", "10.0.1.0/24 is also"),
                fault(
                        "local: 10.0.1.0/24, as: 10.0.1.0/24",
                        "local: 10.0.1.0/24, as: 100.64.1.0/24",
                        "translate[1].as: 100.64.1.0/24 is also 100.64.1.0/24, by which west"),
                // Translation.
                fault("as: 100.64.1.0/24", "as: 100.64.0.0/23", "translate[0].as: /23 and local's /24 differ"),
                fault(
                        "local: 10.0.0.0/24",
                        "local: 10.9.0.0/24",
                        "local: 10.9.0.0/24 is not inside any one prefix of members"),
                fault(
                        "local: 10.0.0.0/24, as: 100.64.1.0/24",
                        "local: 2001:db8::/64, as: 2001:db8:1::/64",
                        "IPv6 is never translated"),
                fault(
                        "      - {peer: west, local: 10.0.1.0/24, as: 10.0.1.0/24}\n",
                        "",
                        "warning: vnets[blue].translate[0]: members in 10.0.1.0/24 cannot reach west"),
                // Policy.
                fault(
                        "to: 100.64.2.0/24}",
                        "to: 203.0.113.1}",
                        "policy[0].to: the rule never matches: 203.0.113.1/32 is outside all remote"),
                fault(
                        "to: 10.0.0.7",
                        "to: 10.1.0.7",
                        "policy[1].to: the rule never matches: 10.1.0.7/32 is outside all members"),
                fault(
                        "out: icmp,",
                        "out: icmpv6,",
                        "policy[0].out: the rule never matches: icmpv6 with IPv4 addresses; write icmp"),
                fault("out: icmp,", "out: icmp, in: icmp,", "policy[0]: has both out and in"),
                fault("out: icmp,", "", "policy[0]: has neither out nor in"),
                fault("out: icmp,", "out: icmp, stateless: yes,", "policy[0].stateless: "),
                // Targets.
                fault(
                        "prefixes: [100.64.4.0/24]}",
                        "prefixes: [100.64.4.0/24], targets: 100.64.5.1}",
                        "100.64.5.1/32 is outside the prefixes of this remote"),
                fault(
                        "prefixes: [100.64.4.0/24]}",
                        "prefixes: [100.64.4.0/24, 2001:db8::/64], targets: 2001:db8::1}",
                        "the gateway has no IPv6 address in this V-net to ask from"),
                fault("in: tcp", "in: icmp", "policy[1].ports: icmp has no ports"),
                fault("in: tcp", "in: any", "policy[1].ports: any has no ports"),
                fault("in: tcp", "in: 256", "policy[1].in: \"256\" is no protocol"),
                fault(
                        "[80, 443]",
                        "[80-443, 100]",
                        "warning: vnets[blue].policy[1].ports[1]: ports that are there already"),
                fault("[80, 443]", "[443-80]", "ports[0]: \"443-80\" ends before it begins; write 80-443"),
                fault(
                        "- {out: icmp, to: 100.64.2.0/24}",
                        "- {out: icmp, to: 100.64.2.0/24}\n      - {out: icmp, to: 100.64.2.0/24}",
                        "warning: vnets[blue].policy[1]: the rule in line 24 says the same"),
                fault(
                        "- {out: icmp, to: 100.64.2.0/24}",
                        "- {out: icmp, to: 100.64.2.0/24}\n      - {out: icmp, to: 100.64.2.7}",
                        "warning: vnets[blue].policy[1]: never reached: the rule in line 24 permits all of it"),
                fault(
                        "- {out: icmp, to: 100.64.2.0/24}",
                        "- {out: any}\n      - {out: tcp, from: 10.0.0.0/25, ports: 22}",
                        "warning: vnets[blue].policy[1]: never reached: the rule in line 24 permits all of it"),
                fault(
                        "ports: [80, 443]}",
                        "ports: [80-90, 443]}\n      - {in: tcp, from: 100.64.2.3, to: 10.0.0.7, ports: [81-90, 443]}",
                        "warning: vnets[blue].policy[2]: never reached: the rule in line 25 permits all of it"),
                fault(
                        "ports: [80, 443]}",
                        "ports: [80-90]}\n      - {in: tcp, to: 10.0.0.7, ports: [91-99]}\n"
                                + "      - {in: tcp, from: 100.64.2.0/25, to: 10.0.0.7, ports: [85-95]}",
                        "warning: vnets[blue].policy[3]: never reached: the rules in lines 25 and 26 permit all of it"),
                fault(
                        "- {out: icmp, to: 100.64.2.0/24}",
                        "- {out: tcp, to: 100.64.0.0/16}\n      - {out: tcp, from: 10.0.0.0/8, to: 100.64.2.0/23}",
                        "warning: vnets[blue].policy[1]: never reached: the rule in line 24 permits all of it"),
                fault(
                        "10.1.0.254}}\n    members: [10.1.0.0/24]\n    remote: [{peer: west, prefixes: [100.64.4.0/24]}]\n"
                                + "    policy: []",
                        "10.1.0.254}}\n    members: [10.1.0.0/24]\n"
                                + "    remote: [{peer: west, prefixes: [2001:db8:4::/64]}]\n    policy: [{out: tcp}]",
                        "warning: vnets[red].policy[0]: the rule never matches: no member and remote prefix that it is"),
                // Namespaces, and the network below.
                fault(
                        "vg-red, netns: gateway, shared-netns: true",
                        "vg-red, netns: gateway",
                        "vnets[red].attach.tun.netns: V-net blue is attached in the same namespace"),
                fault("device: vg-red", "device: vg-blue", "device: device vg-blue is there already"),
                fault(
                        "[100.64.4.0/24]",
                        "[100.64.3.128/25]",
                        "prefixes[0]: 100.64.3.128/25 overlaps 100.64.3.0/24 of V-net blue in the same namespace"),
                fault(
                        "[100.64.4.0/24]",
                        "[198.51.100.0/24]",
                        "198.51.100.0/24 contains 198.51.100.2, where the tunnel to west goes"),
                fault(
                        "[100.64.4.0/24]",
                        "[192.0.2.0/25]",
                        "192.0.2.0/25 contains 192.0.2.1, where this gateway listens"),
                fault(
                        "observe:",
                        "proxy: {http: 100.64.4.9:3128}\nobserve:",
                        "100.64.4.0/24 contains 100.64.4.9, where the proxy is"),
                fault(
                        "west-1, udp: 198.51.100.2:4433",
                        "west-1, udp: \"[2001:db8::2]:4433\"",
                        "error: peers[west].gateways[west-1].udp: it can never be reached from listen.udp, which is IPv4"),
                fault(
                        "{udp: 192.0.2.1:4433,",
                        "{udp: \"[2001:db8::1]:4433\",",
                        "error: peers[west].gateways[west-1].udp: it can never be reached from listen.udp, which is IPv6"),
                fault(
                        "west-1, udp: 198.51.100.2:4433",
                        "west-1, udp: [gw.example.net:4433, GW.example.net:4433]",
                        "udp[1]: address gw.example.net:4433 is there already"),
                fault(
                        "west-1, udp: 198.51.100.2:4433",
                        "west-1, udp: gw.example.net",
                        "\"gw.example.net\" has no port; write gw.example.net:4433"),
                fault(
                        "west-1, udp: 198.51.100.2:4433",
                        "west-1, udp: 198.51.100.277:4433",
                        "\"198.51.100.277:4433\" is not an address and a port"),
                fault(
                        "{udp: 192.0.2.1:4433,",
                        "{udp: [192.0.2.1:4433, 192.0.2.1:443, 192.0.2.1:4433],",
                        "listen.udp[2]: address 192.0.2.1:4433 is there already"),
                fault(
                        "{udp: 192.0.2.1:4433,",
                        "{udp: [192.0.2.1:443, \"0.0.0.0:443\"],",
                        "listen.udp[0]: 0.0.0.0:443 is there as well, and is every address; remove one of them"),
                fault(
                        "{udp: 192.0.2.1:4433,",
                        "{udp: [" + nineSockets() + "],",
                        "listen.udp: 9 addresses to listen on; list up to 8"),
                fault("{udp: 192.0.2.1:4433,", "{udp: [],", "listen.udp: is an empty list; write at least 1"),
                fault(
                        "{udp: 192.0.2.1:4433,",
                        "{udp: [192.0.2.1:4433, 198.51.100.2:4433],",
                        "peers[west].gateways[west-1].udp: this gateway listens there itself"),
                // Settings.
                fault("127.0.0.1:9464", "192.0.2.1:443", "observe.http: listen.tcp listens there"),
                fault(
                        "observe:",
                        "control: {socket: /" + "x".repeat(107) + "}\nobserve:",
                        "control.socket: 108 bytes are too long"),
                fault("device: vg-red", "device: all", "device: \"all\" is taken by the system"));
    }

    /** What permits something more, or is there before the wider one and so counts its flows. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{out: icmp, to: 100.64.3.0/24}",
                "{in: icmp, from: 100.64.2.0/24}",
                "{out: udp, to: 100.64.2.0/24}",
                "{out: icmp}",
                "{in: tcp, from: 100.64.2.0/24, to: 10.0.0.7, ports: 444}",
                "{in: tcp, from: 100.64.2.0/24, to: 10.0.0.7, ports: [443-444]}",
                "{in: tcp, from: 100.64.2.0/24, to: 10.0.0.7}",
                "{in: tcp, from: 100.64.2.0/24, ports: 80}"
            })
    void aRuleThatIsReachedIsNoFault(String rule) {
        String text = RIGHT.replace("ports: [80, 443]}\n", "ports: [80, 443]}\n      - " + rule + "\n");

        assertEquals(List.of(), ConfigFileFixture.problems(text));
    }

    private static String nineSockets() {
        return IntStream.rangeClosed(1, 9).mapToObj(port -> "192.0.2.1:" + port).collect(Collectors.joining(", "));
    }

    /** Of a TAP in place of red's TUN, with one thing wrong in what is written from its address on. */
    private static Arguments tapFault(String address, String said) {
        return fault(
                "attach: {tun: {device: vg-red, netns: gateway, shared-netns: true, address: 10.1.0.254}}",
                "attach: {tap: {device: vg-red, netns: red, address: " + address + "}}",
                said);
    }

    private static Arguments fault(String right, String wrong, String said) {
        return Arguments.of(right, wrong, said);
    }

    @Test
    void nothingIsSaidOfWhatIsRight() {
        assertEquals(List.of(), ConfigFileFixture.problems(RIGHT));
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @MethodSource("faults")
    void isFound(String right, String wrong, String said) {
        assertTrue(RIGHT.contains(right), "nothing is planted");

        List<String> problems = ConfigFileFixture.problems(RIGHT.replace(right, wrong));

        assertTrue(
                problems.stream().anyMatch(problem -> problem.contains(said)), () -> said + " is not in " + problems);
        assertTrue(problems.size() <= 4, () -> "one fault, and much said of it: " + problems);
    }

    /** Red is attached by a VTEP port. */
    private static final String WITH_VTEP = RIGHT.replace(
                    "{tun: {device: vg-red, netns: gateway, shared-netns: true, address: 10.1.0.254}}",
                    "{vtep: {port: rack, locators: [10.9.0.11], address: 10.1.0.254/24}}")
            + "vtep-ports:\n  - {name: rack, interface: eth1, locator: 10.9.0.1}\n";

    static Stream<Arguments> faultsOfVteps() {
        return Stream.of(
                fault("10.1.0.254/24", "10.1.0.254/25", "members[0]: 10.1.0.0/24 is not on the link"),
                fault("10.1.0.254/24", "10.1.0.254/24, mtu: 1501", "attach.vtep.mtu: 1501 is more than"),
                fault("{port: rack", "{port: rakc", "attach.vtep.port: there is no VTEP port rakc; did you mean rack?"),
                fault("{port: rack", "{port: rakc", "warning: vtep-ports[rack].name: no V-net is attached there"),
                fault("[10.9.0.11]", "[10.9.0.1]", "locators[0]: 10.9.0.1 is the port's own locator; list those"),
                fault("[10.9.0.11]", "[10.9.0.11, 10.9.0.11]", "locators[1]: locator 10.9.0.11 is there already"),
                fault("[10.9.0.11]", "[\"fd09::1\"]", "locators[0]: fd09::1 is not of the family of the port's own"),
                fault("[10.9.0.11]", "[224.0.0.1]", "\"224.0.0.1\" is multicast"),
                fault("[10.9.0.11]", "[]", "attach.vtep.locators"),
                fault(
                        "- {peer: west, prefixes: [100.64.2.0/24]}",
                        "- {peer: west, prefixes: [100.64.2.0/24, 10.9.0.8/29]}",
                        "remote[0].prefixes[1]: 10.9.0.8/29 contains 10.9.0.11, where one of a VTEP's switches is"),
                fault(
                        "- {peer: west, prefixes: [100.64.2.0/24]}",
                        "- {peer: west, prefixes: [100.64.2.0/24, 10.9.0.0/29]}",
                        "10.9.0.0/29 contains 10.9.0.1, where a VTEP port listens"),
                fault("locator: 10.9.0.1", "locator: 0.0.0.0", "locator: \"0.0.0.0\" is this network"),
                fault(
                        "locator: 10.9.0.1",
                        "locator: 192.0.2.1, udp-port: 4433",
                        "locator: 192.0.2.1:4433 is where listen.udp listens; choose another udp-port"),
                fault(
                        "- {name: rack, interface: eth1",
                        "- {name: rack2, interface: eth2, locator: 10.9.0.1}\n  - {name: rack, interface: eth1",
                        "a VTEP port at 10.9.0.1:4789 is there already"),
                fault(
                        "- {name: rack, interface: eth1",
                        "- {name: rack, interface: eth2, locator: 10.9.0.2}\n  - {name: rack, interface: eth1",
                        "port rack is there already"),
                fault(
                        "{tun: {device: vg-blue, netns: gateway, shared-netns: true, address: 10.0.0.254}}",
                        "{vtep: {port: rack, vni: 5002, locators: [10.9.0.11], address: 10.0.0.254/23}}",
                        "at port rack VNI 5002 is there already"),
                fault(
                        "vni: 5002",
                        "vni: 5002\n    class: gold",
                        "vnets[red].attach.vtep: class gold demands protected legs, and a VTEP port's are in clear"));
    }

    @Test
    void nothingIsSaidOfAVtepThatIsRight() {
        assertEquals(List.of(), ConfigFileFixture.problems(WITH_VTEP));
        String inBoth = WITH_VTEP.replace(
                "{tun: {device: vg-blue, netns: gateway, shared-netns: true, address: 10.0.0.254}}",
                "{vtep: {port: rack, locators: [10.9.0.11, 10.9.0.12], address: 10.0.0.254/23}}");
        assertEquals(List.of(), ConfigFileFixture.problems(inBoth));
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @MethodSource("faultsOfVteps")
    void isFoundOfVteps(String right, String wrong, String said) {
        assertTrue(WITH_VTEP.contains(right), "nothing is planted");
        String text = WITH_VTEP.replace(right, wrong)
                + (wrong.contains("class: gold") ? "classes:\n  - {name: gold, protected-legs: true}\n" : "");

        List<String> problems = ConfigFileFixture.problems(text);

        assertTrue(
                problems.stream().anyMatch(problem -> problem.contains(said)), () -> said + " is not in " + problems);
        assertTrue(problems.size() <= 4, () -> "one fault, and much said of it: " + problems);
    }

    @Test
    void theSameAliasForTwoPeersIsNoCollision() {
        String rules = "      - {peer: north, local: 10.0.%s.0/24, as: 100.64.%s.0/24}%n";
        String text = RIGHT.replaceFirst("    remote:", rules.formatted(0, 1) + rules.formatted(1, 9) + "    remote:");

        assertEquals(List.of(), ConfigFileFixture.problems(text));
    }

    @Test
    void aVnetThatFragmentsMayHaveAMtuOfItsOwn() {
        String text = RIGHT.replace("vni: 5002", "vni: 5002\n    fragment: true")
                .replace("10.1.0.254}}", "10.1.0.254, mtu: 9000}}");

        assertEquals(List.of(), ConfigFileFixture.problems(text));
    }

    @Test
    void ipv6AsAWholeIsSeenThroughIpv4() {
        // In the order of 128 bits, IPv4's addresses lie between ::/0 and those that it contains.
        String text = RIGHT.replace("[100.64.4.0/24]", "[\"::/0\", 100.64.4.0/24, 2001:db8::/32]")
                .replace("{udp: 192.0.2.1:4433", "{udp: \"[::]:4433\"")
                .replace("udp: 198.51.100.2:4433", "udp: \"[2001:db8::2]:4433\"");
        List<String> problems = ConfigFileFixture.problems(text);

        assertTrue(
                problems.stream()
                        .anyMatch(
                                p -> p.contains("warning: vnets[red].remote[0].prefixes[2]: 2001:db8::/32 is inside")),
                problems::toString);
        assertTrue(
                problems.stream().anyMatch(p -> p.contains("prefixes[0]: ::/0 contains 2001:db8::2")),
                problems::toString);
    }

    @Test
    void aTapSharesANamespaceWithTapsOnly() {
        String blueTun = "attach: {tun: {device: vg-blue, netns: gateway, shared-netns: true, address: 10.0.0.254}}";
        String redTun = "attach: {tun: {device: vg-red, netns: gateway, shared-netns: true, address: 10.1.0.254}}";
        assertTrue(RIGHT.contains(blueTun) && RIGHT.contains(redTun), "nothing is planted");
        String text = RIGHT.replace(redTun, "attach: {tap: {device: vg-red, netns: NETNS, address: 10.1.0.254/24}}");
        String apart = text.replace("NETNS", "blue");
        String beside = "vnets[red].attach.tap.netns: V-net blue has a TUN in the same namespace, whose kernel routes;"
                + " give each a namespace of its own";

        for (String together : List.of(
                text.replace("NETNS", "gateway"),
                text.replace("netns: NETNS, ", ""),
                apart.replace("netns: gateway, shared-netns: true", "netns: blue"),
                apart.replace("netns: gateway, shared-netns: true, ", ""))) {
            List<String> problems = ConfigFileFixture.problems(together);
            assertTrue(problems.size() == 1 && problems.get(0).endsWith(beside), problems::toString);
        }
        assertEquals(List.of(), ConfigFileFixture.problems(apart));
        assertEquals(
                List.of(),
                ConfigFileFixture.problems(text.replace("NETNS", "gateway")
                        .replace(blueTun, "attach: {tap: {device: vg-blue, address: 10.0.0.254/23}}")));
    }

    @Test
    void aNamespaceOfItsOwnIsTheDefault() {
        assertEquals(List.of(), ConfigFileFixture.problems(RIGHT.replace("netns: gateway, shared-netns: true, ", "")));
    }
}
