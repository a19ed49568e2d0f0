package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import net.vgate.config.GatewayConfig.RelayGrant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of relays that are none, or stand between nobody. */
class RelayChecksTest {
    private static final String RIGHT = """
            site: hub
            gateway: hub-1
            identity: {certificate: a, key: b, trust: c}
            listen: {udp: 192.0.2.1:4433}
            peers:
              - {site: east, gateways: [{name: east-1}], vnets: []}
              - {site: west, relays: [east], gateways: [{name: west-1}], vnets: []}
              - {site: north, gateways: [{name: north-1}], vnets: []}
            relay:
              - {between: [east, west]}
              - {between: [west, north]}
            """;

    @Test
    void grantsAndRelaysArrive() {
        GatewayConfig config = ConfigFileFixture.config(RIGHT);
        assertEquals(List.of(), ConfigFileFixture.problems(RIGHT));
        assertEquals(List.of(new RelayGrant("east", "west"), new RelayGrant("west", "north")), config.relay());
        assertEquals(List.of("east"), config.peers().get(1).relays());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            relays: [east] | relays: [eats] | error: peers[west].relays[0]: there is no peer eats; did you mean east?
            relays: [east] | relays: [west] | error: peers[west].relays[0]: west is no relay on the way to itself; name a third site
            relays: [east] | relays: [east, east] | error: peers[west].relays[1]: relay east is there already, in line 7; each is there once
            [west, north] | [west, south] | error: relay[1].between[1]: there is no peer south; there are: east, north, west
            [west, north] | [west, west] | error: relay[1].between[1]: site west is there already, in line 11; each is there once
            [west, north] | [west, north, east] | error: relay[1].between: names 3 sites, and a relay stands between two; write one item of relay for each pair
            [west, north] | [west, east] | error: relay[1]: the pair is there already, in line 10; each is there once
            [west, north] | [west] | error: relay[1].between: names 1 sites, and a relay stands between two; write one item of relay for each pair
            """)
    void whatIsWrongIsSaid(String right, String wrong, String problem) {
        List<String> problems = ConfigFileFixture.problems(RIGHT.replace(right, wrong)).stream()
                .map(line -> line.replaceFirst("^gateway.yaml:\\d+:\\d+: ", ""))
                .toList();
        assertEquals(List.of(problem), problems);
    }
}
