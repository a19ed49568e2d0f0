package net.vgate.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.vgate.packet.Prefix;

/** Each rule translates members, to as many addresses, and no member is forgotten. */
final class TranslationChecks {
    private final Fields vnet;
    private final Problems problems;

    TranslationChecks(Fields vnet, Problems problems) {
        this.vnet = vnet;
        this.problems = problems;
    }

    void check() {
        PrefixSet members = new PrefixSet(vnet.values(ConfigKeys.MEMBERS));
        Map<String, List<Prefix>> localsByPeer = new HashMap<>();
        Map<String, Spot> firstByPeer = new HashMap<>();
        for (Located<Fields> rule : vnet.list(ConfigKeys.TRANSLATE)) {
            Optional<Located<Prefix>> local = rule.value().find(ConfigKeys.TRANSLATE_LOCAL);
            Optional<Located<Prefix>> as = rule.value().find(ConfigKeys.TRANSLATE_AS);
            local.ifPresent(prefix -> checkLocal(prefix, members));
            as.ifPresent(this::checkIpv4);
            if (local.isPresent() && as.isPresent()) {
                checkLengths(local.get().value(), as.get());
            }
            Optional<String> peer = rule.value().value(ConfigKeys.TRANSLATE_PEER);
            if (peer.isPresent()
                    && local.isPresent()
                    && local.get().value().network().isIpv4()) {
                localsByPeer
                        .computeIfAbsent(peer.get(), p -> new ArrayList<>())
                        .add(local.get().value());
                firstByPeer.putIfAbsent(peer.get(), rule.spot());
            }
        }
        localsByPeer.forEach((peer, locals) -> warnOfForgotten(peer, new PrefixSet(locals), firstByPeer));
    }

    private void checkLocal(Located<Prefix> local, PrefixSet members) {
        if (!checkIpv4(local) || members.isEmpty()) {
            return;
        }
        if (members.enclosing(local.value()).isEmpty()) {
            problems.error(
                    local.spot(),
                    local.value() + " is not inside any one prefix of members",
                    members.overlapping(local.value()).isPresent()
                            ? "write a rule for each prefix of members"
                            : "local is members' own addresses; add them to members, or correct this");
        }
    }

    private boolean checkIpv4(Located<Prefix> prefix) {
        if (prefix.value().network().isIpv4()) {
            return true;
        }
        problems.error(prefix.spot(), "IPv6 is never translated", "remove the rule: IPv6 passes as it is");
        return false;
    }

    private void checkLengths(Prefix local, Located<Prefix> as) {
        boolean areIpv4 = local.network().isIpv4() && as.value().network().isIpv4();
        if (areIpv4 && local.length() != as.value().length()) {
            problems.error(
                    as.spot(),
                    "/%d and local's /%d differ".formatted(as.value().length(), local.length()),
                    "each member needs one address there: both have the same length");
        }
    }

    /** With rules toward a site, members outside all of them are dropped on their way there. */
    private void warnOfForgotten(String peer, PrefixSet locals, Map<String, Spot> firstByPeer) {
        vnet.values(ConfigKeys.MEMBERS).stream()
                .filter(member ->
                        member.network().isIpv4() && locals.overlapping(member).isEmpty())
                .findFirst()
                .ifPresent(member -> problems.warning(
                        firstByPeer.getOrDefault(peer, vnet.spot()),
                        "members in %s cannot reach %s: no rule translates them".formatted(member, peer),
                        "add a rule for them; with as equal to local they keep their addresses"));
    }
}
