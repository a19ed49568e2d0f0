package net.vgate.forwarding;

import java.util.List;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.RuleCompiler;
import net.vgate.packet.InnerHeader;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one V-net in the form that answers quickly: which rule, if any, permits a flow. Immutable.
 *
 * <p>A look-up finds the longest prefix of rules that each of the two addresses is in, and asks a hash table for the
 * ports of each pair of these and the prefixes around them, for the protocol and for any. So its cost grows with how
 * deep the rules' prefixes are nested in one another, which is seldom more than two, and not with how many rules there
 * are. It is asked once a flow, and allocates nothing.
 *
 * <p>ICMP and ICMPv6 are one protocol here: a rule speaks of the family of its prefixes.
 */
public final class CompiledPolicy implements RuleCompiler.Compiled {
    /** What a look-up gives when no rule permits the flow. */
    public static final int NONE = -1;

    /** No rules: permits nothing. */
    public static final CompiledPolicy EMPTY = compile(List.of());

    /** In a key of {@link #ports}: rules for all protocols. */
    static final int ANY_PROTOCOL = 256;

    private final int generation;
    private final List<PolicyRule> rules;
    private final NestedPrefixes members;
    private final NestedPrefixes remotes;
    private final PortRules ports;

    private CompiledPolicy(int generation, PolicyCompiler compiler) {
        this.generation = generation;
        this.rules = compiler.rules();
        this.members = compiler.members();
        this.remotes = compiler.remotes();
        this.ports = compiler.ports();
    }

    /** The compiled form of {@code rules}, which follows no other. */
    public static CompiledPolicy compile(List<PolicyRule> rules) {
        return compile(rules, null);
    }

    /**
     * The compiled form of {@code rules}; if they are those of {@code previous}, that. Else its generation follows the
     * one of {@code previous}, which makes the V-net's flows be looked at again.
     */
    public static CompiledPolicy compile(List<PolicyRule> rules, @Nullable CompiledPolicy previous) {
        if (previous != null && previous.rules.equals(rules)) {
            return previous;
        }
        int generation = previous == null ? 0 : previous.generation + 1 & 0xffff;
        return new CompiledPolicy(generation, new PolicyCompiler(rules));
    }

    /**
     * The first rule that permits a flow, or {@link #NONE}.
     *
     * @param outbound whether the member's side starts it
     * @param port destination port, 0 for protocols without
     */
    @Override
    public int permit(
            boolean outbound, int protocol, long memberHi, long memberLo, long remoteHi, long remoteLo, int port) {
        int asked = ruleProtocol(protocol);
        int first = Integer.MAX_VALUE;
        int member = members.innermost(memberHi, memberLo);
        int innermostRemote = remotes.innermost(remoteHi, remoteLo);
        while (member != NestedPrefixes.NONE) {
            int remote = innermostRemote;
            while (remote != NestedPrefixes.NONE) {
                first = Math.min(first, ports.first(outbound, asked, member, remote, port));
                first = Math.min(first, ports.first(outbound, ANY_PROTOCOL, member, remote, port));
                remote = remotes.around(remote);
            }
            member = members.around(member);
        }
        return first == Integer.MAX_VALUE ? NONE : first;
    }

    static int ruleProtocol(int protocol) {
        return protocol == InnerHeader.ICMPV6 ? InnerHeader.ICMP : protocol;
    }

    /** Whether the rule at {@code rule} needs no flow to know an answer. */
    public boolean isStateless(int rule) {
        return rules.get(rule).stateless();
    }

    /** The rules, in the order of the configuration. */
    public List<PolicyRule> rules() {
        return rules;
    }

    /** 16 bits, one more than that of the policy before, modulo 2^16. */
    public int generation() {
        return generation;
    }

    /** Whether the policy came after the one of {@code otherGeneration}, in serial number arithmetic (RFC 1982). */
    public boolean isNewerThan(int otherGeneration) {
        return (short) (generation - otherGeneration) > 0;
    }
}
