package net.vgate.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import net.vgate.attachment.MemberStation;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.AddressLines;
import net.vgate.config.GatewayConfig.Attachment;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.Tap;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.config.GatewayConfig.Vtep;
import net.vgate.config.IdleRules;
import net.vgate.config.Suggestion;
import net.vgate.control.Attachments.Attached;
import net.vgate.directory.Directory;
import net.vgate.forwarding.MemberState;
import net.vgate.forwarding.MemberTable;
import net.vgate.observe.AddressReport;
import net.vgate.observe.Inventory;
import net.vgate.observe.MemberReport;
import net.vgate.observe.PolicyReport;
import net.vgate.observe.StatusReport;
import net.vgate.observe.SwitchReport;
import net.vgate.observe.SwitchesReport;
import net.vgate.observe.SwitchesReport.Switch;
import net.vgate.observe.UnknownNameException;
import net.vgate.observe.VnetReport;
import net.vgate.observe.VnetsReport;
import net.vgate.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Says what the gateway has. The conductor only hands out what is in force; the asker makes the reports of it.
 *
 * <p><b>Threading.</b> Any thread but the conductor's.
 */
public final class LiveInventory implements Inventory {
    /** Of a V-net's prefixes, as many are named: there may be a million. */
    private static final int SHOWN_PREFIXES = 1_000;

    /** Everything that no rule permits. */
    private static final String FALLBACK = "deny";

    private static final String NONE = "none is configured";

    private final Conductor conductor;
    private final StatusSource status;
    private final Optional<Directory> directory;

    public LiveInventory(Conductor conductor, StatusSource status, Optional<Directory> directory) {
        this.conductor = conductor;
        this.status = status;
        this.directory = directory;
    }

    /** What the conductor says of one V-net; {@code inForce} and {@code status} are null while it has no device. */
    private record OneVnet(
            GatewayConfig config,
            @Nullable Vnet inForce,
            List<StatusReport.Tunnel> tunnels,
            StatusReport.@Nullable Vnet status) {
        /** What is in force, else what is configured. */
        Vnet vnet(String name) {
            return inForce == null ? named(name, config) : inForce;
        }
    }

    @Override
    public VnetsReport vnets() {
        record InForce(GatewayConfig config, Set<String> attached) {}
        InForce inForce = conductor.ask(() -> new InForce(
                conductor.config(),
                Set.copyOf(conductor.attachments().attached().keySet())));
        GatewayConfig config = inForce.config();
        return new VnetsReport(config.vnets().stream()
                .map(vnet -> {
                    VnetReport.Members members = members(vnet);
                    return new VnetsReport.Vnet(
                            vnet.name(),
                            vnet.vni(),
                            kind(vnet),
                            state(inForce.attached().contains(vnet.name())),
                            attachment(vnet.attachment()).text(),
                            members.membership(),
                            members.prefixCount(),
                            members.joined(),
                            members.expected(),
                            peersOf(vnet, config).stream().map(Peer::site).toList(),
                            vnet.policy().size());
                })
                .toList());
    }

    @Override
    public VnetReport vnet(String name) {
        OneVnet one = one(name);
        Vnet vnet = one.vnet(name);
        return new VnetReport(
                name,
                vnet.vni(),
                kind(vnet),
                vnet.tunnelClass().name(),
                state(one.status() != null),
                attachment(vnet.attachment()),
                members(vnet),
                peersOf(vnet, one.config()).stream()
                        .map(peer -> new VnetReport.Peer(
                                peer.site(), peer.vnets().contains(name), carriers(peer, name, one.tunnels())))
                        .toList(),
                FALLBACK,
                one.status());
    }

    @Override
    public PolicyReport policy(String name) {
        OneVnet one = one(name);
        Vnet vnet = one.vnet(name);
        StatusReport.Vnet counted = one.status();
        List<Optional<IdleRules.Idle>> idle = IdleRules.of(vnet);
        List<PolicyReport.Rule> rules = new ArrayList<>();
        for (int i = 0; i < vnet.policy().size(); i++) {
            StatusReport.Rule hit = counted == null ? null : counted.policy().get(i);
            rules.add(new PolicyReport.Rule(
                    i + 1,
                    vnet.policy().get(i).toString(),
                    vnet.policyLines().get(i),
                    hit == null ? 0 : hit.hits(),
                    hit == null ? null : hit.lastHitSeconds(),
                    idle.get(i).map(IdleRules.Idle::text).orElse(null)));
        }
        StatusReport.Denied nothing = new StatusReport.Denied(0, null);
        return new PolicyReport(
                name,
                one.config().file().toString(),
                rules,
                FALLBACK,
                counted == null ? nothing : counted.deniedOut(),
                counted == null ? nothing : counted.deniedIn());
    }

    @Override
    public MemberReport member(String name, String text) {
        Vnet vnet = named(name, conductor.ask(conductor::config));
        IpAddress address = IpAddress.parse(text)
                .orElseThrow(
                        () -> new UnknownNameException("IP address", text, "write it as 10.0.0.7 or fd00::7, whole"));
        AddressReport.Written by = grant(vnet, address);
        MemberState state = vnet.isListed() ? table(vnet).state(address) : null;
        MemberStation station = vnet.isListed() ? table(vnet).station(address.hi(), address.lo()) : null;
        if (vnet.isListed() ? state == null : by == null) {
            String advice = by == null
                    ? "it is in none of the prefixes that V-net " + name + " has as members"
                    : "V-net " + name + " may have it; vgate member add lists it";
            throw new UnknownNameException("member", address.toString(), advice);
        }
        return new MemberReport(
                name,
                address.toString(),
                state == null ? "permanent" : state.label(),
                station == null ? null : Objects.toString(station.mac(), null),
                station == null ? null : Objects.toString(station.locator(), null),
                by,
                vnet.isListed() ? directory.map(Directory::revision).orElse(null) : null);
    }

    @Override
    public SwitchesReport switches() {
        record InForce(GatewayConfig config, List<StatusReport.Tunnel> tunnels) {}
        InForce inForce = conductor.ask(() -> new InForce(conductor.config(), status.tunnels(conductor)));
        return new SwitchesReport(KnownSwitches.of(inForce.config(), inForce.tunnels()));
    }

    @Override
    public SwitchReport switchNamed(String name) {
        record InForce(GatewayConfig config, List<StatusReport.Tunnel> tunnels) {}
        InForce inForce = conductor.ask(() -> new InForce(conductor.config(), status.tunnels(conductor)));
        List<Switch> all = KnownSwitches.of(inForce.config(), inForce.tunnels());
        Switch found = all.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UnknownNameException(
                        "switch",
                        name,
                        Suggestion.forName(name, all.stream().map(Switch::name).collect(Collectors.toSet()), NONE)));
        return new SwitchReport(
                found,
                inForce.tunnels().stream()
                        .filter(tunnel -> found.port() == null
                                && KnownSwitches.name(tunnel).equals(name))
                        .findFirst()
                        .orElse(null));
    }

    private OneVnet one(String name) {
        return conductor.ask(() -> {
            Attached attached = conductor.attachments().attached().get(name);
            return new OneVnet(
                    conductor.config(),
                    attached == null ? null : attached.vnet(),
                    status.tunnels(conductor),
                    attached == null ? null : status.vnet(conductor, attached));
        });
    }

    private static Vnet named(String name, GatewayConfig config) {
        return config.vnets().stream()
                .filter(vnet -> vnet.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UnknownNameException(
                        "V-net",
                        name,
                        Suggestion.forName(
                                name, config.vnets().stream().map(Vnet::name).collect(Collectors.toSet()), NONE)));
    }

    private static String kind(Vnet vnet) {
        return vnet.kind().name().toLowerCase(Locale.ROOT);
    }

    private static String state(boolean isAttached) {
        return isAttached ? "up" : "no_device";
    }

    /** How {@code attachment} is described. */
    static VnetReport.Attachment attachment(Attachment attachment) {
        Vtep vtep = attachment instanceof Vtep one ? one : null;
        Tap tap = attachment instanceof Tap one ? one : null;
        String kind = vtep != null ? "vtep" : tap != null ? "tap" : "tun";
        return new VnetReport.Attachment(
                kind,
                attachment.device(),
                attachment.netns().orElse(null),
                tap == null ? null : tap.bridge().orElse(null),
                vtep == null ? null : vtep.vni(),
                vtep == null
                        ? List.of()
                        : vtep.locators().stream().map(IpAddress::toString).toList(),
                attachment.ownAddresses().stream().map(IpAddress::toString).toList());
    }

    private VnetReport.Members members(Vnet vnet) {
        return new VnetReport.Members(
                vnet.isListed() ? "directory" : "prefixes",
                vnet.members().stream()
                        .limit(SHOWN_PREFIXES)
                        .map(Object::toString)
                        .toList(),
                vnet.members().size(),
                vnet.isListed() ? table(vnet).count(MemberState.JOINED) : null,
                vnet.isListed() ? table(vnet).count(MemberState.EXPECTED) : null);
    }

    private MemberTable table(Vnet listed) {
        return directory.orElseThrow().members(listed.name());
    }

    /** The prefix of the V-net's members that the address is in. */
    private static AddressReport.@Nullable Written grant(Vnet vnet, IpAddress address) {
        for (int i = 0; i < vnet.members().size(); i++) {
            if (vnet.members().get(i).contains(address)) {
                return new AddressReport.Written(
                        vnet.members().get(i).toString(),
                        AddressLines.line(vnet.addressLines().members(), i).orElse(null));
            }
        }
        return null;
    }

    /** Whoever may carry the V-net, or has members that it reaches. */
    private static List<Peer> peersOf(Vnet vnet, GatewayConfig config) {
        return config.peers().stream()
                .filter(peer -> VnetFacts.concerns(peer, vnet))
                .toList();
    }

    private static List<String> carriers(Peer peer, String vnet, List<StatusReport.Tunnel> tunnels) {
        return tunnels.stream()
                .filter(tunnel -> tunnel.peer().equals(peer.site()))
                .filter(tunnel ->
                        tunnel.up() && tunnel.carries() && peer.vnets().contains(vnet))
                .filter(tunnel -> tunnel.refusedVnets().stream()
                        .noneMatch(refused -> refused.vnet().equals(vnet)))
                .map(StatusReport.Tunnel::gateway)
                .toList();
    }
}
