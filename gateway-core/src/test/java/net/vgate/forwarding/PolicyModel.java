package net.vgate.forwarding;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.PortRange;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;

/** Policy as its words have it, and rules and flows that meet at each other's edges. */
public final class PolicyModel {
    private static final int[] PROTOCOLS = {InnerHeader.ICMP, InnerHeader.TCP, InnerHeader.UDP, 47, InnerHeader.ICMPV6};

    private PolicyModel() {}

    /** The first of {@code rules} that permits a flow, found by reading them one by one. */
    public static int interpret(
            List<PolicyRule> rules, boolean outbound, int protocol, IpAddress member, IpAddress remote, int port) {
        for (int i = 0; i < rules.size(); i++) {
            PolicyRule rule = rules.get(i);
            boolean hasPorts = protocol == InnerHeader.TCP || protocol == InnerHeader.UDP;
            int asked = protocol == InnerHeader.ICMPV6 ? InnerHeader.ICMP : protocol;
            if ((rule.direction() == Direction.OUT) == outbound
                    && (rule.protocol().isEmpty() || rule.protocol().get() == asked)
                    && (rule.members().isEmpty() || rule.members().get().contains(member))
                    && (rule.remote().isEmpty() || rule.remote().get().contains(remote))
                    && (rule.ports().isEmpty()
                            || (hasPorts
                                    && rule.ports().stream()
                                            .anyMatch(range -> range.first() <= port && port <= range.last())))) {
                return i;
            }
        }
        return CompiledPolicy.NONE;
    }

    public static int someProtocol(SplittableRandom random) {
        return PROTOCOLS[random.nextInt(PROTOCOLS.length)];
    }

    public static PolicyRule someRule(SplittableRandom random) {
        Optional<Integer> protocol =
                random.nextInt(4) == 0 ? Optional.empty() : Optional.of(PROTOCOLS[random.nextInt(4)]);
        List<PortRange> ports = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            int first = somePort(random);
            ports.add(new PortRange(first, Math.min(0xffff, first + (random.nextBoolean() ? 0 : somePort(random)))));
        }
        return new PolicyRule(
                random.nextBoolean() ? Direction.OUT : Direction.IN,
                protocol,
                somePrefix(random),
                somePrefix(random),
                ports,
                false);
    }

    public static int somePort(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(3);
            case 1 -> 0xffff - random.nextInt(3);
            default -> 440 + random.nextInt(8);
        };
    }

    private static Optional<Prefix> somePrefix(SplittableRandom random) {
        if (random.nextInt(4) == 0) {
            return Optional.empty();
        }
        IpAddress address = someAddress(random, random.nextInt(4) != 0);
        int[] lengths = {0, 8, 24, 29, 30, 31, 32};
        int length = lengths[random.nextInt(lengths.length)] + address.bits() - 32;
        return Optional.of(Prefix.around(address, length));
    }

    public static IpAddress someAddress(SplittableRandom random, boolean isIpv4) {
        int near = random.nextInt(8);
        int far = random.nextInt(3) << 24;
        return isIpv4 ? IpAddress.ofIpv4(0x0a00_0000 + far + near) : new IpAddress(0x2001_0db8_0000_0000L, far + near);
    }
}
