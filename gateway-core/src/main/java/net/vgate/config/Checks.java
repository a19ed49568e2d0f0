package net.vgate.config;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Everything that has to fit together across the file. Values that could not be understood are left out. */
final class Checks {
    private Checks() {}

    static void all(Fields root, PolicyTests tests, Problems problems) {
        new PeerChecks(root, problems).check();
        new ClassChecks(root, problems).check();
        new VtepChecks(root, problems).check();
        new RelayChecks(root, problems).check();
        checkNumbersOfVnets(root, problems);
        for (Located<Fields> vnet : root.list(ConfigKeys.VNETS)) {
            checkKind(vnet.value(), problems);
            new AttachmentChecks(vnet.value(), problems).check();
            checkMembership(root, vnet.value(), problems);
            new AddressChecks(vnet.value(), problems).check();
            new TranslationChecks(vnet.value(), problems).check();
            new TargetChecks(vnet.value(), problems).check();
            new PolicyChecks(vnet.value(), tests, problems).check();
        }
        new NamespaceChecks(root, problems).check();
        new SettingChecks(root, problems).check();
    }

    private static void checkNumbersOfVnets(Fields root, Problems problems) {
        List<Fields> vnets = root.values(ConfigKeys.VNETS);
        unique(
                vnets.stream()
                        .flatMap(v -> v.find(ConfigKeys.VNET_NAME).stream())
                        .toList(),
                "name",
                problems);
        unique(vnets.stream().flatMap(v -> v.find(ConfigKeys.VNI).stream()).toList(), "VNI", problems);
    }

    private static void checkKind(Fields vnet, Problems problems) {
        vnet.find(ConfigKeys.KIND)
                .filter(kind -> kind.value() == GatewayConfig.Kind.L2)
                .ifPresent(kind -> problems.error(kind.spot(), "kind l2 is not available in this version", "write l3"));
    }

    private static void checkMembership(Fields root, Fields vnet, Problems problems) {
        vnet.find(ConfigKeys.MEMBERSHIP)
                .filter(membership -> membership.value() && !root.wrote(ConfigKeys.DIRECTORY))
                .ifPresent(membership -> problems.error(
                        membership.spot(),
                        "there is no directory to list members",
                        "add directory: {file: /var/lib/vgate/"
                                + root.value(ConfigKeys.SITE).orElse("SITE") + ".directory} to the file"));
    }

    /** Whether {@code group} has exactly one of the keys for the two directions; says so if not. */
    static boolean hasOneDirection(Fields group, Spot spot, Key<?> out, Key<?> in, Problems problems) {
        boolean isOut = group.wrote(out);
        if (isOut != group.wrote(in)) {
            return true;
        }
        problems.error(
                spot,
                isOut ? "has both out and in" : "has neither out nor in",
                "begin it with out: PROTOCOL or in: PROTOCOL");
        return false;
    }

    /** Says of each value that was there before. */
    static <T> void unique(List<Located<T>> values, String what, Problems problems) {
        Map<T, Spot> first = new HashMap<>();
        for (Located<T> value : values) {
            Spot before = first.putIfAbsent(value.value(), value.spot());
            if (before != null) {
                String found = "%s %s is there already, in line %d".formatted(what, value.value(), before.line());
                problems.error(value.spot(), found, "each is there once");
            }
        }
    }

    /** The names in {@code groups} at {@code key}. */
    static Set<String> names(List<Fields> groups, Key<String> key) {
        Set<String> names = new HashSet<>();
        groups.forEach(group -> group.value(key).ifPresent(names::add));
        return names;
    }
}
