package net.vgate.config;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import net.vgate.record.AeadAlgorithm;
import net.vgate.tunnel.TunnelClass;
import org.jspecify.annotations.Nullable;

/** Classes of tunnels: named once, there where a V-net names one, and such that a tunnel can meet them. */
final class ClassChecks {
    private final Fields root;
    private final Problems problems;
    private final Map<String, Fields> classes = new HashMap<>();

    ClassChecks(Fields root, Problems problems) {
        this.root = root;
        this.problems = problems;
        root.values(ConfigKeys.CLASSES)
                .forEach(one -> one.value(ConfigKeys.CLASS_NAME).ifPresent(name -> classes.putIfAbsent(name, one)));
    }

    void check() {
        List<Fields> all = root.values(ConfigKeys.CLASSES);
        List<Located<String>> names = all.stream()
                .flatMap(one -> one.find(ConfigKeys.CLASS_NAME).stream())
                .toList();
        Checks.unique(names, "class", problems);
        names.stream()
                .filter(name -> name.value().equals(TunnelClass.DEFAULT.name()))
                .forEach(name ->
                        problems.error(name.spot(), "is the class of V-nets that name none", "choose another name"));
        all.forEach(this::checkCiphers);
        root.values(ConfigKeys.VNETS).forEach(this::checkVnet);
        Set<String> used = Checks.names(root.values(ConfigKeys.VNETS), ConfigKeys.VNET_CLASS);
        names.stream()
                .filter(name -> !used.contains(name.value()))
                .forEach(name ->
                        problems.warning(name.spot(), "no V-net is of this class", "name it at a V-net, or remove it"));
        root.values(ConfigKeys.PEERS).forEach(this::checkPeer);
    }

    private void checkCiphers(Fields one) {
        List<Located<AeadAlgorithm>> ciphers = one.list(ConfigKeys.CLASS_CIPHERS);
        Checks.unique(ciphers, "cipher", problems);
        if (!ciphers.isEmpty() && accepted(one).isEmpty()) {
            problems.error(
                    one.spotOf(ConfigKeys.CLASS_CIPHERS),
                    "none of these is among crypto.ciphers, so no tunnel can meet this class",
                    "add one of them there");
        }
    }

    private void checkVnet(Fields vnet) {
        vnet.find(ConfigKeys.VNET_CLASS)
                .filter(name -> !classes.containsKey(name.value()))
                .ifPresent(name -> problems.error(
                        name.spot(),
                        "there is no class " + name.value(),
                        Suggestion.forName(name.value(), classes.keySet(), "add it under classes")));
    }

    /** A tunnel has one cipher at a time, which is to do for all V-nets that it may carry. */
    private void checkPeer(Fields peer) {
        Map<String, String> classByVnet = root.values(ConfigKeys.VNETS).stream()
                .filter(vnet -> vnet.value(ConfigKeys.VNET_NAME).isPresent()
                        && vnet.value(ConfigKeys.VNET_CLASS)
                                .filter(classes::containsKey)
                                .isPresent())
                .collect(Collectors.toMap(
                        vnet -> vnet.get(ConfigKeys.VNET_NAME), vnet -> vnet.get(ConfigKeys.VNET_CLASS), (a, b) -> a));
        Set<AeadAlgorithm> common = EnumSet.allOf(AeadAlgorithm.class);
        for (Located<String> vnet : peer.list(ConfigKeys.PEER_VNETS)) {
            Fields demanded = classes.get(classByVnet.getOrDefault(vnet.value(), ""));
            if (demanded == null || accepted(demanded).isEmpty()) {
                continue;
            }
            common.retainAll(accepted(demanded));
            if (common.isEmpty()) {
                problems.error(
                        vnet.spot(),
                        "V-net %s is of class %s, which accepts no cipher that the V-nets before it accept"
                                .formatted(vnet.value(), demanded.get(ConfigKeys.CLASS_NAME)),
                        "a tunnel has one cipher: give the classes one in common");
                return;
            }
        }
        warnOfTcpOnly(peer, classByVnet);
    }

    private void warnOfTcpOnly(Fields peer, Map<String, String> classByVnet) {
        List<Fields> gateways = peer.values(ConfigKeys.PEER_GATEWAYS);
        boolean isCalledByTcp = !gateways.isEmpty()
                && gateways.stream()
                        .allMatch(gateway -> gateway.find(ConfigKeys.PEER_GATEWAY_UDP)
                                        .isEmpty()
                                && gateway.find(ConfigKeys.PEER_GATEWAY_TCP).isPresent());
        peer.list(ConfigKeys.PEER_VNETS).stream()
                .filter(vnet -> isCalledByTcp && needsUdp(classByVnet.get(vnet.value())))
                .forEach(vnet -> problems.warning(
                        vnet.spot(),
                        "V-net %s travels over UDP only, and this peer is called by TCP".formatted(vnet.value()),
                        "add udp to its gateways, unless they call this one"));
    }

    private boolean needsUdp(@Nullable String name) {
        Fields one = name == null ? null : classes.get(name);
        return one != null && one.value(ConfigKeys.CLASS_LEAST_RUNG).orElse(false);
    }

    /** What the class accepts of what this gateway offers. */
    private Set<AeadAlgorithm> accepted(Fields one) {
        List<AeadAlgorithm> offered = root.value(ConfigKeys.CRYPTO)
                .map(crypto -> crypto.values(ConfigKeys.CIPHERS))
                .orElse(List.of());
        List<AeadAlgorithm> wanted = one.values(ConfigKeys.CLASS_CIPHERS);
        Set<AeadAlgorithm> accepted = EnumSet.allOf(AeadAlgorithm.class);
        if (!offered.isEmpty()) {
            accepted.retainAll(offered);
        }
        if (!wanted.isEmpty()) {
            accepted.retainAll(wanted);
        }
        return accepted;
    }
}
