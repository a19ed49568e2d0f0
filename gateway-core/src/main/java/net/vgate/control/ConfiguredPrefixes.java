package net.vgate.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.vgate.config.GatewayConfig.AddressLines;
import net.vgate.config.GatewayConfig.Remote;
import net.vgate.config.GatewayConfig.Translation;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.observe.AddressReport.Written;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;

/** Where a V-net's configuration has what the data path has found, with lines. Immutable. */
final class ConfiguredPrefixes {
    private final Vnet vnet;

    ConfiguredPrefixes(Vnet vnet) {
        this.vnet = vnet;
    }

    /** The longest prefix of {@code members} that has the address. */
    Optional<Written> member(IpAddress address) {
        return longest(address, vnet.members(), vnet.addressLines().members());
    }

    /** The longest prefix of the peer's {@code remote} that has the address. */
    Optional<Written> remote(String peer, IpAddress address) {
        Optional<Written> found = Optional.empty();
        int length = -1;
        for (int i = 0; i < vnet.remote().size(); i++) {
            Remote remote = vnet.remote().get(i);
            if (remote.peer().equals(peer)) {
                int at = indexOfLongest(address, remote.prefixes());
                if (at >= 0 && remote.prefixes().get(at).length() > length) {
                    length = remote.prefixes().get(at).length();
                    found = Optional.of(written(remote.prefixes(), at, remoteLines(i)));
                }
            }
        }
        return found;
    }

    /** The prefixes of one family that the V-net has as members. */
    PrefixList members(boolean ipv4) {
        return ofFamily(ipv4, List.of(vnet.members()));
    }

    /** The prefixes of one family that the peer's members are known by. */
    PrefixList remotes(String peer, boolean ipv4) {
        return ofFamily(
                ipv4,
                vnet.remote().stream()
                        .filter(remote -> remote.peer().equals(peer))
                        .map(Remote::prefixes)
                        .toList());
    }

    private static PrefixList ofFamily(boolean ipv4, List<List<Prefix>> lists) {
        PrefixList.Builder builder = new PrefixList.Builder();
        for (List<Prefix> list : lists) {
            for (Prefix prefix : list) {
                if (prefix.network().isIpv4() == ipv4) {
                    builder.add(prefix);
                }
            }
        }
        return builder.build();
    }

    /** The first {@code most} of these, with lines. */
    List<Written> someRemotes(String peer, boolean ipv4, int most) {
        List<Written> some = new ArrayList<>();
        for (int i = 0; i < vnet.remote().size(); i++) {
            Remote remote = vnet.remote().get(i);
            for (int at = 0;
                    remote.peer().equals(peer) && at < remote.prefixes().size() && some.size() < most;
                    at++) {
                if (remote.prefixes().get(at).network().isIpv4() == ipv4) {
                    some.add(written(remote.prefixes(), at, remoteLines(i)));
                }
            }
        }
        return some;
    }

    /** The peer's translations. */
    List<Translation> translations(String peer) {
        return vnet.translate().stream()
                .filter(rule -> rule.peer().equals(peer))
                .toList();
    }

    /** The rules by which a peer sees our members. */
    List<Written> translateRules(String peer) {
        List<Written> rules = new ArrayList<>();
        for (int i = 0; i < vnet.translate().size(); i++) {
            if (vnet.translate().get(i).peer().equals(peer)) {
                rules.add(translation(i));
            }
        }
        return rules;
    }

    /** The rule that gives our member its alias. */
    Optional<Written> translationOf(String peer, IpAddress own) {
        for (int i = 0; i < vnet.translate().size(); i++) {
            Translation rule = vnet.translate().get(i);
            if (rule.peer().equals(peer) && rule.local().contains(own)) {
                return Optional.of(translation(i));
            }
        }
        return Optional.empty();
    }

    private Written translation(int index) {
        Translation rule = vnet.translate().get(index);
        return new Written(
                rule.local() + " as " + rule.as(),
                AddressLines.line(vnet.addressLines().translate(), index).orElse(null));
    }

    private List<Integer> remoteLines(int index) {
        List<List<Integer>> lines = vnet.addressLines().remote();
        return index < lines.size() ? lines.get(index) : List.of();
    }

    private static Optional<Written> longest(IpAddress address, List<Prefix> prefixes, List<Integer> lines) {
        int at = indexOfLongest(address, prefixes);
        return at < 0 ? Optional.empty() : Optional.of(written(prefixes, at, lines));
    }

    private static int indexOfLongest(IpAddress address, List<Prefix> prefixes) {
        int found = -1;
        int length = -1;
        for (int i = 0; i < prefixes.size(); i++) {
            Prefix prefix = prefixes.get(i);
            if (prefix.length() > length && prefix.contains(address)) {
                found = i;
                length = prefix.length();
            }
        }
        return found;
    }

    private static Written written(List<Prefix> prefixes, int at, List<Integer> lines) {
        return new Written(
                prefixes.get(at).toString(), AddressLines.line(lines, at).orElse(null));
    }
}
