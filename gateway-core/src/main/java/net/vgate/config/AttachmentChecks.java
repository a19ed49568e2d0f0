package net.vgate.config;

import java.util.ArrayList;
import java.util.List;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.Prefix;

/** A V-net is attached in one way; and where that is a link, all members are on it. */
final class AttachmentChecks {
    private final Fields vnet;
    private final Problems problems;

    AttachmentChecks(Fields vnet, Problems problems) {
        this.vnet = vnet;
        this.problems = problems;
    }

    /** The gateway's own addresses in the V-net, however it is attached. */
    static List<Located<Prefix>> ownAddresses(Fields vnet) {
        List<Located<Prefix>> own = new ArrayList<>();
        vnet.value(ConfigKeys.ATTACH).ifPresent(attach -> {
            attach.value(ConfigKeys.TUN).ifPresent(tun -> own.addAll(tun.list(ConfigKeys.ADDRESS)));
            attach.value(ConfigKeys.TAP)
                    .ifPresent(tap -> tap.list(ConfigKeys.LINK_ADDRESS).forEach(one -> own.add(host(one))));
        });
        return own;
    }

    private static Located<Prefix> host(Located<InterfaceAddress> one) {
        return new Located<>(
                Prefix.around(one.value().address(), one.value().address().bits()), one.spot());
    }

    void check() {
        vnet.value(ConfigKeys.ATTACH).ifPresent(attach -> {
            boolean isTun = attach.wrote(ConfigKeys.TUN);
            if (isTun == attach.wrote(ConfigKeys.TAP)) {
                problems.error(
                        attach.spot(),
                        isTun ? "has both tun and tap" : "has neither tun nor tap",
                        "a V-net is attached by one of them");
            }
            attach.value(ConfigKeys.TAP).ifPresent(tap -> checkLink(tap.list(ConfigKeys.LINK_ADDRESS)));
        });
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
                .forEach(member -> problems.error(
                        member.spot(),
                        member.value() + " is not on the link, which has " + text(links),
                        "widen the prefix of attach.tap.address, or attach the V-net by tun and route behind it"));
        for (Fields remote : vnet.values(ConfigKeys.REMOTE)) {
            remote.list(ConfigKeys.REMOTE_PREFIXES).stream()
                    .filter(prefix -> onLink.enclosing(prefix.value()).isPresent())
                    .forEach(prefix -> problems.warning(
                            prefix.spot(),
                            prefix.value() + " is at another site, but on the link by attach.tap.address",
                            "members look for it on their own link, unless they have a narrower route to the gateway"));
        }
    }

    private static String text(List<Prefix> links) {
        return String.join(" and ", links.stream().map(Prefix::toString).toList());
    }
}
