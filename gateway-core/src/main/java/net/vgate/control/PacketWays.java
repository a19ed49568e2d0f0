package net.vgate.control;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.Translation;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.config.PrefixSet;
import net.vgate.control.PermittingRules.Hosts;
import net.vgate.dataplane.Stage;
import net.vgate.forwarding.AddressScope;
import net.vgate.forwarding.RateLimit;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.forwarding.VnetTable;
import net.vgate.observe.AddressReport.Way;
import net.vgate.observe.AddressReport.Written;
import net.vgate.observe.Quantity;
import net.vgate.observe.StatusReport;
import net.vgate.packet.DropReason;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import net.vgate.record.Association;
import net.vgate.translate.PrefixTranslation;
import org.jspecify.annotations.Nullable;

/**
 * What each stage of the data path makes of packets to and from an address, in the order in which they meet the stages
 * ({@link net.vgate.dataplane}), by the very tables that packets meet. Of rules it says what they can permit: which
 * flows there are is not looked at. ICMP errors of routers, which go on with the gateway's address, are left out.
 */
final class PacketWays {
    private static final int SHOWN_PREFIXES = 3;

    private final VnetFacts facts;
    private final Vnet vnet;
    private final VnetTable table;
    private final ConfiguredPrefixes configured;

    PacketWays(VnetFacts facts, ConfiguredPrefixes configured) {
        this.facts = facts;
        this.vnet = facts.vnet();
        this.table = facts.table();
        this.configured = configured;
    }

    /** From a member here to members of a peer's site. */
    Way outFrom(IpAddress from, Peer peer) {
        WayTrace trace = new WayTrace();
        classify(trace, from);
        if (isOwnOnLink(from)) {
            trace.drop(Stage.ROUTE, DropReason.SPOOFED_SOURCE, "it is the gateway's own, which members may not use");
        }
        List<Written> theirs = configured.someRemotes(peer.site(), from.isIpv4(), SHOWN_PREFIXES);
        if (theirs.isEmpty()) {
            trace.drop(
                    Stage.ROUTE,
                    DropReason.NO_ROUTE,
                    "no remote prefix of %s is %s".formatted(peer.site(), family(from)));
        }
        trace.pass(Stage.ROUTE, "to members of " + peer.site(), theirs);
        permit(trace, Direction.OUT, Hosts.of(from), remotes(peer, from.isIpv4()));
        fit(trace, peer);
        translateOne(trace, from, peer);
        shapeAndSeal(trace, peer);
        return trace.way("out", peer.site(), from.toString(), "members of " + peer.site());
    }

    /** From members here to an address, wherever that leads. */
    Way outTo(IpAddress to) {
        WayTrace trace = new WayTrace();
        Hosts members = Hosts.of(to.isIpv4(), configured.members(to.isIpv4()));
        if (!crosses(to)) {
            trace.drop(Stage.CLASSIFY, DropReason.SCOPE, scope(to));
        } else if (members.isEmpty()) {
            trace.drop(Stage.CLASSIFY, DropReason.SPOOFED_SOURCE, "the V-net has no %s members".formatted(family(to)));
        }
        trace.pass(Stage.CLASSIFY, "members of " + vnet.name() + " may send");
        if (isOwnOnLink(to)) {
            trace.some(
                    Stage.ROUTE,
                    DropReason.NOT_HERE,
                    "the gateway's own: it answers pings, and takes nothing else",
                    List.of());
            return trace.end().way("local", null, "members here", to.toString());
        }
        if (table.isOwnMember(to.hi(), to.lo())) {
            trace.pass(
                    Stage.ROUTE, "a member here", configured.member(to).stream().toList());
            deliver(trace, to);
            return trace.way("local", null, "members here", to.toString());
        }
        Peer peer = peerOf(table.remoteSite(to.hi(), to.lo()));
        if (peer == null) {
            trace.drop(Stage.ROUTE, DropReason.NO_ROUTE, "no member here and no remote prefix has it");
            return trace.way("out", null, "members here", to.toString());
        }
        trace.pass(
                Stage.ROUTE,
                "a member of " + peer.site(),
                configured.remote(peer.site(), to).stream().toList());
        permit(trace, Direction.OUT, members, Hosts.of(to));
        fit(trace, peer);
        translateAll(trace, members, peer);
        shapeAndSeal(trace, peer);
        return trace.way("out", peer.site(), "members here", to.toString());
    }

    /** From whoever is behind the V-net's device, with an address that is no member's. */
    Way outFromNobody(IpAddress from) {
        WayTrace trace = new WayTrace();
        classify(trace, from);
        return trace.way("out", null, from.toString(), "anywhere");
    }

    /** From members of a peer's site to an address as it is on the wire between the sites. */
    Way inTo(IpAddress onWire, Peer peer) {
        WayTrace trace = new WayTrace();
        decapsulate(trace, peer);
        List<Written> theirs = configured.someRemotes(peer.site(), onWire.isIpv4(), SHOWN_PREFIXES);
        if (!crosses(onWire)) {
            trace.drop(Stage.ADMIT, DropReason.SCOPE, scope(onWire));
        } else if (theirs.isEmpty()) {
            trace.drop(
                    Stage.ADMIT,
                    DropReason.WRONG_SITE_SOURCE,
                    "no remote prefix of %s is %s".formatted(peer.site(), family(onWire)));
        }
        trace.pass(Stage.ADMIT, "sources of " + peer.site(), theirs);
        restore(trace, onWire, peer);
        IpAddress own = translation(peer).ownOf(onWire).orElse(onWire);
        permit(trace, Direction.IN, Hosts.of(own), remotes(peer, own.isIpv4()));
        deliver(trace, own);
        return trace.way("in", peer.site(), "members of " + peer.site(), onWire.toString());
    }

    /** From a peer's member, by the address that this site knows it by, to members here. */
    Way inFrom(IpAddress from, Peer peer) {
        WayTrace trace = new WayTrace();
        decapsulate(trace, peer);
        if (!crosses(from)) {
            trace.drop(Stage.ADMIT, DropReason.SCOPE, scope(from));
        } else if (table.remoteSite(from.hi(), from.lo()) != facts.numberOf(peer)) {
            trace.drop(
                    Stage.ADMIT,
                    DropReason.WRONG_SITE_SOURCE,
                    "it is in no remote prefix of " + peer.site() + ", or in a longer one of another site");
        }
        trace.pass(
                Stage.ADMIT,
                "a member of " + peer.site(),
                configured.remote(peer.site(), from).stream().toList());
        Hosts members = Hosts.of(from.isIpv4(), configured.members(from.isIpv4()));
        restoreAll(trace, members, peer);
        permit(trace, Direction.IN, members, Hosts.of(from));
        deliver(trace, null);
        return trace.way("in", peer.site(), from.toString(), "members here");
    }

    /** From whichever site, with an address that is configured for none. */
    Way inFromNobody(IpAddress from) {
        WayTrace trace = new WayTrace();
        if (crosses(from)) {
            trace.drop(Stage.ADMIT, DropReason.WRONG_SITE_SOURCE, "no remote prefix has it");
        } else {
            trace.drop(Stage.ADMIT, DropReason.SCOPE, scope(from));
        }
        return trace.way("in", null, from.toString(), "members here");
    }

    private void classify(WayTrace trace, IpAddress from) {
        if (!crosses(from)) {
            trace.drop(Stage.CLASSIFY, DropReason.SCOPE, scope(from));
        } else if (table.isOwnMember(from.hi(), from.lo())) {
            trace.pass(
                    Stage.CLASSIFY,
                    "a member here",
                    configured.member(from).stream().toList());
        } else {
            trace.drop(Stage.CLASSIFY, DropReason.SPOOFED_SOURCE, whyNoMember(from));
        }
    }

    /** Why the address counts as no member of this site. */
    private String whyNoMember(IpAddress address) {
        if (configured.member(address).isEmpty()) {
            return "it is in none of members";
        }
        return table.listedState(address) == null
                ? "the directory does not list it"
                : "the directory expects it, and it has not joined";
    }

    private void permit(WayTrace trace, Direction direction, Hosts members, Hosts remote) {
        if (trace.isEnded()) {
            return;
        }
        boolean isOut = direction == Direction.OUT;
        Stage stage = isOut ? Stage.PERMIT_OUT : Stage.PERMIT_IN;
        PermittingRules rules = rules(direction, members, remote);
        PermittingRules answered = rules(isOut ? Direction.IN : Direction.OUT, members, remote);
        String of = isOut ? "out" : "in";
        if (rules.permitsAll()) {
            trace.pass(stage, "a rule permits all of it", rules.rules());
        } else if (!rules.rules().isEmpty()) {
            String text = "%s of %s %s rules can permit it, what none permits is denied"
                    .formatted(Quantity.count(rules.rules().size()), Quantity.count(rules.ofDirection()), of);
            trace.some(stage, DropReason.POLICY, text, rules.rules());
        } else if (answered.rules().isEmpty()) {
            trace.drop(stage, DropReason.POLICY, noneOf(rules, of) + "permits it");
        } else {
            trace.answers(
                    stage,
                    noneOf(rules, of) + "permits a flow that starts so, but some the other way permit answers",
                    answered.rules());
        }
    }

    private static String noneOf(PermittingRules rules, String of) {
        return rules.ofDirection() == 0
                ? "there is no " + of + " rule: nothing "
                : "none of %s %s rules ".formatted(Quantity.count(rules.ofDirection()), of);
    }

    private PermittingRules rules(Direction direction, Hosts members, Hosts remote) {
        return PermittingRules.of(table.policy().rules(), vnet.policyLines(), direction, members, remote);
    }

    private Hosts remotes(Peer peer, boolean ipv4) {
        return Hosts.of(ipv4, configured.remotes(peer.site(), ipv4));
    }

    private void fit(WayTrace trace, Peer peer) {
        int mtu = facts.snapshot().innerMtu(facts.numberOf(peer), 0, facts.index());
        trace.pass(Stage.FIT, "up to %s bytes as they are".formatted(Quantity.count(mtu)));
    }

    private void translateOne(WayTrace trace, IpAddress own, Peer peer) {
        Optional<IpAddress> alias = translation(peer).aliasOf(own);
        if (alias.isEmpty()) {
            trace.drop(
                    Stage.TRANSLATE,
                    DropReason.UNTRANSLATABLE,
                    "no translate rule toward %s has it".formatted(peer.site()),
                    configured.translateRules(peer.site()));
        } else {
            Optional<Written> rule = configured.translationOf(peer.site(), own);
            trace.pass(
                    Stage.TRANSLATE,
                    alias.get().equals(own) ? "stays as it is" : "becomes " + alias.get(),
                    own.isIpv4() ? rule.stream().toList() : List.of());
        }
    }

    private void translateAll(WayTrace trace, Hosts members, Peer peer) {
        List<Translation> rules = configured.translations(peer.site());
        if (!members.ipv4() || translation(peer).isEmpty()) {
            trace.pass(Stage.TRANSLATE, "sources stay as they are");
            return;
        }
        List<Prefix> locals = rules.stream().map(Translation::local).toList();
        PrefixSet set = new PrefixSet(locals);
        if (members.prefixes().stream().allMatch(prefix -> isCovered(prefix, set, locals))) {
            trace.pass(Stage.TRANSLATE, "sources become aliases", configured.translateRules(peer.site()));
        } else if (members.prefixes().stream()
                .anyMatch(prefix -> set.overlapping(prefix).isPresent())) {
            trace.some(
                    Stage.TRANSLATE,
                    DropReason.UNTRANSLATABLE,
                    "sources become aliases, and other members have none",
                    configured.translateRules(peer.site()));
        } else {
            trace.drop(
                    Stage.TRANSLATE,
                    DropReason.UNTRANSLATABLE,
                    "no translate rule toward %s has any member".formatted(peer.site()),
                    configured.translateRules(peer.site()));
        }
    }

    /** Rules are apart from each other, so those within a prefix have all of it if they are as many addresses. */
    private static boolean isCovered(Prefix prefix, PrefixSet set, List<Prefix> locals) {
        if (set.enclosing(prefix).isPresent()) {
            return true;
        }
        long addresses = locals.stream()
                .filter(local -> local.length() > prefix.length() && prefix.contains(local.network()))
                .mapToLong(local -> 1L << (32 - local.length()))
                .sum();
        return addresses == 1L << (32 - prefix.length());
    }

    private void shapeAndSeal(WayTrace trace, Peer peer) {
        if (trace.isEnded()) {
            return;
        }
        int number = facts.numberOf(peer);
        RateLimit limit = table.limit(number);
        if (limit != null) {
            trace.some(
                    Stage.SHAPE,
                    DropReason.SHAPED,
                    "all members together up to " + Quantity.bitRate(limit.bitsPerSecond()),
                    List.of());
        }
        SiteTunnels tunnels = facts.snapshot().tunnels(number);
        Set<String> names = new LinkedHashSet<>();
        int without = 0;
        int workerWithout = 0;
        for (int worker = 0; worker < facts.workers(); worker++) {
            long carriers = tunnels.carriers(worker, table);
            if (carriers == 0) {
                without++;
                workerWithout = worker;
            }
            for (long left = carriers; left != 0; left &= left - 1) {
                names.add(nameOf(tunnels, Long.numberOfTrailingZeros(left), peer));
            }
        }
        DropReason refusal = facts.snapshot().withoutCarrier(number, workerWithout, facts.index());
        if (without == facts.workers()) {
            trace.drop(Stage.SEAL, refusal, whyNotCarried(refusal, peer));
        } else if (without > 0) {
            trace.some(Stage.SEAL, refusal, "goes to " + join(names) + ", from some of our workers only", List.of());
        } else {
            trace.pass(Stage.SEAL, "goes to " + join(names) + (names.size() > 1 ? ", each flow to one of them" : ""));
        }
    }

    private static String nameOf(SiteTunnels tunnels, int index, Peer peer) {
        return tunnels.tunnel(index).name().substring(peer.site().length() + 1);
    }

    private static String join(Set<String> names) {
        return String.join(", ", names);
    }

    private String whyNotCarried(DropReason refusal, Peer peer) {
        if (refusal == DropReason.NO_TUNNEL) {
            return "no gateway of " + peer.site() + " can be reached now";
        }
        return facts.tunnelsTo(peer).stream()
                .flatMap(tunnel -> refused(tunnel).stream())
                .map(one -> "class " + vnet.tunnelClass().name() + " demands " + one.demanded() + ", " + one.but())
                .findFirst()
                .orElse("no tunnel to " + peer.site() + " meets class "
                        + vnet.tunnelClass().name());
    }

    /** Why a tunnel does not carry the V-net, as status has it. */
    Optional<StatusReport.RefusedVnet> refused(StatusReport.Tunnel tunnel) {
        return tunnel.refusedVnets().stream()
                .filter(one -> one.vnet().equals(vnet.name()))
                .findFirst();
    }

    private void decapsulate(WayTrace trace, Peer peer) {
        int number = facts.numberOf(peer);
        if (!table.isGranted(number)) {
            trace.drop(
                    Stage.DECAPSULATE,
                    DropReason.NOT_GRANTED,
                    "peers: vnets of %s does not have %s".formatted(peer.site(), vnet.name()));
            return;
        }
        List<DropReason> refusals = new ArrayList<>();
        int associations = 0;
        SiteTunnels tunnels = facts.snapshot().tunnels(number);
        for (int i = 0; i < tunnels.size(); i++) {
            for (int worker = 0; worker < facts.workers(); worker++) {
                Association association = tunnels.sending(i, worker);
                if (association != null) {
                    associations++;
                    DropReason refusal = table.refusal(association);
                    if (refusal != null) {
                        refusals.add(refusal);
                    }
                }
            }
        }
        if (associations == 0) {
            trace.idle(Stage.DECAPSULATE, "granted, but no gateway of " + peer.site() + " can be reached now");
        } else if (refusals.isEmpty()) {
            trace.pass(Stage.DECAPSULATE, vnet.name() + " is granted to " + peer.site());
        } else if (refusals.size() == associations) {
            trace.drop(Stage.DECAPSULATE, refusals.get(0), whyNotCarried(refusals.get(0), peer));
        } else {
            trace.some(Stage.DECAPSULATE, refusals.get(0), whyNotCarried(refusals.get(0), peer), List.of());
        }
    }

    private void restore(WayTrace trace, IpAddress onWire, Peer peer) {
        Optional<IpAddress> own = translation(peer).ownOf(onWire);
        if (own.isEmpty()) {
            trace.drop(
                    Stage.RESTORE,
                    DropReason.NOT_HERE,
                    "no translate rule toward %s has it as alias".formatted(peer.site()),
                    configured.translateRules(peer.site()));
            return;
        }
        IpAddress member = own.get();
        String becomes = member.equals(onWire) ? "stays as it is" : "becomes " + member;
        List<Written> rule = member.isIpv4()
                ? configured.translationOf(peer.site(), member).stream().toList()
                : List.of();
        if (table.isOwnMember(member.hi(), member.lo())) {
            trace.pass(Stage.RESTORE, becomes + ", a member here", rule);
        } else {
            trace.drop(Stage.RESTORE, DropReason.NOT_HERE, becomes + ", no member here: " + whyNoMember(member), rule);
        }
    }

    private void restoreAll(WayTrace trace, Hosts members, Peer peer) {
        if (members.isEmpty()) {
            trace.drop(Stage.RESTORE, DropReason.NOT_HERE, "the V-net has no members of that family here");
        } else if (!members.ipv4() || translation(peer).isEmpty()) {
            trace.pass(Stage.RESTORE, "destinations stay as they are");
        } else {
            trace.pass(Stage.RESTORE, "destinations become members' addresses", configured.translateRules(peer.site()));
        }
    }

    private void deliver(WayTrace trace, @Nullable IpAddress to) {
        if (to != null && isOwnOnLink(to)) {
            trace.drop(Stage.DELIVER, DropReason.NOT_HERE, "the gateway's own address on the link takes nothing");
        }
        String unless = table.isRouter() ? "; neighbor_unknown while nobody answers for it on the link" : "";
        trace.pass(Stage.DELIVER, "to " + facts.attachment() + unless);
    }

    /** Whether it is the gateway's own, and the gateway itself takes what is for it, rather than the kernel. */
    private boolean isOwnOnLink(IpAddress address) {
        return table.isRouter() && address.equals(table.gatewayAddress(address.isIpv4() ? 4 : 6));
    }

    private PrefixTranslation translation(Peer peer) {
        return table.translation(facts.numberOf(peer));
    }

    private @Nullable Peer peerOf(int number) {
        return facts.peers().stream()
                .filter(peer -> number != VnetTable.NO_SITE && facts.numberOf(peer) == number)
                .findFirst()
                .orElse(null);
    }

    private static boolean crosses(IpAddress address) {
        return AddressScope.crosses(address.hi(), address.lo());
    }

    private static String family(IpAddress address) {
        return address.isIpv4() ? "IPv4" : "IPv6";
    }

    /** Why an address does not cross. */
    static String scope(IpAddress address) {
        InetAddress known = address.toInetAddress();
        String what = known.isLinkLocalAddress()
                ? "link-local"
                : known.isMulticastAddress()
                        ? "multicast"
                        : known.isLoopbackAddress()
                                ? "loopback"
                                : known.isAnyLocalAddress() ? "unspecified" : "reserved";
        return what + ": such addresses never cross";
    }
}
