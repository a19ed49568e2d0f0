package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import net.vgate.record.AeadAlgorithm;
import net.vgate.tunnel.TunnelClass;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of classes that no tunnel could meet, or nobody has. */
class ClassChecksTest {
    private static final String RIGHT = """
            site: east
            gateway: east-1
            identity: {certificate: a, key: b, trust: c}
            listen: {udp: 192.0.2.1:4433}
            peers:
              - site: west
                gateways: [{name: west-1, udp: 198.51.100.2:4433, tcp: 198.51.100.2:443}]
                vnets: [blue, red]
            classes:
              - {name: gold, ciphers: [aes-256-gcm, chacha20-poly1305], least-rung: udp}
              - {name: silver, ciphers: aes-256-gcm}
            vnets:
              - name: blue
                vni: 5001
                class: gold
                attach: {tun: {device: vg-blue, address: 10.0.0.254}}
                members: [10.0.0.0/24]
                remote: [{peer: west, prefixes: [100.64.2.0/24]}]
                policy: [{out: any}]
              - name: red
                vni: 5002
                class: silver
                attach: {tun: {device: vg-red, address: 10.0.0.254}}
                members: [10.0.0.0/24]
                remote: [{peer: west, prefixes: [100.64.2.0/24]}]
                policy: [{out: any}]
            """;

    @Test
    void aVnetHasTheClassThatItNames() {
        GatewayConfig config = ConfigFileFixture.config(RIGHT);
        assertEquals(List.of(), ConfigFileFixture.problems(RIGHT));
        assertEquals(
                new TunnelClass("gold", Set.of(AeadAlgorithm.AES_256_GCM, AeadAlgorithm.CHACHA20_POLY1305), true),
                config.vnets().get(0).tunnelClass());
        assertEquals(
                new TunnelClass("silver", Set.of(AeadAlgorithm.AES_256_GCM), false),
                config.vnets().get(1).tunnelClass());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            class: gold | class: glod | error: vnets[blue].class: there is no class glod; did you mean gold?
            name: gold, | name: silver, | error: classes[silver].name: class silver is there already, in line 10
            name: gold, | name: default, | error: classes[default].name: is the class of V-nets that name none
            class: silver | max-flows: 5 | warning: classes[silver].name: no V-net is of this class
            ciphers: aes-256-gcm | ciphers: aes-512-gcm | classes[silver].ciphers: "aes-512-gcm" is none of these
            ciphers: aes-256-gcm | ciphers: aes-128-gcm | error: peers[west].vnets[1]: V-net red is of class silver, which accepts no cipher that
            ciphers: aes-256-gcm | ciphers: [aes-256-gcm, aes-256-gcm] | classes[silver].ciphers[1]: cipher AES_256_GCM is there already
            least-rung: udp | least-rung: quic | least-rung: "quic" is none of these
            udp: 198.51.100.2:4433, | | warning: peers[west].vnets[0]: V-net blue travels over UDP only, and this peer is called by TCP
            """)
    void isFound(String right, String wrong, String said) {
        assertTrue(RIGHT.contains(right), "nothing is planted");
        List<String> problems = ConfigFileFixture.problems(RIGHT.replace(right, wrong == null ? "" : wrong));
        assertTrue(
                problems.stream().anyMatch(problem -> problem.contains(said)), () -> said + " is not in " + problems);
        assertTrue(problems.size() <= 3, problems::toString);
    }

    @Test
    void whatTheGatewayDoesNotOfferMeetsNoClass() {
        List<String> problems = ConfigFileFixture.problems(RIGHT + "crypto: {ciphers: [aes-128-gcm]}\n");
        assertEquals(2, problems.size(), problems::toString);
        assertTrue(
                problems.get(0).contains("classes[gold].ciphers: none of these is among crypto.ciphers"),
                problems::toString);
    }

    @Test
    void whatOneClassMayHaveIsShared() {
        List<String> problems =
                ConfigFileFixture.problems(RIGHT + "crypto: {ciphers: [chacha20-poly1305, aes-256-gcm]}\n");
        assertEquals(List.of(), problems);
    }
}
