package net.vgate.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Relays are peers, and stand between two others. */
final class RelayChecks {
    private final Fields root;
    private final Problems problems;
    private final Set<String> sites;

    RelayChecks(Fields root, Problems problems) {
        this.root = root;
        this.problems = problems;
        this.sites = Checks.names(root.values(ConfigKeys.PEERS), ConfigKeys.PEER_SITE);
    }

    void check() {
        root.values(ConfigKeys.PEERS).forEach(this::checkPeer);
        Map<Set<String>, Spot> pairs = new HashMap<>();
        root.list(ConfigKeys.RELAY).forEach(grant -> checkGrant(grant, pairs));
    }

    private void checkPeer(Fields peer) {
        List<Located<String>> relays = peer.list(ConfigKeys.PEER_RELAYS);
        Checks.unique(relays, "relay", problems);
        relays.forEach(this::checkKnown);
        String site = peer.value(ConfigKeys.PEER_SITE).orElse("");
        relays.stream()
                .filter(relay -> relay.value().equals(site))
                .forEach(relay ->
                        problems.error(relay.spot(), site + " is no relay on the way to itself", "name a third site"));
    }

    private void checkGrant(Located<Fields> grant, Map<Set<String>, Spot> pairs) {
        List<Located<String>> between = grant.value().list(ConfigKeys.RELAY_BETWEEN);
        between.forEach(this::checkKnown);
        Checks.unique(between, "site", problems);
        if (between.size() != 2 && grant.value().find(ConfigKeys.RELAY_BETWEEN).isPresent()) {
            problems.error(
                    grant.value().spotOf(ConfigKeys.RELAY_BETWEEN),
                    "names " + between.size() + " sites, and a relay stands between two",
                    "write one item of relay for each pair");
        }
        Set<String> pair = Set.copyOf(grant.value().values(ConfigKeys.RELAY_BETWEEN));
        Spot before = pairs.putIfAbsent(pair, grant.spot());
        if (pair.size() == 2 && before != null) {
            problems.error(grant.spot(), "the pair is there already, in line " + before.line(), "each is there once");
        }
    }

    private void checkKnown(Located<String> site) {
        if (!sites.contains(site.value())) {
            problems.error(
                    site.spot(),
                    "there is no peer " + site.value(),
                    Suggestion.forName(site.value(), sites, "add it under peers"));
        }
    }
}
