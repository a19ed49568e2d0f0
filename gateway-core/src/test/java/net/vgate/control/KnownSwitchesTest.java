package net.vgate.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import net.vgate.config.ConfigReader;
import net.vgate.config.GatewayConfig;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.observe.SampleReports;
import net.vgate.observe.SwitchesReport.Port;
import net.vgate.observe.SwitchesReport.Switch;
import net.vgate.observe.SwitchesReport.Vnet;
import org.junit.jupiter.api.Test;

class KnownSwitchesTest {
    private static final String TEXT = """
            site: east
            gateway: east-1
            identity: {certificate: /a, key: /b, trust: [/c]}
            listen: {udp: ["192.0.2.1:4433", "[2001:db8::1]:4433"]}
            peers:
              - site: west
                gateways: [{name: west-1, udp: "gw.west.example.net:4433"}]
                vnets: [blue, red]
              - {site: north, gateways: [{name: north-1}], vnets: [red]}
            vtep-ports:
              - {name: rack, interface: dc, locator: 10.9.0.1}
              - {name: hall, interface: dc2, locator: 10.8.0.1, encapsulation: geneve}
            vnets:
              - name: blue
                vni: 5001
                attach: {vtep: {port: rack, vni: 7001, locators: [10.9.0.11, 10.9.0.12], address: 10.0.0.254/24}}
                members: [10.0.0.0/24]
              - name: red
                vni: 5002
                attach: {vtep: {port: rack, locators: [10.9.0.11], address: 10.0.0.254/24}}
                members: [10.0.0.0/24]
              - name: green
                vni: 5003
                attach: {vtep: {port: hall, locators: [10.9.0.11], address: 10.0.0.254/24}}
                members: [10.0.0.0/24]
            """;

    private static final Vnet BLUE = new Vnet("blue", 5001);
    private static final Vnet RED = new Vnet("red", 5002);
    private static final Port RACK = new Port("rack", "vxlan", "dc", "10.9.0.1:4789");
    private static final Port HALL = new Port("hall", "geneve", "dc2", "10.8.0.1:6081");

    @Test
    void namesGatewaysAndVmSwitchesWithTheVnetsThatTheyMaySpeakFor() {
        assertEquals(
                List.of(
                        new Switch(
                                "east/east-1",
                                "gateway",
                                List.of("192.0.2.1:4433", "[2001:db8::1]:4433"),
                                "self",
                                null,
                                List.of(BLUE, RED, new Vnet("green", 5003))),
                        new Switch(
                                "west/west-1",
                                "gateway",
                                List.of("gw.west.example.net:4433"),
                                "established",
                                null,
                                List.of(BLUE, RED)),
                        // It has to call us; where it is, its tunnel tells.
                        new Switch(
                                "north/north-1",
                                "gateway",
                                List.of("[2001:db8::7]:4433"),
                                "handshaking",
                                null,
                                List.of(RED)),
                        // By another VNI at the port, and the same locator for two V-nets is one switch,
                        new Switch(
                                "rack/10.9.0.11",
                                "vtep",
                                List.of("10.9.0.11"),
                                null,
                                RACK,
                                List.of(new Vnet("blue", 7001), RED)),
                        new Switch(
                                "rack/10.9.0.12",
                                "vtep",
                                List.of("10.9.0.12"),
                                null,
                                RACK,
                                List.of(new Vnet("blue", 7001))),
                        // but not at another port.
                        new Switch(
                                "hall/10.9.0.11",
                                "vtep",
                                List.of("10.9.0.11"),
                                null,
                                HALL,
                                List.of(new Vnet("green", 5003)))),
                KnownSwitches.of(read(), SampleReports.busy().tunnels()));
    }

    private static GatewayConfig read() {
        return ConfigReader.parse(Path.of("east.yaml"), TEXT.getBytes(StandardCharsets.UTF_8), CompiledPolicy::compile)
                .config()
                .orElseThrow();
    }
}
