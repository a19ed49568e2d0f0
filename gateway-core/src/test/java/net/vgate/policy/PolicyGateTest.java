package net.vgate.policy;

import static net.vgate.forwarding.VnetFixture.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Duration;
import java.util.Arrays;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.forwarding.Allocation;
import net.vgate.forwarding.VnetFixture;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PolicyGateTest {
    private static final String MEMBER = "10.0.0.1";
    private static final String REMOTE = "100.64.2.9";
    private static final String MEMBER6 = "2001:db8:1::1";
    private static final String REMOTE6 = "2001:db8:2::9";

    private static final PolicyRule WEB_OUT = rule(Direction.OUT, InnerHeader.TCP, null, null, 443);
    private static final PolicyRule DNS_IN = rule(Direction.IN, InnerHeader.UDP, null, null, 53);
    private static final PolicyRule PING_OUT = rule(Direction.OUT, InnerHeader.ICMP, null, null);

    private final PacketBatch batch = new PacketBatch(8, 2_000);
    private final PolicyGate gate = new PolicyGate(0);
    private VnetTable vnet = vnet();
    private long now = -Duration.ofDays(1).toNanos();

    @Test
    void nothingCrossesWithoutRules() {
        assertEquals(DropReason.POLICY, out(Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.SYN)));
        assertEquals(DropReason.POLICY, in(Packets.udp(REMOTE, 5000, MEMBER, 53)));
        assertEquals(DropReason.POLICY, out(Packets.icmp(MEMBER, REMOTE, 8, 0, 1)));
        assertEquals(DropReason.POLICY, in(Packets.ip(REMOTE, MEMBER, 47, new byte[8])));
        assertEquals(0, vnet.flows().flows());
    }

    @Test
    void answersPassAndStrangersDoNot() {
        vnet = vnet(WEB_OUT);
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN | Packets.ACK)));
        assertNull(out(Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.SYN)));
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN | Packets.ACK)));
        assertNull(out(Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.ACK)));
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 444, MEMBER, 5000, Packets.ACK)));
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5001, Packets.SYN | Packets.ACK)));
        assertEquals(DropReason.POLICY, in(Packets.tcp("100.64.2.10", 443, MEMBER, 5000, Packets.SYN | Packets.ACK)));
        assertEquals(DropReason.POLICY, out(Packets.tcp(MEMBER, 5000, REMOTE, 444, Packets.SYN)));
        assertEquals(1, vnet.flows().flows());
        assertEquals(1, hits(0));
    }

    @Test
    void anEstablishedConnectionMaySleepForTwoHours() {
        vnet = vnet(WEB_OUT);
        connect(5000);
        now += Duration.ofMinutes(124).toNanos();
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)));
        assertEquals(0, vnet.flows().pickedUpFlows());
        now += Duration.ofMinutes(125).toNanos();
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)));
        assertEquals(1, vnet.flows().pickedUpFlows(), "of the flow nothing was known any more");
    }

    @Test
    void aHalfOpenOrClosingConnectionIsKeptForFourMinutes() {
        vnet = vnet(WEB_OUT);
        assertNull(out(Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.SYN)));
        connect(5001);
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5001, Packets.FIN | Packets.ACK)));
        now += Duration.ofMinutes(4).toNanos();
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5001, Packets.ACK)));
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN | Packets.ACK)));
        now += Duration.ofMinutes(5).toNanos();
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5001, Packets.RST)));
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN | Packets.ACK)));
    }

    @Test
    void theOtherSideMayNotConnectBackOnTheSamePorts() {
        vnet = vnet(WEB_OUT);
        connect(5000);
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN)));
        assertNull(out(Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.RST)));
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN)));
        assertNull(out(Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.SYN)), "ports are used again");
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN)), "the SYNs cross");
        assertNull(out(Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.SYN | Packets.ACK)));
        now += Duration.ofHours(2).toNanos();
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)), "established");
    }

    @Test
    void aConnectionIsTakenUpInTheMiddleByItsStarter() {
        vnet = vnet(WEB_OUT);
        assertNull(out(Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.ACK)));
        assertEquals(1, vnet.flows().pickedUpFlows());
        now += Duration.ofMinutes(4).toNanos();
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)));
        now += Duration.ofHours(2).toNanos();
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)));
        assertNull(out(Packets.tcp(MEMBER, 5001, REMOTE, 443, Packets.RST)), "a reset passes, but starts nothing");
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5001, Packets.RST)));
        assertEquals(DropReason.POLICY, out(Packets.tcp(MEMBER, 5001, REMOTE, 443, 0)), "neither SYN nor ACK");
        assertEquals(1, vnet.flows().flows());
    }

    /** A gateway takes over while a server sends and its client only waits. */
    @Test
    void aConnectionIsTakenUpInTheMiddleByItsAnswerer() {
        vnet = vnet(WEB_OUT);
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5000, 0)), "no ACK");
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN)));
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN | Packets.ACK)));
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.RST | Packets.ACK)));
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 444, MEMBER, 5000, Packets.ACK)), "no rule");
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)));
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)));
        assertEquals(1, vnet.flows().pickedUpFlows());
        assertEquals(1, hits(0));
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN)), "it only answers");
        now += Duration.ofMinutes(5).toNanos();
        byte[] sent = Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.ACK);
        DropReason silent = in(Packets.icmp(REMOTE, MEMBER, 3, 4, 0, sent));
        assertEquals(DropReason.UNRELATED_ICMP_ERROR, silent, "one side alone is not kept for long");
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)));
        assertNull(out(Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.ACK)));
        now += Duration.ofHours(2).toNanos();
        assertNull(in(Packets.icmp(REMOTE, MEMBER, 3, 4, 0, sent)), "both sides were seen");
        vnet = vnetAfter(vnet, DNS_IN);
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)), "the rule is gone");
    }

    /** The two directions go by different gateways, so this one sees but one of them. */
    @Test
    void aStatelessRuleKnowsAnswersWithoutAFlow() {
        vnet = vnet(stateless(WEB_OUT), stateless(DNS_IN), stateless(PING_OUT));
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN | Packets.ACK)));
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.RST)));
        assertNull(out(Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.SYN)));
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN)));
        assertEquals(DropReason.POLICY, in(Packets.tcp(REMOTE, 444, MEMBER, 5000, Packets.ACK)));
        assertNull(out(Packets.udp(MEMBER, 53, REMOTE, 5000)));
        assertNull(in(Packets.udp(REMOTE, 5000, MEMBER, 53)));
        assertEquals(DropReason.POLICY, out(Packets.udp(MEMBER, 54, REMOTE, 5000)));
        assertNull(in(Packets.icmp(REMOTE, MEMBER, 0, 0, 7)));
        assertNull(out(Packets.icmp(MEMBER, REMOTE, 8, 0, 7)));
        assertEquals(DropReason.POLICY, in(Packets.icmp(REMOTE, MEMBER, 8, 0, 7)));
        assertEquals(DropReason.POLICY, out(Packets.icmp(MEMBER, REMOTE, 0, 0, 7)));
        byte[] sent = Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.ACK);
        assertNull(in(Packets.icmp("100.64.2.254", MEMBER, 3, 4, 0, sent)));
        byte[] other = Packets.tcp(MEMBER, 5000, REMOTE, 444, Packets.ACK);
        assertEquals(DropReason.UNRELATED_ICMP_ERROR, in(Packets.icmp(REMOTE, MEMBER, 3, 4, 0, other)));
        assertEquals(
                DropReason.POLICY, in(Packets.icmp(REMOTE, MEMBER, 13, 0, 0, new byte[12])), "it asks for the time");
        assertEquals(0, vnet.flows().flows());
        assertEquals(3, hits(0));
        assertEquals(2, hits(1));
    }

    @Test
    void anAnswerByAStatelessRuleStartsNoFlowWhereAnotherRulePermitsItsDirection() {
        vnet = vnet(stateless(DNS_IN), rule(Direction.OUT, null, null, null));
        assertNull(out(Packets.udp(MEMBER, 53, REMOTE, 5000)));
        assertEquals(0, vnet.flows().flows());
        assertEquals(1, hits(0));
        assertNull(out(Packets.udp(MEMBER, 54, REMOTE, 5000)));
        assertEquals(1, vnet.flows().flows());
    }

    private static PolicyRule stateless(PolicyRule rule) {
        return new PolicyRule(rule.direction(), rule.protocol(), rule.members(), rule.remote(), rule.ports(), true);
    }

    @Test
    void aReloadStopsOnlyWhatIsNoLongerPermitted() {
        vnet = vnet(WEB_OUT, DNS_IN);
        connect(5000);
        assertNull(in(Packets.udp(REMOTE, 5000, MEMBER, 53)));
        vnet = vnetAfter(vnet, WEB_OUT);
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)));
        assertEquals(DropReason.POLICY, out(Packets.udp(MEMBER, 53, REMOTE, 5000)));
        vnet.flows().reclaim(now);
        assertEquals(1, vnet.flows().flows());
        vnet = vnetAfter(vnet, DNS_IN, WEB_OUT);
        assertEquals(DropReason.POLICY, out(Packets.udp(MEMBER, 53, REMOTE, 5000)), "it has ended");
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)));
        VnetTable same = vnetAfter(vnet, DNS_IN, WEB_OUT);
        assertEquals(vnet.policy(), same.policy());
    }

    @Test
    void aPingIsAnsweredAndNotTurnedRound() {
        vnet = vnet(PING_OUT);
        assertEquals(DropReason.POLICY, in(Packets.icmp(REMOTE, MEMBER, 0, 0, 7)));
        assertNull(out(Packets.icmp(MEMBER, REMOTE, 8, 0, 7)));
        assertNull(in(Packets.icmp(REMOTE, MEMBER, 0, 0, 7)));
        assertEquals(DropReason.POLICY, in(Packets.icmp(REMOTE, MEMBER, 8, 0, 7)));
        assertEquals(DropReason.POLICY, in(Packets.icmp(REMOTE, MEMBER, 0, 0, 8)));
        assertEquals(DropReason.POLICY, out(Packets.icmp(MEMBER, REMOTE, 0, 0, 9)), "a reply starts nothing");
        now += Duration.ofSeconds(60).toNanos();
        assertNull(in(Packets.icmp(REMOTE, MEMBER, 0, 0, 7)));
        now += Duration.ofSeconds(62).toNanos();
        assertEquals(DropReason.POLICY, in(Packets.icmp(REMOTE, MEMBER, 0, 0, 7)));
        assertNull(out(Packets.icmp(MEMBER6, REMOTE6, 128, 0, 7)), "a rule on ICMP speaks of both families");
        assertNull(in(Packets.icmp(REMOTE6, MEMBER6, 129, 0, 7)));
    }

    @Test
    void messagesOfALinkNeverCross() {
        vnet = vnet(rule(Direction.OUT, null, null, null));
        for (int type : new int[] {133, 134, 135, 136, 137, 130, 143}) {
            assertEquals(DropReason.SCOPE, out(Packets.icmp(MEMBER6, REMOTE6, type, 0, 0)), "type " + type);
        }
        for (int type : new int[] {5, 9, 10}) {
            assertEquals(DropReason.SCOPE, out(Packets.icmp(MEMBER, REMOTE, type, 0, 0, new byte[28])));
        }
        assertNull(out(Packets.icmp(MEMBER, REMOTE, 13, 0, 0, new byte[12])), "a timestamp is a flow of its own");
        assertNull(in(Packets.icmp(REMOTE, MEMBER, 14, 0, 0, new byte[12])));
    }

    @Test
    void anIcmpErrorPassesOnlyForALiveFlow() {
        vnet = vnet(WEB_OUT, PING_OUT);
        byte[] sent = Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.SYN);
        assertEquals(DropReason.UNRELATED_ICMP_ERROR, in(Packets.icmp(REMOTE, MEMBER, 3, 4, 0, sent)));
        assertNull(out(sent));
        assertNull(in(Packets.icmp(REMOTE, MEMBER, 3, 4, 0, sent)));
        assertNull(in(Packets.icmp("100.64.2.254", MEMBER, 11, 0, 0, head(sent, 28))), "a router may say it");
        assertEquals(DropReason.UNRELATED_ICMP_ERROR, in(Packets.icmp(REMOTE, "10.0.0.2", 3, 4, 0, sent)));
        assertEquals(DropReason.UNRELATED_ICMP_ERROR, in(Packets.icmp(REMOTE, MEMBER, 3, 4, 0, head(sent, 27))));
        assertEquals(DropReason.UNRELATED_ICMP_ERROR, out(Packets.icmp(MEMBER, REMOTE, 3, 3, 0, sent)), "turned round");
        byte[] answer = Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.SYN | Packets.ACK);
        assertNull(out(Packets.icmp(MEMBER, REMOTE, 3, 3, 0, answer)));
        byte[] error = Packets.icmp(MEMBER, REMOTE, 3, 3, 0, answer);
        assertEquals(DropReason.UNRELATED_ICMP_ERROR, in(Packets.icmp(REMOTE, MEMBER, 11, 0, 0, error)));
        byte[] ping = Packets.icmp(MEMBER, REMOTE, 8, 0, 7);
        assertEquals(DropReason.UNRELATED_ICMP_ERROR, in(Packets.icmp(REMOTE, MEMBER, 3, 1, 0, ping)));
        assertNull(out(ping));
        assertNull(in(Packets.icmp(REMOTE, MEMBER, 3, 1, 0, ping)));
        now += Duration.ofMinutes(4).toNanos();
        assertNull(in(Packets.icmp(REMOTE, MEMBER, 3, 4, 0, sent)));
        now += Duration.ofSeconds(30).toNanos();
        assertEquals(
                DropReason.UNRELATED_ICMP_ERROR,
                in(Packets.icmp(REMOTE, MEMBER, 3, 4, 0, sent)),
                "errors do not keep a flow alive");
    }

    @Test
    void laterFragmentsFollowTheFirst() {
        vnet = vnet(DNS_IN);
        assertEquals(DropReason.FRAGMENT_WITHOUT_FIRST, in(Packets.udpFragment(REMOTE, MEMBER, 1, 1000, 8, false)));
        assertNull(in(Packets.udpFragment(REMOTE, MEMBER, 1, 0, 1000, true)));
        assertEquals(DropReason.FRAGMENT_WITHOUT_FIRST, out(Packets.udpFragment(REMOTE, MEMBER, 1, 1000, 8, false)));
        assertEquals(DropReason.FRAGMENT_WITHOUT_FIRST, in(Packets.udpFragment(REMOTE, MEMBER, 2, 1000, 8, false)));
        assertNull(in(Packets.udpFragment(REMOTE, MEMBER, 1, 1000, 8, false)));
        assertEquals(DropReason.POLICY, out(Packets.udpFragment(MEMBER, REMOTE, 3, 0, 1000, true)), "no rule");
        assertEquals(DropReason.FRAGMENT_WITHOUT_FIRST, out(Packets.udpFragment(MEMBER, REMOTE, 3, 1000, 8, false)));
    }

    @Test
    void aFullTableRefusesNewFlows() {
        vnet = vnet(8, rule(Direction.OUT, InnerHeader.TCP, null, null, 443));
        for (int port = 1; port <= 8; port++) {
            connect(port);
        }
        now += Duration.ofMinutes(1).toNanos();
        assertEquals(DropReason.FLOW_TABLE_FULL, out(Packets.tcp(MEMBER, 9, REMOTE, 443, Packets.SYN)));
        assertNull(out(Packets.tcp(MEMBER, 3, REMOTE, 443, Packets.FIN | Packets.ACK)));
        now += Duration.ofMinutes(5).toNanos();
        assertNull(out(Packets.tcp(MEMBER, 9, REMOTE, 443, Packets.SYN)), "the place of the expired one");
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 4, Packets.ACK)));
    }

    @Test
    void aVerdictAllocatesNothing() {
        vnet = vnet(WEB_OUT, DNS_IN, PING_OUT);
        connect(5000);
        byte[] sent = Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.ACK);
        int segment = parsed(sent);
        int error = parsed(Packets.icmp(MEMBER, REMOTE, 3, 4, 0, Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)));
        int denied = parsed(Packets.udp(MEMBER, 5, REMOTE, 53));
        int ping = parsed(Packets.icmp(MEMBER, REMOTE, 8, 0, 7));
        Allocation.assertNone(() -> {
            now += 1_000_000_000;
            assertNull(gate.permitOutbound(vnet, batch, segment, now));
            assertNull(gate.permitOutbound(vnet, batch, error, now));
            assertNull(gate.permitOutbound(vnet, batch, ping, now));
            assertEquals(DropReason.POLICY, gate.permitOutbound(vnet, batch, denied, now));
        });
    }

    @Test
    void aFlowThatGoesOnByAChangedRuleIsAHitOfIt() {
        vnet = vnet(WEB_OUT);
        connect(5000);
        assertEquals(1, hits(0));
        vnet = vnetAfter(vnet, rule(Direction.OUT, InnerHeader.TCP, null, null), WEB_OUT);
        assertEquals(0, hits(0));
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, 5000, Packets.ACK)));
        assertNull(out(Packets.tcp(MEMBER, 5000, REMOTE, 443, Packets.ACK)));
        assertEquals(1, hits(0));
        assertEquals(1, hits(1), "from before");
    }

    @Test
    void aResetOfNoFlowIsAHit() {
        vnet = vnet(WEB_OUT);
        assertNull(out(Packets.tcp(MEMBER, 5001, REMOTE, 443, Packets.RST)));
        assertEquals(1, hits(0));
    }

    @Test
    void whatIsDeniedCountsAsThePacketsThatItStandsFor() {
        vnet = vnet(stateless(DNS_IN));
        batch.clear();
        int denied = parsed(Packets.udp(MEMBER, 5, REMOTE, 53));
        batch.setParts(denied, 40);
        assertEquals(DropReason.POLICY, gate.permitOutbound(vnet, batch, denied, now));
        int stateless = parsed(Packets.udp(REMOTE, 5, MEMBER, 53));
        batch.setParts(stateless, 30);
        assertNull(gate.permitInbound(vnet, batch, stateless, now));
        assertEquals(40, vnet.policyCounters().denied(true).count());
        assertEquals(0, vnet.policyCounters().denied(false).count());
        assertEquals(30, hits(0));
        assertEquals(DropReason.UNRELATED_ICMP_ERROR, out(Packets.icmp(MEMBER, REMOTE, 3, 4, 0)));
        assertEquals(40, vnet.policyCounters().denied(true).count(), "no rule denies it");
        assertEquals(30, hits(0), "nor permits it");
    }

    private long hits(int rule) {
        return vnet.policyCounters().permitted(rule).count();
    }

    private void connect(int port) {
        assertNull(out(Packets.tcp(MEMBER, port, REMOTE, 443, Packets.SYN)));
        assertNull(in(Packets.tcp(REMOTE, 443, MEMBER, port, Packets.SYN | Packets.ACK)));
        assertNull(out(Packets.tcp(MEMBER, port, REMOTE, 443, Packets.ACK)));
    }

    private @Nullable DropReason out(byte[] packet) {
        batch.clear();
        return gate.permitOutbound(vnet, batch, parsed(packet), now);
    }

    private @Nullable DropReason in(byte[] packet) {
        batch.clear();
        return gate.permitInbound(vnet, batch, parsed(packet), now);
    }

    private int parsed(byte[] packet) {
        int slot = batch.addCopy(packet);
        assertNull(batch.inner().parse(slot));
        return slot;
    }

    private static byte[] head(byte[] packet, int bytes) {
        return Arrays.copyOf(packet, bytes);
    }

    private static VnetTable vnet(PolicyRule... rules) {
        return vnet(1000, rules);
    }

    private static VnetTable vnet(int maxFlows, PolicyRule... rules) {
        return VnetTable.builder(0, VnetFixture.withPolicy(maxFlows, rules)).build();
    }

    private static VnetTable vnetAfter(VnetTable previous, PolicyRule... rules) {
        return VnetTable.builder(0, VnetFixture.withPolicy(1000, rules))
                .previous(previous)
                .build();
    }
}
