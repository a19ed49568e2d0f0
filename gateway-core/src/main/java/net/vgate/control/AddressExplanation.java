package net.vgate.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import net.vgate.attachment.MemberStation;
import net.vgate.attachment.Neighbor;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.forwarding.AddressScope;
import net.vgate.forwarding.MemberState;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.forwarding.VnetTable;
import net.vgate.observe.AddressReport;
import net.vgate.observe.AddressReport.Form;
import net.vgate.observe.AddressReport.Gateway;
import net.vgate.observe.AddressReport.Meaning;
import net.vgate.observe.AddressReport.Way;
import net.vgate.observe.AddressReport.Written;
import net.vgate.observe.StatusReport;
import net.vgate.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What one address of a V-net is, how it is written at each site, and what packets to and from it meet: by the tables
 * of the data path, so that it cannot differ from what packets meet. Of one question each.
 */
public final class AddressExplanation {
    /** Other V-nets that an answer names. */
    private static final int NAMED = 3;

    private final VnetFacts facts;
    private final Vnet vnet;
    private final VnetTable table;
    private final ConfiguredPrefixes configured;
    private final PacketWays ways;
    private final IpAddress asked;

    private AddressExplanation(VnetFacts facts, IpAddress asked) {
        this.facts = facts;
        this.vnet = facts.vnet();
        this.table = facts.table();
        this.configured = new ConfiguredPrefixes(vnet);
        this.ways = new PacketWays(facts, configured);
        this.asked = asked;
    }

    /** Of the address as it is written at this site: members here by their own, remote ones as this site sees them. */
    public static AddressReport here(VnetFacts facts, IpAddress address) {
        return new AddressExplanation(facts, address).here();
    }

    /**
     * Of the address as it is written at a peer's site: our members by their aliases, if they have some.
     *
     * @param site one of the configured peers'
     */
    public static AddressReport at(VnetFacts facts, String site, IpAddress address) {
        Peer peer = facts.peers().stream()
                .filter(one -> one.site().equals(site))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no peer " + site));
        return new AddressExplanation(facts, address).at(peer);
    }

    private AddressReport here() {
        List<Peer> peers = facts.peers().stream().filter(facts::concerns).toList();
        if (!crosses(asked)) {
            return report(facts.site(), scope(), List.of(), nobodysWays(), List.of());
        }
        if (isOwn(asked)) {
            return report(facts.site(), own(asked), formsOf(asked, peers), waysOf(asked, peers), peers);
        }
        Peer peer = peerOf(table.remoteSite(asked.hi(), asked.lo()));
        if (peer != null) {
            List<Form> forms = List.of(formOfRemote(peer), formThere(peer));
            List<Way> remoteWays = List.of(ways.outTo(asked), ways.inFrom(asked, peer));
            return report(facts.site(), remote(peer), forms, remoteWays, List.of(peer));
        }
        List<Peer> writers = peers.stream().filter(this::writesAnOwn).toList();
        if (!writers.isEmpty()) {
            return alias(writers);
        }
        return report(facts.site(), unknown(), List.of(), nobodysWays(), List.of());
    }

    private AddressReport at(Peer peer) {
        List<Peer> only = List.of(peer);
        if (!crosses(asked)) {
            return report(peer.site(), scope(), List.of(), List.of(ways.inTo(asked, peer)), only);
        }
        IpAddress own = ownOf(peer);
        if (own != null && isOwn(own)) {
            List<Way> ownWays = List.of(ways.outFrom(own, peer), ways.inTo(asked, peer));
            return report(peer.site(), ownAt(own, peer), formsOf(own, only), ownWays, only);
        }
        return report(peer.site(), unknownAt(peer), List.of(), List.of(ways.inTo(asked, peer)), only);
    }

    private AddressReport alias(List<Peer> writers) {
        Peer first = writers.get(0);
        IpAddress own = Objects.requireNonNull(ownOf(first));
        List<Way> aliasWays = new ArrayList<>(List.of(ways.outTo(asked)));
        writers.forEach(peer -> aliasWays.add(ways.inTo(asked, peer)));
        Written rule = configured.translationOf(first.site(), own).orElse(null);
        Meaning meaning = new Meaning(
                "alias",
                "nobody's at this site; site %s writes %s so, by %s".formatted(first.site(), own, rule),
                own.toString(),
                first.site(),
                rule,
                stateOf(own),
                null,
                null,
                List.of(
                        "at this site write " + own,
                        "vgate explain %s --vnet %s --at %s tells more of it"
                                .formatted(asked, vnet.name(), first.site())));
        return report(facts.site(), meaning, formsOf(own, writers), aliasWays, writers);
    }

    private AddressReport report(String at, Meaning meaning, List<Form> forms, List<Way> found, List<Peer> peers) {
        return new AddressReport(
                vnet.name(),
                vnet.vni(),
                facts.site(),
                facts.gateway(),
                facts.file(),
                facts.generation(),
                asked.toString(),
                at,
                meaning,
                forms,
                peers.stream().flatMap(peer -> gateways(peer).stream()).toList(),
                found,
                null);
    }

    /** Whether the address, if it is anybody's, is a member's here or the gateway's. */
    private boolean isOwn(IpAddress address) {
        return isGateways(address) || configured.member(address).isPresent();
    }

    private boolean isGateways(IpAddress address) {
        return address.equals(table.gatewayAddress(address.isIpv4() ? 4 : 6));
    }

    /** The address here of what a peer means by the one that is asked about; null when that is nothing. */
    private @Nullable IpAddress ownOf(Peer peer) {
        return table.translation(facts.numberOf(peer)).ownOf(asked).orElse(null);
    }

    private boolean writesAnOwn(Peer peer) {
        IpAddress own = ownOf(peer);
        return own != null && isOwn(own);
    }

    private Meaning own(IpAddress own) {
        Optional<Written> by = configured.member(own);
        String state = stateOf(own);
        if (isGateways(own)) {
            String text = "this gateway's own address in the V-net"
                    + by.map(prefix -> ", and one of members by " + prefix).orElse(", and none of members");
            List<String> aside = table.isRouter()
                    ? List.of()
                    : List.of("what is sent to it in its own namespace the kernel takes: the gateway sees none of it");
            return meaning("gateway", text, own, by, state, aside);
        }
        String prefix = by.map(Written::toString).orElse("");
        if (table.isOwnMember(own.hi(), own.lo())) {
            String listed = state == null ? "" : ", listed as " + state + written(own);
            return meaning("member", "a member here, by " + prefix + listed, own, by, state, List.of());
        }
        boolean isExpected = state != null;
        return meaning(
                "absent",
                "nobody's now: %s grants it, and the directory %s"
                        .formatted(prefix, isExpected ? "has it as " + state : "does not list it"),
                own,
                by,
                state,
                List.of(
                        isExpected
                                ? "vgate member set %s %s --state joined, when it is there".formatted(vnet.name(), own)
                                : "vgate member add %s %s makes it a member".formatted(vnet.name(), own)));
    }

    private Meaning meaning(
            String kind,
            String text,
            IpAddress own,
            Optional<Written> by,
            @Nullable String state,
            List<String> advice) {
        return new Meaning(
                kind,
                text,
                own.toString(),
                null,
                by.orElse(null),
                state,
                facts.attachment(),
                facts.neighbors().apply(own).map(AddressExplanation::neighbor).orElse(null),
                advice);
    }

    private String written(IpAddress own) {
        MemberStation station = table.listedStation(own);
        if (station == null) {
            return "";
        }
        return (station.mac() == null ? "" : ", to be at " + station.mac())
                + (station.locator() == null ? "" : ", to be behind locator " + station.locator());
    }

    private static AddressReport.Neighbor neighbor(Neighbor neighbor) {
        return new AddressReport.Neighbor(
                Objects.toString(neighbor.mac(), null),
                Objects.toString(neighbor.locator(), null),
                neighbor.state().label(),
                TimeUnit.NANOSECONDS.toSeconds(neighbor.ageNanos()));
    }

    private Meaning ownAt(IpAddress own, Peer peer) {
        Meaning here = own(own);
        if (own.equals(asked)) {
            return here;
        }
        String rule = configured
                .translationOf(peer.site(), own)
                .map(Written::toString)
                .orElse("");
        return new Meaning(
                here.kind(),
                "%s at this site, by %s; that is %s".formatted(own, rule, here.text()),
                here.member(),
                peer.site(),
                here.by(),
                here.state(),
                here.attachment(),
                here.neighbor(),
                here.advice());
    }

    private @Nullable String stateOf(IpAddress own) {
        MemberState state = table.listedState(own);
        return state == null ? null : state.label();
    }

    private Meaning remote(Peer peer) {
        Optional<Written> by = configured.remote(peer.site(), asked);
        return new Meaning(
                "remote",
                "a member of site %s, by remote prefix %s"
                        .formatted(peer.site(), by.map(Written::toString).orElse("")),
                null,
                peer.site(),
                by.orElse(null),
                null,
                null,
                null,
                List.of(askThere(peer)));
    }

    private String askThere(Peer peer) {
        return "whose it is there, a gateway of %s tells: vgate explain %s --vnet %s --at %s"
                .formatted(peer.site(), asked, vnet.name(), facts.site());
    }

    private Meaning scope() {
        return new Meaning("scope", PacketWays.scope(asked), null, null, null, null, null, null, List.of());
    }

    private Meaning unknown() {
        List<String> advice = new ArrayList<>();
        advice.add("a member here would have to be in members, one of another site in remote, of V-net " + vnet.name());
        List<String> others = othersThatKnow();
        if (!others.isEmpty()) {
            advice.add("known in other V-nets: " + String.join(", ", others));
        }
        return new Meaning(
                "unknown",
                "nobody's: neither members nor remote prefixes have it",
                null,
                null,
                null,
                null,
                null,
                null,
                advice);
    }

    /** The wrong V-net was named, perhaps. */
    private List<String> othersThatKnow() {
        List<String> others = new ArrayList<>();
        for (int i = 0; i < facts.snapshot().vnetCount() && others.size() < NAMED; i++) {
            VnetTable other = facts.snapshot().vnet(i);
            if (i != facts.index()
                    && (other.isOwnMember(asked.hi(), asked.lo())
                            || other.remoteSite(asked.hi(), asked.lo()) != VnetTable.NO_SITE)) {
                others.add(other.name());
            }
        }
        return others;
    }

    private Meaning unknownAt(Peer peer) {
        List<String> advice = new ArrayList<>();
        if (isOwn(asked)) {
            String alias = table.translation(facts.numberOf(peer))
                    .aliasOf(asked)
                    .map(one -> "site %s writes it %s".formatted(peer.site(), one))
                    .orElse("no translate rule lets site %s see it".formatted(peer.site()));
            advice.add("at this site it is one of members: " + alias);
        } else if (peer.equals(peerOf(table.remoteSite(asked.hi(), asked.lo())))) {
            advice.add("it is how this site writes a member of %s: leave out --at".formatted(peer.site()));
        } else {
            advice.add("it may be one of %s's own, which its gateways know".formatted(peer.site()));
        }
        return new Meaning(
                "unknown",
                "nobody's here, written so at site " + peer.site(),
                null,
                peer.site(),
                null,
                null,
                null,
                null,
                advice);
    }

    private List<Form> formsOf(IpAddress own, List<Peer> peers) {
        List<Form> forms = new ArrayList<>();
        forms.add(new Form(facts.site(), own.toString(), configured.member(own).orElse(null), "its own address"));
        for (Peer peer : peers) {
            Optional<IpAddress> alias = table.translation(facts.numberOf(peer)).aliasOf(own);
            Optional<Written> rule = own.isIpv4() ? configured.translationOf(peer.site(), own) : Optional.empty();
            String text = alias.isEmpty()
                    ? "cannot be written there: no translate rule has it"
                    : rule.isPresent() ? "translated" : "as it is";
            forms.add(new Form(peer.site(), alias.map(IpAddress::toString).orElse(null), rule.orElse(null), text));
        }
        return forms;
    }

    private Form formOfRemote(Peer peer) {
        return new Form(
                facts.site(),
                asked.toString(),
                configured.remote(peer.site(), asked).orElse(null),
                "as this site sees it");
    }

    private static Form formThere(Peer peer) {
        return new Form(peer.site(), null, null, "known to its gateways only");
    }

    private List<Way> waysOf(IpAddress own, List<Peer> peers) {
        List<Way> found = new ArrayList<>();
        found.add(ways.outTo(own));
        for (Peer peer : peers) {
            found.add(ways.outFrom(own, peer));
            table.translation(facts.numberOf(peer)).aliasOf(own).ifPresent(alias -> found.add(ways.inTo(alias, peer)));
        }
        return found;
    }

    private List<Way> nobodysWays() {
        return List.of(ways.outTo(asked), ways.outFromNobody(asked), ways.inFromNobody(asked));
    }

    private List<Gateway> gateways(Peer peer) {
        SiteTunnels tunnels = facts.snapshot().tunnels(facts.numberOf(peer));
        long carriers = 0;
        for (int worker = 0; worker < facts.workers(); worker++) {
            carriers |= tunnels.carriers(worker, table);
        }
        List<Gateway> gateways = new ArrayList<>();
        for (StatusReport.Tunnel tunnel : facts.tunnelsTo(peer)) {
            boolean carries = false;
            for (int i = 0; i < tunnels.size(); i++) {
                carries |= (carriers >>> i & 1) != 0
                        && tunnels.tunnel(i).name().equals(peer.site() + "/" + tunnel.gateway());
            }
            gateways.add(gateway(tunnel, carries));
        }
        return gateways;
    }

    private Gateway gateway(StatusReport.Tunnel tunnel, boolean carries) {
        Optional<StatusReport.RefusedVnet> refused = ways.refused(tunnel);
        return new Gateway(
                tunnel.peer(),
                tunnel.gateway(),
                carries ? "carries" : tunnel.standing(),
                carries,
                refused.map(StatusReport.RefusedVnet::reason).orElse(null),
                whyNot(tunnel, carries, refused),
                tunnel.rung(),
                tunnel.local(),
                tunnel.remote(),
                tunnel.cipherSuite());
    }

    private static @Nullable String whyNot(
            StatusReport.Tunnel tunnel, boolean carries, Optional<StatusReport.RefusedVnet> refused) {
        if (carries) {
            return null;
        }
        if (refused.isPresent()) {
            return refused.get().text();
        }
        StatusReport.Failure failure = tunnel.handshakes().lastFailure();
        if (!tunnel.up()) {
            return failure == null ? "no tunnel" : "no tunnel; last handshake failed: " + failure.reason();
        }
        return tunnel.avoided() == null ? "another one is preferred" : "avoided: " + tunnel.avoided();
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
}
