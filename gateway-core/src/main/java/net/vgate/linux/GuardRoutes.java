package net.vgate.linux;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import net.vgate.packet.Prefix;

/**
 * The {@code unreachable} routes beneath the routes to devices: what they lead nowhere does not leave in clear when the
 * device is gone. They are noted down before they are made, so that a later host finds them.
 */
final class GuardRoutes {
    /** The routes' protocol field, free in iproute2's rt_protos: shows an operator whose they are. */
    static final int PROTOCOL = 118;

    private static final String FILE = "guards";
    private static final String OWN_NAMESPACE = "-";

    /** The worst metric that there is: any route that leads somewhere goes before. */
    private static final String ROUTE = "unreachable %s metric 4294967295 proto " + PROTOCOL;

    private final RuntimeFolder folder;
    private final Set<Guard> guards = new LinkedHashSet<>();

    /** One route, in one namespace. */
    record Guard(NetworkNamespace namespace, Prefix prefix) {
        private String line() {
            return namespace.name().orElse(OWN_NAMESPACE) + " " + prefix;
        }

        private static Optional<Guard> parse(String line) {
            int space = line.indexOf(' ');
            Optional<String> name =
                    Optional.of(line.substring(0, Math.max(0, space))).filter(text -> !text.equals(OWN_NAMESPACE));
            return Prefix.parse(line.substring(space + 1)).map(prefix -> new Guard(new NetworkNamespace(name), prefix));
        }
    }

    GuardRoutes(RuntimeFolder folder) {
        this.folder = folder;
        folder.read(FILE).forEach(line -> Guard.parse(line).ifPresent(guards::add));
    }

    /** Installs those of {@code prefixes} in {@code namespace}; ones that are there stay. */
    void install(NetworkNamespace namespace, List<Prefix> prefixes) {
        prefixes.forEach(prefix -> guards.add(new Guard(namespace, prefix)));
        save();
        namespace.ip(prefixes.stream()
                .map(prefix -> "route replace " + ROUTE.formatted(prefix))
                .toList());
    }

    /** Whether there is one for {@code prefix} in {@code namespace}. */
    boolean has(NetworkNamespace namespace, Prefix prefix) {
        return guards.contains(new Guard(namespace, prefix));
    }

    /** Takes away those of {@code prefixes} in {@code namespace}. */
    void remove(NetworkNamespace namespace, Collection<Prefix> prefixes) {
        if (namespace.exists()) {
            namespace.ipEach(prefixes.stream()
                    .map(prefix -> "route del " + ROUTE.formatted(prefix))
                    .toList());
        }
        prefixes.forEach(prefix -> guards.remove(new Guard(namespace, prefix)));
        save();
    }

    /** Forgets those in {@code namespace}, which is gone. */
    void forget(NetworkNamespace namespace) {
        guards.removeIf(guard -> guard.namespace().equals(namespace));
        save();
    }

    /** Takes away all but {@code kept}. */
    void purge(Set<Guard> kept) {
        Map<NetworkNamespace, List<Prefix>> leaving = guards.stream()
                .filter(guard -> !kept.contains(guard))
                .collect(Collectors.groupingBy(
                        Guard::namespace, Collectors.mapping(Guard::prefix, Collectors.toList())));
        leaving.forEach(this::remove);
    }

    private void save() {
        folder.write(FILE, guards.stream().map(Guard::line).toList());
    }
}
