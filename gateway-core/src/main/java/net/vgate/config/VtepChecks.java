package net.vgate.config;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import net.vgate.record.SocketText;

/** VTEP ports: each alone on its address, there where a V-net names one, and with locators that it can send to. */
final class VtepChecks {
    private final Fields root;
    private final Problems problems;
    private final Map<String, Fields> ports = new HashMap<>();

    VtepChecks(Fields root, Problems problems) {
        this.root = root;
        this.problems = problems;
        root.values(ConfigKeys.VTEP_PORTS)
                .forEach(port -> port.value(AttachmentKeys.PORT_NAME).ifPresent(name -> ports.putIfAbsent(name, port)));
    }

    void check() {
        List<Fields> all = root.values(ConfigKeys.VTEP_PORTS);
        List<Located<String>> names = all.stream()
                .flatMap(port -> port.find(AttachmentKeys.PORT_NAME).stream())
                .toList();
        Checks.unique(names, "port", problems);
        Checks.unique(all.stream().flatMap(port -> socket(port).stream()).toList(), "a VTEP port at", problems);
        all.forEach(this::checkListening);
        Map<String, List<Located<Integer>>> vnis = new HashMap<>();
        for (Fields vnet : root.values(ConfigKeys.VNETS)) {
            vtep(vnet).ifPresent(vtep -> {
                checkVnet(vnet, vtep);
                vni(vnet, vtep)
                        .ifPresent(vni -> vtep.value(AttachmentKeys.PORT)
                                .ifPresent(port -> vnis.computeIfAbsent(port, unknown -> new ArrayList<>())
                                        .add(vni)));
            });
        }
        vnis.forEach((port, numbers) -> Checks.unique(numbers, "at port " + port + " VNI", problems));
        names.stream()
                .filter(name -> !vnis.containsKey(name.value()))
                .forEach(name -> problems.warning(
                        name.spot(), "no V-net is attached there", "name it in a V-net's attach.vtep, or remove it"));
    }

    private static Optional<Fields> vtep(Fields vnet) {
        return vnet.value(ConfigKeys.ATTACH).flatMap(attach -> attach.value(AttachmentKeys.VTEP));
    }

    private static Optional<Located<Integer>> vni(Fields vnet, Fields vtep) {
        return vtep.find(AttachmentKeys.PORT_VNI)
                .or(() -> vnet.find(ConfigKeys.VNI).map(vni -> new Located<>(vni.value(), vtep.spot())));
    }

    /** Where a port listens, in words. */
    private static Optional<Located<String>> socket(Fields port) {
        return address(port).map(address -> new Located<>(SocketText.of(address), port.spotOf(AttachmentKeys.LOCATOR)));
    }

    private static Optional<InetSocketAddress> address(Fields port) {
        return port.value(AttachmentKeys.LOCATOR)
                .filter(own -> port.value(AttachmentKeys.ENCAPSULATION).isPresent())
                .map(own -> new InetSocketAddress(own.network().toInetAddress(), ConfigBuilder.udpPort(port)));
    }

    /** The kernel gives an address and port, or all addresses and the port, to one socket at a time. */
    private void checkListening(Fields port) {
        List<InetSocketAddress> listen = root.value(ConfigKeys.LISTEN)
                .map(one -> one.values(ConfigKeys.LISTEN_UDP))
                .orElse(List.of());
        address(port)
                .ifPresent(own -> listen.stream()
                        .filter(other -> other.getPort() == own.getPort()
                                && other.getAddress().getClass()
                                        == own.getAddress().getClass()
                                && (other.getAddress().isAnyLocalAddress()
                                        || other.getAddress().equals(own.getAddress())))
                        .findFirst()
                        .ifPresent(other -> problems.error(
                                port.spotOf(AttachmentKeys.LOCATOR),
                                SocketText.of(own) + " is where listen.udp listens",
                                "choose another udp-port")));
    }

    private void checkVnet(Fields vnet, Fields vtep) {
        vtep.find(AttachmentKeys.PORT).ifPresent(name -> {
            Fields port = ports.get(name.value());
            if (port == null) {
                problems.error(
                        name.spot(),
                        "there is no VTEP port " + name.value(),
                        Suggestion.forName(name.value(), ports.keySet(), "add it under vtep-ports"));
            } else {
                checkLocators(vtep, port);
            }
        });
        vnet.find(ConfigKeys.VNET_CLASS)
                .filter(name -> demandsProtection(name.value()))
                .ifPresent(name -> problems.error(
                        vtep.spot(),
                        "class %s demands protected legs, and a VTEP port's are in clear".formatted(name.value()),
                        "attach the V-net by tun or tap, or give it another class"));
    }

    private boolean demandsProtection(String className) {
        return root.values(ConfigKeys.CLASSES).stream()
                .filter(one -> one.value(ConfigKeys.CLASS_NAME).equals(Optional.of(className)))
                .anyMatch(one -> one.value(ConfigKeys.CLASS_PROTECTED_LEGS).orElse(false));
    }

    private void checkLocators(Fields vtep, Fields port) {
        List<Located<Prefix>> locators = vtep.list(AttachmentKeys.LOCATORS);
        Checks.unique(
                locators.stream()
                        .map(one -> new Located<>(one.value().network(), one.spot()))
                        .toList(),
                "locator",
                problems);
        Optional<IpAddress> own = port.value(AttachmentKeys.LOCATOR).map(Prefix::network);
        for (Located<Prefix> locator : locators) {
            IpAddress address = locator.value().network();
            if (own.isPresent() && own.get().equals(address)) {
                problems.error(
                        locator.spot(), address + " is the port's own locator", "list those of the switches alone");
            } else if (own.isPresent() && own.get().isIpv4() != address.isIpv4()) {
                problems.error(
                        locator.spot(),
                        "%s is not of the family of the port's own locator, %s".formatted(address, own.get()),
                        "make a port for each family");
            }
        }
    }
}
