package net.vgate.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;
import org.jspecify.annotations.Nullable;

/**
 * Every address of a V-net means one thing: a member here, a member at one other site, or a member here as another site
 * sees it. The gateway's own address may be among members'. One walk over all prefixes in order of address.
 */
final class AddressChecks {
    private final Fields vnet;
    private final Problems problems;
    private final PrefixOrder<Use> members = new PrefixOrder<>();
    private final PrefixOrder<Use> remotes = new PrefixOrder<>();
    private final PrefixOrder<Use> aliases = new PrefixOrder<>();
    private final PrefixOrder<Use> own = new PrefixOrder<>();
    private final Map<String, PrefixOrder<Use>> aliasesByPeer = new HashMap<>();
    private final Map<String, PrefixOrder<Use>> localsByPeer = new HashMap<>();

    AddressChecks(Fields vnet, Problems problems) {
        this.vnet = vnet;
        this.problems = problems;
    }

    void check() {
        // Each list is sorted by itself and merged with the others, so that the uses of a million are never all there.
        PriorityQueue<Uses> lists = new PriorityQueue<>(Comparator.comparing(Uses::first, Use.ORDER));
        lists().stream().filter(Uses::hasMore).forEach(lists::add);
        while (!lists.isEmpty()) {
            Uses next = lists.remove();
            walk(next.first());
            next.advance();
            if (next.hasMore()) {
                lists.add(next);
            }
        }
        checkOwnFamilies();
    }

    private List<Uses> lists() {
        List<Uses> lists = new ArrayList<>();
        lists.add(Uses.of(vnet.list(ConfigKeys.MEMBERS), p -> new Use(Role.MEMBER, p.value(), "", false, p.spot())));
        for (Fields remote : vnet.values(ConfigKeys.REMOTE)) {
            String peer = remote.value(ConfigKeys.REMOTE_PEER).orElse("");
            lists.add(Uses.of(
                    remote.list(ConfigKeys.REMOTE_PREFIXES),
                    p -> new Use(Role.REMOTE, p.value(), peer, false, p.spot())));
        }
        lists.add(new Uses(others().stream().sorted(Use.ORDER).iterator()));
        return lists;
    }

    private List<Use> others() {
        List<Use> uses = new ArrayList<>();
        for (Fields rule : vnet.values(ConfigKeys.TRANSLATE)) {
            String peer = rule.value(ConfigKeys.TRANSLATE_PEER).orElse("");
            Optional<Prefix> local = rule.value(ConfigKeys.TRANSLATE_LOCAL);
            boolean isSame = local.isPresent() && local.equals(rule.value(ConfigKeys.TRANSLATE_AS));
            rule.find(ConfigKeys.TRANSLATE_LOCAL)
                    .ifPresent(p -> uses.add(new Use(Role.LOCAL, p.value(), peer, isSame, p.spot())));
            rule.find(ConfigKeys.TRANSLATE_AS)
                    .ifPresent(p -> uses.add(new Use(Role.ALIAS, p.value(), peer, isSame, p.spot())));
        }
        AttachmentChecks.ownAddresses(vnet).forEach(p -> uses.add(new Use(Role.OWN, p.value(), "", false, p.spot())));
        return uses;
    }

    /** Compares with what encloses the prefix; what it encloses itself comes later. */
    private void walk(Use use) {
        switch (use.role) {
            case MEMBER -> {
                nestedOrEqual(use, members.enclosing(use.prefix));
                apart(use, remotes.enclosing(use.prefix));
                apart(use, aliases.enclosing(use.prefix));
                sameHost(use, own.enclosing(use.prefix));
                members.open(use.prefix, use);
            }
            case REMOTE -> {
                apart(use, members.enclosing(use.prefix));
                nestedOrEqual(use, remotes.enclosing(use.prefix));
                apart(use, aliases.enclosing(use.prefix));
                apart(use, own.enclosing(use.prefix));
                remotes.open(use.prefix, use);
            }
            case LOCAL -> {
                PrefixOrder<Use> ofPeer = localsByPeer.computeIfAbsent(use.peer, peer -> new PrefixOrder<>());
                apart(use, ofPeer.enclosing(use.prefix));
                ofPeer.open(use.prefix, use);
            }
            case ALIAS -> {
                PrefixOrder<Use> ofPeer = aliasesByPeer.computeIfAbsent(use.peer, peer -> new PrefixOrder<>());
                apart(use, members.enclosing(use.prefix));
                apart(use, remotes.enclosing(use.prefix));
                apart(use, ofPeer.enclosing(use.prefix));
                apart(use, own.enclosing(use.prefix));
                aliases.open(use.prefix, use);
                ofPeer.open(use.prefix, use);
            }
            case OWN -> {
                sameHost(use, members.enclosing(use.prefix));
                apart(use, remotes.enclosing(use.prefix));
                apart(use, aliases.enclosing(use.prefix));
                nestedOrEqual(use, own.enclosing(use.prefix));
                own.open(use.prefix, use);
            }
        }
    }

    /** The two may have no address in common. */
    private void apart(Use use, @Nullable Use other) {
        // A member that a site sees by its own address is an alias of itself.
        boolean isItself = other != null
                && (use.isSame || other.isSame)
                && use.role != Role.LOCAL
                && use.role != other.role
                && use.role != Role.REMOTE
                && other.role != Role.REMOTE;
        if (other == null || isItself) {
            return;
        }
        boolean isLater = other.isBefore(use);
        Use later = isLater ? use : other;
        Use earlier = isLater ? other : use;
        problems.error(
                later.spot,
                "%s %s %s"
                        .formatted(
                                later.prefix,
                                later.prefix.equals(earlier.prefix) ? "is also" : "overlaps",
                                earlier.text()),
                "in line %d; one address can mean one thing only".formatted(earlier.spot.line()));
    }

    /** Equal ones are an error, nested ones of two sites or of one are odd. */
    private void nestedOrEqual(Use use, @Nullable Use other) {
        if (other == null) {
            return;
        }
        if (use.prefix.equals(other.prefix) && use.peer.equals(other.peer)) {
            problems.error(use.spot, use.prefix + " is there twice", "remove it; it is in line " + other.spot.line());
        } else if (use.prefix.equals(other.prefix)) {
            apart(use, other);
        } else if (use.peer.equals(other.peer)) {
            problems.warning(
                    use.spot, "%s is inside %s".formatted(use.prefix, other.prefix), "one of the two is enough");
        } else {
            problems.warning(
                    use.spot,
                    "%s is inside %s".formatted(use.prefix, other.text()),
                    "the narrower prefix wins: these addresses are at " + use.peer);
        }
    }

    /** The gateway's own address may be inside members' prefixes, but is no member. */
    private void sameHost(Use use, @Nullable Use other) {
        if (other != null && use.prefix.equals(other.prefix)) {
            apart(use, other);
        }
    }

    private void checkOwnFamilies() {
        Set<Boolean> families = new HashSet<>();
        for (Located<Prefix> address : AttachmentChecks.ownAddresses(vnet)) {
            if (!families.add(address.value().network().isIpv4())) {
                problems.error(
                        address.spot(),
                        "a second address of one family",
                        "one IPv4 and one IPv6 address are all that is used");
            }
        }
        if (AttachmentChecks.link(vnet).isPresent()) {
            // Who is of a family without an address is not on the link, and that is an error.
            return;
        }
        Set<Boolean> warned = new HashSet<>(families);
        for (Located<Prefix> member : vnet.list(ConfigKeys.MEMBERS)) {
            boolean isIpv4 = member.value().network().isIpv4();
            if (!families.isEmpty() && warned.add(isIpv4)) {
                problems.warning(
                        member.spot(),
                        "there are %s members, but the gateway has no such address in the V-net"
                                .formatted(isIpv4 ? "IPv4" : "IPv6"),
                        "add one to attach.tun.address, or packets that are too big vanish without a word");
            }
        }
    }

    /** In the order in which equal prefixes are compared. */
    private enum Role {
        MEMBER,
        LOCAL,
        REMOTE,
        ALIAS,
        OWN
    }

    /** Uses in the order of the walk, made one by one. */
    private static final class Uses {
        private final Iterator<Use> rest;
        private @Nullable Use first;

        Uses(Iterator<Use> sorted) {
            rest = sorted;
            advance();
        }

        /** Those of a list of the file. */
        static Uses of(List<Located<Prefix>> list, Function<Located<Prefix>, Use> use) {
            PrefixList.Builder prefixes = new PrefixList.Builder();
            list.forEach(prefix -> prefixes.add(prefix.value()));
            int[] sorted = prefixes.build().sortedIndices();
            return new Uses(IntStream.of(sorted).mapToObj(list::get).map(use).iterator());
        }

        boolean hasMore() {
            return first != null;
        }

        Use first() {
            return Objects.requireNonNull(first);
        }

        void advance() {
            first = rest.hasNext() ? rest.next() : null;
        }
    }

    /**
     * One use of a prefix.
     *
     * @param peer the site it has to do with, or empty
     * @param isSame whether it belongs to a rule that translates members to themselves
     */
    private record Use(Role role, Prefix prefix, String peer, boolean isSame, Spot spot) {
        /** The order of the walk. */
        static final Comparator<Use> ORDER = Comparator.comparing(Use::prefix, PrefixList.ORDER)
                .thenComparing(Use::role)
                .thenComparingInt(use -> use.spot.line())
                .thenComparingInt(use -> use.spot.column());

        boolean isBefore(Use other) {
            return spot.line() != other.spot.line()
                    ? spot.line() < other.spot.line()
                    : spot.column() < other.spot.column();
        }

        String text() {
            return switch (role) {
                case MEMBER -> "our members' " + prefix;
                case LOCAL -> "%s, translated for %s".formatted(prefix, peer);
                case REMOTE -> "%s at %s".formatted(prefix, peer);
                case ALIAS -> "%s, by which %s sees our members".formatted(prefix, peer);
                case OWN -> "the gateway's own " + prefix.network();
            };
        }
    }
}
