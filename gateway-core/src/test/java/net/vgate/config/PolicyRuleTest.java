package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.PortRange;
import net.vgate.packet.Prefix;
import org.junit.jupiter.api.Test;

class PolicyRuleTest {
    private static final Optional<Prefix> OURS = Prefix.parse("10.0.0.0/25");
    private static final Optional<Prefix> THEIRS = Prefix.parse("100.64.2.0/24");

    /** `vgate status` and `vgate plan` show rules, and whoever reads them looks for them in the file. */
    @Test
    void isShownAsTheFileHasIt() {
        assertEquals(
                "{out: tcp, from: 10.0.0.0/25, to: 100.64.2.0/24, ports: [443, 8000-8010]}",
                new PolicyRule(
                                Direction.OUT,
                                Optional.of(6),
                                OURS,
                                THEIRS,
                                List.of(new PortRange(443, 443), new PortRange(8000, 8010)),
                                false)
                        .toString());
        assertEquals(
                "{in: 132, from: 100.64.2.0/24, to: 10.0.0.0/25, stateless: true}",
                new PolicyRule(Direction.IN, Optional.of(132), OURS, THEIRS, List.of(), true).toString());
        assertEquals(
                "{in: any}",
                new PolicyRule(Direction.IN, Optional.empty(), Optional.empty(), Optional.empty(), List.of(), false)
                        .toString());
    }
}
