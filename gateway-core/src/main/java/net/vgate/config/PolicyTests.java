package net.vgate.config;

import java.util.List;
import java.util.Optional;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;

/**
 * Runs the policy tests of a file: flows of which it says whether they may start. A test whose flow would be dropped
 * whatever the rules say is refused, for its answer would mean nothing.
 */
final class PolicyTests {
    private static final String HOW_TO_NAME =
            "tests name our members by their own addresses, and remote ones as this site sees them";

    private final RuleCompiler compiler;
    private final Problems problems;
    private int count;
    private int passed;

    PolicyTests(RuleCompiler compiler, Problems problems) {
        this.compiler = compiler;
        this.problems = problems;
    }

    /** How many tests there are, in all V-nets so far. */
    int count() {
        return count;
    }

    /** How many of them were answered as they expect. */
    int passed() {
        return passed;
    }

    /**
     * Runs the tests of {@code vnet}.
     *
     * @param rules its rules, in the order of the file; empty if one could not be understood
     */
    void check(Fields vnet, PrefixSet members, PrefixSet remotes, Optional<List<PolicyRule>> rules) {
        List<Located<Fields>> tests = vnet.list(ConfigKeys.POLICY_TESTS);
        count += tests.size();
        if (tests.isEmpty()) {
            return;
        }
        Optional<RuleCompiler.Compiled> policy = rules.map(compiler::compile);
        boolean knowsRemotes =
                !remotes.isEmpty() || vnet.list(ConfigKeys.REMOTE).isEmpty();
        for (Located<Fields> located : tests) {
            Fields test = located.value();
            if (!Checks.hasOneDirection(test, located.spot(), ConfigKeys.TEST_OUT, ConfigKeys.TEST_IN, problems)) {
                continue;
            }
            Optional<Flow> flow = Flow.of(test);
            if (flow.isPresent()
                    && isPossible(test, flow.get())
                    && (members.isEmpty() || isMember(test, flow.get(), members))
                    && (!knowsRemotes || isRemote(test, flow.get(), remotes))
                    && policy.isPresent()) {
                run(flow.get(), located.spot(), policy.get(), vnet);
            }
        }
    }

    private void run(Flow flow, Spot spot, RuleCompiler.Compiled policy, Fields vnet) {
        IpAddress member = flow.member().network();
        IpAddress remote = flow.remote().network();
        int rule = policy.permit(
                flow.isOut, flow.protocol, member.hi(), member.lo(), remote.hi(), remote.lo(), flow.port.orElse(0));
        boolean isPermitted = rule >= 0;
        if (isPermitted == flow.isPermitExpected) {
            passed++;
        } else if (isPermitted) {
            int line = vnet.list(ConfigKeys.POLICY).get(rule).spot().line();
            problems.error(
                    spot,
                    "expected deny, but %s is permitted by the rule in line %d".formatted(flow, line),
                    "narrow that rule, or write expect: permit");
        } else {
            problems.error(
                    spot,
                    "expected permit, but %s is denied: no rule permits it".formatted(flow),
                    "add a rule that does, or write expect: deny");
        }
    }

    private boolean isMember(Fields test, Flow flow, PrefixSet members) {
        if (members.enclosing(flow.member()).isPresent()) {
            return true;
        }
        problems.error(
                valueOf(test, flow.isOut ? ConfigKeys.TEST_FROM : ConfigKeys.TEST_TO),
                "%s is no member of this V-net: whatever the rules say, nothing %s"
                        .formatted(flow.member().network(), flow.isOut ? "from it is let out" : "is let in to it"),
                HOW_TO_NAME);
        return false;
    }

    private boolean isRemote(Fields test, Flow flow, PrefixSet remotes) {
        if (remotes.enclosing(flow.remote()).isPresent()) {
            return true;
        }
        problems.error(
                valueOf(test, flow.isOut ? ConfigKeys.TEST_TO : ConfigKeys.TEST_FROM),
                "%s is in no remote prefix of this V-net: whatever the rules say, nothing %s"
                        .formatted(flow.remote().network(), flow.isOut ? "gets to it" : "from it is let in"),
                HOW_TO_NAME);
        return false;
    }

    /** Whether there are such packets at all. */
    private boolean isPossible(Fields test, Flow flow) {
        String protocol = PolicyForms.text(Optional.of(flow.protocol));
        boolean isIpv4 = flow.from.network().isIpv4();
        boolean hasPorts = PolicyForms.hasPorts(flow.protocol);
        if (isIpv4 != flow.to.network().isIpv4()) {
            problems.error(
                    valueOf(test, ConfigKeys.TEST_TO),
                    "no packet is from %s to %s: they are of two families"
                            .formatted(flow.from.network(), flow.to.network()),
                    "write a test for each family");
        } else if (PolicyForms.isIcmpOfOther(flow.protocol, isIpv4)) {
            problems.error(
                    valueOf(test, flow.isOut ? ConfigKeys.TEST_OUT : ConfigKeys.TEST_IN),
                    "no packet is %s with %s addresses".formatted(protocol, isIpv4 ? "IPv4" : "IPv6"),
                    "write " + (isIpv4 ? "icmp" : "icmpv6"));
        } else if (hasPorts && flow.port.isEmpty()) {
            problems.error(
                    test.spotOf(ConfigKeys.TEST_PORT), "is missing", "add it: the destination port, with " + protocol);
        } else if (!hasPorts && flow.port.isPresent()) {
            problems.error(test.spotOf(ConfigKeys.TEST_PORT), protocol + " has no ports", "remove it");
        } else {
            return true;
        }
        return false;
    }

    private static Spot valueOf(Fields test, Key<?> key) {
        return test.find(key).map(Located::spot).orElse(test.spotOf(key));
    }

    /**
     * What a test asks, and what it expects.
     *
     * @param from one address, as {@code to}
     */
    private record Flow(
            boolean isOut, int protocol, Prefix from, Prefix to, Optional<Integer> port, boolean isPermitExpected) {
        /** The flow of {@code test}; empty if something in it is missing or could not be understood. */
        static Optional<Flow> of(Fields test) {
            boolean isOut = test.wrote(ConfigKeys.TEST_OUT);
            Optional<Integer> protocol = test.value(isOut ? ConfigKeys.TEST_OUT : ConfigKeys.TEST_IN);
            Optional<Prefix> from = test.value(ConfigKeys.TEST_FROM);
            Optional<Prefix> to = test.value(ConfigKeys.TEST_TO);
            Optional<Integer> port = test.value(ConfigKeys.TEST_PORT);
            Optional<Boolean> expect = test.value(ConfigKeys.TEST_EXPECT);
            return protocol.isPresent()
                            && from.isPresent()
                            && to.isPresent()
                            && port.isPresent() == test.wrote(ConfigKeys.TEST_PORT)
                            && expect.isPresent()
                    ? Optional.of(new Flow(isOut, protocol.get(), from.get(), to.get(), port, expect.get()))
                    : Optional.empty();
        }

        Prefix member() {
            return isOut ? from : to;
        }

        Prefix remote() {
            return isOut ? to : from;
        }

        /** As the file has it, without what it expects. */
        @Override
        public String toString() {
            return "{%s: %s, from: %s, to: %s%s}"
                    .formatted(
                            isOut ? "out" : "in",
                            PolicyForms.text(Optional.of(protocol)),
                            from.network(),
                            to.network(),
                            port.map(number -> ", port: " + number).orElse(""));
        }
    }
}
