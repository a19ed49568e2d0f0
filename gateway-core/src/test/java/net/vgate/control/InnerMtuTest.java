package net.vgate.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import net.vgate.config.ConfigReader;
import net.vgate.config.GatewayConfig;
import net.vgate.forwarding.CompiledPolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InnerMtuTest {
    private static final String TEXT = """
            site: east
            gateway: east-1
            identity: {certificate: /a, key: /b, trust: /c}
            listen: {udp: 192.0.2.1:4433}
            tunnel: {path-mtu: PATH}
            vnets:
              - name: blue
                vni: 1
                attach: {tun: {device: vg0, address: 10.0.0.1MTU}}
                members: [10.0.0.0/8]
                policy: []
                fragment: FRAGMENT
            """;

    @ParameterizedTest(name = "path {0}, {1}, fragments: {2}")
    @CsvSource({
        "1500, '', false, 1414",
        "1500, '', true, 1500",
        "1280, '', true, 1500",
        "9000, '', true, 8914",
        "1500, ', mtu: 1400', true, 1400",
        "1500, ', mtu: 9000', true, 9000"
    })
    void isEthernetsAtLeastWherePacketsGoInFragments(int path, String mtu, boolean fragments, int expected) {
        String text = TEXT.replace("PATH", Integer.toString(path))
                .replace("MTU", mtu)
                .replace("FRAGMENT", Boolean.toString(fragments));
        GatewayConfig config = ConfigReader.parse(
                        Path.of("gateway.yaml"), text.getBytes(StandardCharsets.UTF_8), CompiledPolicy::compile)
                .config()
                .orElseThrow();
        assertEquals(expected, new InnerMtu(config).of(config.vnets().get(0)));
    }
}
