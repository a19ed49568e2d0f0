package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTestsTest {
    private static final String FILE = """
            site: east
            gateway: east-1
            identity: {certificate: a, key: b, trust: c}
            listen: {udp: 192.0.2.1:4433}
            peers: [{site: west, gateways: [{name: west-1}], vnets: [blue]}]
            vnets:
              - name: blue
                vni: 5001
                attach: {tun: {device: vg-blue, address: [10.0.0.254, "2001:db8:1::fe"]}}
                members: [10.0.0.0/24, "2001:db8:1::/64"]
                remote: [{peer: west, prefixes: [100.64.2.0/24, "2001:db8:2::/64"]}]
                policy:
                  - {out: tcp, to: 100.64.2.0/25, ports: [443, 8000-8010]}
                  - {in: icmpv6, to: "2001:db8:1::7"}
                  - {in: 132, from: 100.64.2.9, stateless: true}
                policy-tests:
                  - TEST
            """;

    private static final String HOW_TO_NAME =
            "; tests name our members by their own addresses, and remote ones as this site sees them";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{out: tcp, from: 10.0.0.7, to: 100.64.2.5, port: 443, expect: permit}",
                "{out: tcp, from: 10.0.0.7/32, to: 100.64.2.127, port: 8010, expect: permit}",
                "{out: tcp, from: 10.0.0.7, to: 100.64.2.128, port: 443, expect: deny}",
                "{out: tcp, from: 10.0.0.7, to: 100.64.2.5, port: 444, expect: deny}",
                "{out: udp, from: 10.0.0.7, to: 100.64.2.5, port: 443, expect: deny}",
                "{in: tcp, from: 100.64.2.5, to: 10.0.0.7, port: 443, expect: deny}",
                "{in: icmpv6, from: \"2001:db8:2::5\", to: \"2001:db8:1::7\", expect: permit}",
                "{in: icmpv6, from: \"2001:db8:2::5\", to: \"2001:db8:1::8\", expect: deny}",
                "{in: 132, from: 100.64.2.9, to: 10.0.0.1, expect: permit}",
                "{out: 132, from: 10.0.0.1, to: 100.64.2.9, expect: deny}",
            })
    void oneThatHoldsIsCounted(String test) {
        ConfigResult result = ConfigFileFixture.parse(FILE.replace("TEST", test));

        assertEquals(List.of(), result.problems());
        assertEquals(1, result.policyTests());
        assertEquals(1, result.passedPolicyTests());
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault(
                        "{out: tcp, from: 10.0.0.7, to: 100.64.2.5, port: 22, expect: permit}",
                        ": expected permit, but {out: tcp, from: 10.0.0.7, to: 100.64.2.5, port: 22} is denied: no rule"
                                + " permits it; add a rule that does, or write expect: deny"),
                fault(
                        "{out: tcp, from: 10.0.0.7, to: 100.64.2.5, port: 8001, expect: deny}",
                        ": expected deny, but {out: tcp, from: 10.0.0.7, to: 100.64.2.5, port: 8001} is permitted by the"
                                + " rule in line 13; narrow that rule, or write expect: permit"),
                fault(
                        "{in: 132, from: 100.64.2.9, to: 10.0.0.7, expect: deny}",
                        ": expected deny, but {in: 132, from: 100.64.2.9, to: 10.0.0.7} is permitted by the rule in line"
                                + " 15; narrow that rule, or write expect: permit"),
                fault(
                        "{out: tcp, from: 10.0.1.7, to: 100.64.2.5, port: 443, expect: deny}",
                        ".from: 10.0.1.7 is no member of this V-net: whatever the rules say, nothing from it is let out"
                                + HOW_TO_NAME),
                fault(
                        "{in: icmp, from: 100.64.2.5, to: 100.64.1.7, expect: deny}",
                        ".to: 100.64.1.7 is no member of this V-net: whatever the rules say, nothing is let in to it"
                                + HOW_TO_NAME),
                fault(
                        "{out: icmp, from: 10.0.0.7, to: 203.0.113.5, expect: deny}",
                        ".to: 203.0.113.5 is in no remote prefix of this V-net: whatever the rules say, nothing gets to"
                                + " it" + HOW_TO_NAME),
                fault(
                        "{in: icmp, from: 203.0.113.5, to: 10.0.0.7, expect: deny}",
                        ".from: 203.0.113.5 is in no remote prefix of this V-net: whatever the rules say, nothing from it"
                                + " is let in" + HOW_TO_NAME),
                fault(
                        "{out: any, from: 10.0.0.7, to: 100.64.2.5, expect: deny}",
                        ".out: \"any\" is no single protocol; allowed: tcp, udp, icmp, icmpv6, or a protocol's number from"
                                + " 0 to 255"),
                fault(
                        "{out: tcp, from: 10.0.0.7, to: 100.64.2.5, expect: deny}",
                        ".port: is missing; add it: the destination port, with tcp"),
                fault(
                        "{in: 17, from: 100.64.2.5, to: 10.0.0.7, expect: deny}",
                        ".port: is missing; add it: the destination port, with udp"),
                fault(
                        "{in: icmp, from: 100.64.2.5, to: 10.0.0.7, port: 8, expect: deny}",
                        ".port: icmp has no ports; remove it"),
                fault(
                        "{in: tcp, from: 100.64.2.5, to: 10.0.0.7, port: 1-9, expect: deny}",
                        ".port: \"1-9\" is not a whole number; allowed: 1 to 65535"),
                fault(
                        "{out: icmp, from: 10.0.0.7, to: \"2001:db8:2::5\", expect: deny}",
                        ".to: no packet is from 10.0.0.7 to 2001:db8:2::5: they are of two families; write a test for each"
                                + " family"),
                fault(
                        "{out: icmp, from: \"2001:db8:1::7\", to: \"2001:db8:2::5\", expect: deny}",
                        ".out: no packet is icmp with IPv6 addresses; write icmpv6"),
                fault(
                        "{out: icmp, from: 10.0.0.0/24, to: 100.64.2.5, expect: deny}",
                        ".from: \"10.0.0.0/24\" is a network's address; write 10.0.0.0/32: routes come from members and"
                                + " remote"),
                fault("{out: icmp, from: 10.0.0.7, to: 100.64.2.5}", ".expect: is missing; add it: deny or permit"),
                fault(
                        "{out: icmp, from: 10.0.0.7, to: 100.64.2.5, expect: drop}",
                        ".expect: \"drop\" is none of these; allowed: deny or permit"),
                fault("{out: icmp, to: 100.64.2.5, expect: deny}", ".from: is missing; add it: one address, as"),
                fault(
                        "{from: 10.0.0.7, to: 100.64.2.5, expect: deny}",
                        ": has neither out nor in; begin it with out: PROTOCOL or in: PROTOCOL"));
    }

    private static Arguments fault(String test, String said) {
        return Arguments.of(test, said);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void oneThatDoesNotIsOneLineAtItsPlace(String test, String said) {
        ConfigResult result = ConfigFileFixture.parse(FILE.replace("TEST", test));

        assertEquals(1, result.problems().size(), result.problems()::toString);
        String line = result.problems().get(0).toString();
        assertTrue(line.startsWith("gateway.yaml:17:"), line);
        assertTrue(line.contains(": error: vnets[blue].policy-tests[0]" + said), line);
        assertTrue(result.config().isEmpty());
        assertEquals(1, result.policyTests());
        assertEquals(0, result.passedPolicyTests());
    }

    @Test
    void isNotRunByRulesThatAreNotUnderstood() {
        String test = "{out: tcp, from: 10.0.0.7, to: 100.64.2.5, port: 443, expect: permit}";
        List<String> problems =
                ConfigFileFixture.problems(FILE.replace("TEST", test).replace("{out: tcp, to", "{out: tpc, to"));

        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.get(0).contains("\"tpc\" is no protocol"), problems::toString);
    }

    @Test
    void nothingIsRemoteWhereThereIsNoRemote() {
        String test = "{out: tcp, from: 10.0.0.7, to: 100.64.2.5, port: 443, expect: permit}";
        String alone = FILE.replace("TEST", test)
                .replaceAll("(?m)^    remote: .*$", "    remote: []")
                .replace("vnets: [blue]}]", "vnets: []}]");
        List<String> problems = ConfigFileFixture.problems(alone);

        assertTrue(
                problems.stream().anyMatch(line -> line.contains("100.64.2.5 is in no remote prefix")),
                problems::toString);
    }
}
