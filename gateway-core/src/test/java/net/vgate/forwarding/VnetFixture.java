package net.vgate.forwarding;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.PortRange;
import net.vgate.packet.Prefix;
import org.jspecify.annotations.Nullable;

/** Configurations of V-nets for tests. */
public final class VnetFixture {
    private VnetFixture() {}

    /** A V-net that has policy only. */
    public static GatewayConfig.Vnet withPolicy(int maxFlows, PolicyRule... rules) {
        return new GatewayConfig.Vnet(
                "blue", 1, GatewayConfig.Kind.L3, tun(), List.of(), List.of(), List.of(), List.of(rules), maxFlows);
    }

    /** The device, with the gateway's own addresses. */
    public static GatewayConfig.Tun tun(String... addresses) {
        List<Prefix> own = Arrays.stream(addresses).map(VnetFixture::prefix).toList();
        return new GatewayConfig.Tun("vg-blue", Optional.empty(), own, false, Optional.empty());
    }

    /** A rule; null is any, no port is all. */
    public static PolicyRule rule(
            Direction direction,
            @Nullable Integer protocol,
            @Nullable String members,
            @Nullable String remote,
            int... ports) {
        return new PolicyRule(
                direction,
                Optional.ofNullable(protocol),
                Optional.ofNullable(members).map(VnetFixture::prefix),
                Optional.ofNullable(remote).map(VnetFixture::prefix),
                Arrays.stream(ports).mapToObj(port -> new PortRange(port, port)).toList(),
                false);
    }

    public static Prefix prefix(String text) {
        return Prefix.parse(text).orElseThrow();
    }
}
