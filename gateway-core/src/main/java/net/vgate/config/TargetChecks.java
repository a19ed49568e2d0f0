package net.vgate.config;

import java.util.List;
import net.vgate.packet.Prefix;

/**
 * A target is asked from the gateway's own address in the V-net, so there must be one, and its answer must get here.
 */
final class TargetChecks {
    private final Fields vnet;
    private final Problems problems;
    private final PrefixSet members;
    private final List<Prefix> own;

    TargetChecks(Fields vnet, Problems problems) {
        this.vnet = vnet;
        this.problems = problems;
        members = new PrefixSet(vnet.values(ConfigKeys.MEMBERS));
        own = AttachmentChecks.ownAddresses(vnet).stream().map(Located::value).toList();
    }

    void check() {
        for (Fields remote : vnet.values(ConfigKeys.REMOTE)) {
            PrefixSet prefixes = new PrefixSet(remote.values(ConfigKeys.REMOTE_PREFIXES));
            for (Located<Prefix> target : remote.list(ConfigKeys.REMOTE_TARGETS)) {
                check(target, prefixes);
            }
        }
    }

    private void check(Located<Prefix> target, PrefixSet prefixes) {
        if (!prefixes.isEmpty() && prefixes.enclosing(target.value()).isEmpty()) {
            problems.error(
                    target.spot(),
                    target.value() + " is outside the prefixes of this remote",
                    "name one of its members, as this site sees it");
        }
        boolean isIpv4 = target.value().network().isIpv4();
        if (own.stream().noneMatch(address -> address.network().isIpv4() == isIpv4)) {
            problems.error(
                    target.spot(),
                    "the gateway has no %s address in this V-net to ask from".formatted(isIpv4 ? "IPv4" : "IPv6"),
                    "give it one of the members', by address of its attachment");
        } else if (own.stream()
                .filter(address -> address.network().isIpv4() == isIpv4)
                .limit(1)
                .noneMatch(address -> members.enclosing(address).isPresent())) {
            problems.error(
                    target.spot(),
                    "the gateway asks from its address in this V-net, which is none of the members'",
                    "add that address to members");
        }
    }
}
