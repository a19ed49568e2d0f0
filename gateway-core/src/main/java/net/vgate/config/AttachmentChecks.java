package net.vgate.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.Prefix;

/** A V-net is attached in one way; and where that is a link, all members are on it. */
final class AttachmentChecks {
    private static final List<Key<Fields>> WAYS = List.of(AttachmentKeys.TUN, AttachmentKeys.TAP, AttachmentKeys.VTEP);

    private final Fields vnet;
    private final Problems problems;

    AttachmentChecks(Fields vnet, Problems problems) {
        this.vnet = vnet;
        this.problems = problems;
    }

    /** What makes the gateway a router on the members' link: {@code tap} or {@code vtep}, if it is one of them. */
    static Optional<Fields> link(Fields vnet) {
        return vnet.value(ConfigKeys.ATTACH)
                .flatMap(attach -> attach.value(AttachmentKeys.TAP).or(() -> attach.value(AttachmentKeys.VTEP)));
    }

    /** The gateway's own addresses in the V-net, however it is attached. */
    static List<Located<Prefix>> ownAddresses(Fields vnet) {
        List<Located<Prefix>> own = new ArrayList<>();
        vnet.value(ConfigKeys.ATTACH)
                .flatMap(attach -> attach.value(AttachmentKeys.TUN))
                .ifPresent(tun -> own.addAll(tun.list(AttachmentKeys.ADDRESS)));
        link(vnet).ifPresent(link -> link.list(AttachmentKeys.LINK_ADDRESS).forEach(one -> own.add(host(one))));
        return own;
    }

    private static Located<Prefix> host(Located<InterfaceAddress> one) {
        return new Located<>(
                Prefix.around(one.value().address(), one.value().address().bits()), one.spot());
    }

    void check() {
        vnet.value(ConfigKeys.ATTACH).ifPresent(attach -> {
            List<String> ways =
                    WAYS.stream().filter(attach::wrote).map(Key::name).toList();
            if (ways.size() != 1) {
                problems.error(
                        attach.spot(),
                        ways.isEmpty() ? "has neither tun, tap nor vtep" : "has " + String.join(" and ", ways),
                        "a V-net is attached by one of tun, tap and vtep");
            }
        });
        link(vnet).ifPresent(link -> checkLink(link.list(AttachmentKeys.LINK_ADDRESS)));
    }

    private void checkLink(List<Located<InterfaceAddress>> addresses) {
        List<Prefix> links =
                addresses.stream().map(address -> address.value().link()).toList();
        if (links.isEmpty()) {
            return;
        }
        PrefixSet onLink = new PrefixSet(links);
        vnet.list(ConfigKeys.MEMBERS).stream()
                .filter(member -> onLink.enclosing(member.value()).isEmpty())
                .forEach(
                        member -> problems.error(
                                member.spot(),
                                member.value() + " is not on the link, which has " + text(links),
                                "widen the prefix of the gateway's own address there, or attach the V-net by tun and route behind it"));
        for (Fields remote : vnet.values(ConfigKeys.REMOTE)) {
            remote.list(ConfigKeys.REMOTE_PREFIXES).stream()
                    .filter(prefix -> onLink.enclosing(prefix.value()).isPresent())
                    .forEach(prefix -> problems.warning(
                            prefix.spot(),
                            prefix.value() + " is at another site, but on the link by the gateway's own address",
                            "members look for it on their own link, unless they have a narrower route to the gateway"));
        }
    }

    private static String text(List<Prefix> links) {
        return String.join(" and ", links.stream().map(Prefix::toString).toList());
    }
}
