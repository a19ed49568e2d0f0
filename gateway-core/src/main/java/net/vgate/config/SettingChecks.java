package net.vgate.config;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.vgate.config.GatewayConfig.Listen;
import net.vgate.record.SocketText;

/** Settings that have to fit together, and a word where there is nothing to do. */
final class SettingChecks {
    /** Of the 108 bytes of unix(7)'s sun_path one is the closing zero, and the JDK leaves another one. */
    private static final int MAX_SOCKET_PATH = 106;

    /** RFC 8200 section 5: a link that carries IPv6 carries packets of this size. */
    private static final int IPV6_MIN_MTU = 1_280;

    private final Fields root;
    private final Problems problems;

    SettingChecks(Fields root, Problems problems) {
        this.root = root;
        this.problems = problems;
    }

    void check() {
        checkListening();
        checkSocketPath();
        root.value(ConfigKeys.CRYPTO)
                .ifPresent(crypto -> Checks.unique(crypto.list(ConfigKeys.CIPHERS), "cipher", problems));
        root.values(ConfigKeys.VNETS).forEach(this::checkMtu);
        boolean isRelay = !root.list(ConfigKeys.RELAY).isEmpty();
        if (root.list(ConfigKeys.VNETS).isEmpty() && !root.wrote(ConfigKeys.VNETS) && !isRelay) {
            problems.warning(root.spotOf(ConfigKeys.VNETS), "is missing, so there is nothing to do", "add a V-net");
        }
    }

    private void checkListening() {
        root.value(ConfigKeys.LISTEN).ifPresent(this::checkUdp);
        Optional<Located<InetSocketAddress>> tcp =
                root.value(ConfigKeys.LISTEN).flatMap(listen -> listen.find(ConfigKeys.LISTEN_TCP));
        Optional<Located<InetSocketAddress>> http =
                root.value(ConfigKeys.OBSERVE).flatMap(observe -> observe.find(ConfigKeys.HTTP));
        if (tcp.isPresent()
                && http.isPresent()
                && tcp.get().value().equals(http.get().value())) {
            problems.error(http.get().spot(), "listen.tcp listens there", "choose another port");
        }
    }

    private void checkUdp(Fields listen) {
        List<Located<InetSocketAddress>> udp = listen.list(ConfigKeys.LISTEN_UDP);
        Checks.unique(
                udp.stream()
                        .map(one -> new Located<>(SocketText.of(one.value()), one.spot()))
                        .toList(),
                "address",
                problems);
        if (udp.size() > Listen.MAX_UDP) {
            problems.error(
                    listen.spotOf(ConfigKeys.LISTEN_UDP),
                    udp.size() + " addresses to listen on",
                    "list up to " + Listen.MAX_UDP);
        }
        udp.forEach(one -> checkCovered(one, udp));
    }

    /** The kernel gives a port of every address and the same port of one to nobody at once. */
    private void checkCovered(Located<InetSocketAddress> one, List<Located<InetSocketAddress>> all) {
        InetSocketAddress own = one.value();
        all.stream()
                .map(Located::value)
                .filter(every -> every.getAddress().isAnyLocalAddress() && every.getPort() == own.getPort())
                .filter(every -> !every.equals(own)
                        && every.getAddress().getClass() == own.getAddress().getClass())
                .forEach(every -> problems.error(
                        one.spot(),
                        SocketText.of(every) + " is there as well, and is every address",
                        "remove one of them"));
    }

    private void checkSocketPath() {
        Path socket = ConfigBuilder.socket(root, Path.of("/"));
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_SOCKET_PATH) {
            Spot spot = root.value(ConfigKeys.CONTROL)
                    .map(control -> control.spotOf(ConfigKeys.SOCKET))
                    .orElse(root.spot());
            problems.error(spot, length + " bytes are too long for a socket's path", "write a shorter one");
        }
    }

    private void checkMtu(Fields vnet) {
        Optional<Fields> attach = vnet.value(ConfigKeys.ATTACH);
        Optional<Located<Integer>> mtu = attach.flatMap(one -> one.value(AttachmentKeys.TUN))
                .flatMap(tun -> tun.find(AttachmentKeys.MTU))
                .or(() -> attach.flatMap(one -> one.value(AttachmentKeys.TAP))
                        .flatMap(tap -> tap.find(AttachmentKeys.TAP_MTU)))
                .or(() -> attach.flatMap(one -> one.value(AttachmentKeys.VTEP))
                        .flatMap(vtep -> vtep.find(AttachmentKeys.VTEP_MTU)));
        if (mtu.isEmpty()) {
            return;
        }
        int inner = mtu.get().value();
        int path = root.value(ConfigKeys.TUNNEL)
                .flatMap(tunnel -> tunnel.value(ConfigKeys.PATH_MTU))
                .orElse(Integer.MAX_VALUE);
        boolean isFragmented = vnet.value(ConfigKeys.FRAGMENT).orElse(false);
        if (inner > path && !isFragmented) {
            problems.error(
                    mtu.get().spot(),
                    "%d is more than the %d bytes of tunnel.path-mtu".formatted(inner, path),
                    "leave it out, and what fits is taken; or add fragment: true to the V-net");
        }
        boolean hasIpv6 = new PrefixSet(vnet.values(ConfigKeys.MEMBERS)).hasIpv6();
        if (hasIpv6 && inner < IPV6_MIN_MTU) {
            problems.error(mtu.get().spot(), inner + " is too small for the IPv6 members", "write 1280 at least");
        }
    }
}
