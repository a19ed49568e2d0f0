package net.vgate.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.vgate.observe.Quantity;
import net.vgate.observe.StatusReport;
import net.vgate.observe.StatusReport.Drop;
import net.vgate.observe.StatusReport.Failure;
import net.vgate.observe.StatusReport.Limit;
import net.vgate.observe.StatusReport.Name;
import net.vgate.observe.StatusReport.Path;
import net.vgate.observe.StatusReport.Reload;
import net.vgate.observe.StatusReport.Rule;
import net.vgate.observe.StatusReport.Site;
import net.vgate.observe.StatusReport.Translation;
import net.vgate.observe.StatusReport.Tunnel;
import net.vgate.observe.StatusReport.Vnet;
import org.jspecify.annotations.Nullable;

/** A gateway's status as tables. What needs a person's eye is coloured. */
final class StatusText {
    /** Before this much time is left, a certificate's end is worth a colour. */
    private static final Duration SOON = Duration.ofDays(30);

    /** Of the V-nets that a tunnel does not carry, as many are named. */
    private static final int SHOWN_REFUSED = 10;

    private final StatusReport report;
    private final Instant now;
    private final Ink ink;
    private final StringBuilder text = new StringBuilder();

    private StatusText(StatusReport report, Ink ink) {
        this.report = report;
        this.ink = ink;
        now = report.gateway().started().plusMillis((long) (report.gateway().uptimeSeconds() * 1e3));
    }

    static String of(StatusReport report, Ink ink) {
        StatusText status = new StatusText(report, ink);
        status.addGateway();
        status.addConfiguration();
        status.addOffloads();
        status.addTunnels();
        status.addVnets();
        status.addTranslations();
        status.addLimits();
        status.addPolicy();
        status.addDrops();
        return status.text.toString();
    }

    private void addGateway() {
        StatusReport.Gateway gateway = report.gateway();
        text.append(ink.bold("gateway " + gateway.name() + " of site " + gateway.site()))
                .append(": up ")
                .append(Quantity.age(gateway.uptimeSeconds()))
                .append(", UDP ")
                .append(gateway.udp())
                .append(", vgate ")
                .append(gateway.version())
                .append('\n');
        line("certificate: " + expiry(gateway.certificateExpires()), inkFor(gateway.certificateExpires()));
        gateway.revocationLists().stream()
                .filter(list -> list.nextUpdate().isBefore(now))
                .forEach(list -> line(
                        "revocation list of " + list.authority() + ": its successor is overdue for "
                                + Quantity.age(secondsSince(list.nextUpdate())),
                        ink::yellow));
        StatusReport.Aead aead = gateway.aead();
        line(
                "AES-GCM: " + aead.provider() + " " + aead.version()
                        + (aead.whyNotFaster() == null ? "" : ", since " + aead.whyNotFaster()),
                UnaryOperator.identity());
        if (gateway.draining()) {
            line("DRAINING: peers are asked to send flows elsewhere; vgate drain --undo ends it", ink::yellow);
        }
        if (gateway.keyLog() != null) {
            line(
                    "KEY LOG: session keys are written to " + gateway.keyLog()
                            + "; whoever reads that file can read the traffic",
                    ink::red);
        }
    }

    private void addConfiguration() {
        StatusReport.Configuration configuration = report.configuration();
        line(
                "configuration: " + configuration.file() + ", generation " + configuration.generation()
                        + ", in use for " + Quantity.age(secondsSince(configuration.loaded())),
                UnaryOperator.identity());
        Reload last = configuration.lastReload();
        if (last != null && !last.applied()) {
            line("reload refused " + Quantity.age(secondsSince(last.at())) + " ago:", ink::yellow);
            last.problems().forEach(problem -> line("  " + problem, ink::yellow));
        }
    }

    private void addOffloads() {
        List<String> inUse = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (StatusReport.Offload offload : report.offloads()) {
            if (offload.on()) {
                inUse.add(offload.name());
            } else {
                others.add(offload.name() + " is off, " + offload.reason());
            }
        }
        line("off-loads: " + (inUse.isEmpty() ? "none" : String.join(", ", inUse)), UnaryOperator.identity());
        others.forEach(other -> line("  " + other, ink::yellow));
    }

    private void addTunnels() {
        TextTable table = new TextTable(
                "PEER", "STATE", "PATH", "AGE", "HEARD", "RTT", "MTU", "OUT", "IN", "LANES", "REKEYS", "NEXT", "FAILED",
                "CERT", "CIPHER");
        List<UnaryOperator<String>> inks = new ArrayList<>();
        for (Tunnel tunnel : report.tunnels()) {
            table.row(
                    tunnel.peer() + "/" + tunnel.gateway(),
                    tunnel.standing(),
                    orDash(tunnel.local()) + " > " + orDash(tunnel.remote()),
                    tunnel.ageSeconds() == null ? "-" : Quantity.age(tunnel.ageSeconds()),
                    tunnel.lastReceivedSeconds() == null ? "-" : Quantity.age(tunnel.lastReceivedSeconds()),
                    tunnel.rttSeconds() == null ? "-" : Quantity.roundTrip(tunnel.rttSeconds()),
                    tunnel.pathMtu() == null ? "-" : tunnel.pathMtu(),
                    Quantity.bytes(tunnel.out().bytes()),
                    Quantity.bytes(tunnel.in().bytes()),
                    tunnel.lanes(),
                    Quantity.count(tunnel.rekeys()),
                    tunnel.nextRekeySeconds() == null ? "-" : Quantity.age(tunnel.nextRekeySeconds()),
                    Quantity.count(tunnel.handshakes().failed()),
                    tunnel.peerCertificateExpires() == null ? "-" : timeLeft(tunnel.peerCertificateExpires()),
                    tunnel.cipherText(report.gateway().aead()));
            inks.add(inkFor(tunnel));
        }
        add("tunnels", table, inks);
        addPaths();
        report.sites().forEach(this::addFlowMoves);
        report.sites().forEach(this::addMarks);
        report.sites().forEach(this::addFragments);
        report.tunnels().forEach(this::addFailure);
        report.tunnels().forEach(this::addRung);
        report.tunnels().forEach(this::addRefusedVnets);
        addNames();
        addRelays();
    }

    private void addRelays() {
        TextTable table = new TextTable("FROM", "TO", "STATE", "PACKETS", "BYTES", "DROPPED");
        List<UnaryOperator<String>> inks = new ArrayList<>();
        for (StatusReport.Relay relay : report.relays()) {
            table.row(
                    relay.from(),
                    relay.to(),
                    relay.open() ? "open" : "closed",
                    Quantity.count(relay.packets()),
                    Quantity.bytes(relay.bytes()),
                    Quantity.count(relay.drops()));
            inks.add(UnaryOperator.identity());
        }
        add("relayed between others", table, inks);
    }

    private void addNames() {
        TextTable table = new TextTable("NAME", "ADDRESSES", "LOOK-UPS", "FAILED", "LAST FAILURE");
        List<UnaryOperator<String>> inks = new ArrayList<>();
        for (Name name : report.names()) {
            Failure failure = name.lastFailure();
            table.row(
                    name.name(),
                    name.addresses().isEmpty() ? "-" : join(name.addresses()),
                    Quantity.count(name.lookups()),
                    Quantity.count(name.failures()),
                    failure == null ? "-" : Quantity.age(secondsSince(failure.at())) + " ago: " + failure.reason());
            inks.add(name.addresses().isEmpty() ? ink::red : UnaryOperator.identity());
        }
        add("names", table, inks);
    }

    private void addPaths() {
        TextTable table = new TextTable("PEER", "PATH", "USE", "RTT", "LOSS");
        List<UnaryOperator<String>> inks = new ArrayList<>();
        for (Tunnel tunnel : report.tunnels()) {
            for (Path path : tunnel.paths()) {
                Double loss = path.lossRatio();
                table.row(
                        tunnel.peer() + "/" + tunnel.gateway(),
                        orDash(path.local()) + " > " + path.remote(),
                        path.useText(),
                        path.rttSeconds() == null ? "-" : Quantity.roundTrip(path.rttSeconds()),
                        loss == null ? "-" : "%.0f%%".formatted(100 * loss));
                inks.add(path.live() ? UnaryOperator.identity() : ink::red);
            }
        }
        add("paths", table, inks);
    }

    private void addFlowMoves(Site site) {
        Double seconds = site.lastFlowMoveSeconds();
        if (seconds != null) {
            line(
                    "  " + site.name() + ": flows moved " + Quantity.count(site.flowMoves()) + " times, the last time "
                            + "%.2f s after the gateway before was last heard of".formatted(seconds),
                    ink::yellow);
        }
    }

    private void addMarks(Site site) {
        if (site.congestionMarks() > 0) {
            line(
                    "  " + site.name() + ": " + Quantity.count(site.congestionMarks())
                            + " packets came marked by a congested network in between",
                    UnaryOperator.identity());
        }
    }

    private void addFragments(Site site) {
        if (site.fragments().sent() > 0 || site.fragments().received() > 0) {
            line(
                    "  " + site.name() + ": " + Quantity.count(site.fragments().sent())
                            + " fragments of packets larger than the path sent, "
                            + Quantity.count(site.fragments().received()) + " received, "
                            + Quantity.count(site.fragments().reassembled()) + " packets put together",
                    UnaryOperator.identity());
        }
    }

    private void addFailure(Tunnel tunnel) {
        Failure failure = tunnel.handshakes().lastFailure();
        if (failure != null && !tunnel.up()) {
            line(
                    "  " + tunnel.peer() + "/" + tunnel.gateway() + ": last handshake failed "
                            + Quantity.age(secondsSince(failure.at())) + " ago: " + failure.reason(),
                    ink::red);
        }
    }

    private void addRung(Tunnel tunnel) {
        String rung = tunnel.rungText();
        if (rung != null) {
            line("  " + tunnel.peer() + "/" + tunnel.gateway() + ": " + rung, ink::yellow);
        }
    }

    private void addRefusedVnets(Tunnel tunnel) {
        tunnel.refusedVnets().stream()
                .limit(SHOWN_REFUSED)
                .forEach(one -> line("  " + tunnel.peer() + "/" + tunnel.gateway() + " " + one.text(), ink::red));
        int more = tunnel.refusedVnets().size() - SHOWN_REFUSED;
        if (more > 0) {
            line("  " + tunnel.peer() + "/" + tunnel.gateway() + " does not carry " + more + " more", ink::red);
        }
    }

    private void addVnets() {
        TextTable table = new TextTable(
                "VNET",
                "VNI",
                "CLASS",
                "DEVICE",
                "NETNS",
                "MTU",
                "OUT",
                "OUT BYTES",
                "IN",
                "IN BYTES",
                "LOCAL",
                "FLOWS",
                "OF");
        for (Vnet vnet : report.vnets()) {
            table.row(
                    vnet.name(),
                    vnet.vni(),
                    vnet.tunnelClass(),
                    vnet.device(),
                    orDash(vnet.netns()),
                    vnet.mtu(),
                    Quantity.count(vnet.out().packets()),
                    Quantity.bytes(vnet.out().bytes()),
                    Quantity.count(vnet.in().packets()),
                    Quantity.bytes(vnet.in().bytes()),
                    Quantity.count(vnet.local().packets()),
                    Quantity.count(vnet.flows()),
                    Quantity.count(vnet.maxFlows()));
        }
        add("V-nets", table, List.of());
    }

    private void addTranslations() {
        TextTable table = new TextTable("VNET", "PEER", "OURS", "SEEN AS", "THEIRS");
        for (Vnet vnet : report.vnets()) {
            for (StatusReport.Remote remote : vnet.remotes()) {
                List<Translation> ours = vnet.translations().stream()
                        .filter(translation -> translation.peer().equals(remote.peer()))
                        .toList();
                table.row(
                        vnet.name(),
                        remote.peer(),
                        ours.isEmpty()
                                ? "as they are"
                                : join(ours.stream().map(Translation::local).toList()),
                        ours.isEmpty()
                                ? "-"
                                : join(ours.stream().map(Translation::as).toList()),
                        join(remote.prefixes()));
            }
        }
        add("addresses", table, List.of());
    }

    private void addLimits() {
        TextTable table = new TextTable("VNET", "PEER", "RATE", "WAITING", "DELAY", "DROPPED", "MARKED");
        for (Vnet vnet : report.vnets()) {
            for (Limit limit : vnet.limits()) {
                table.row(
                        vnet.name(),
                        limit.peer(),
                        Quantity.bitRate(limit.bitsPerSecond()),
                        Quantity.count(limit.waitingPackets()),
                        Quantity.roundTrip(limit.delaySeconds()),
                        Quantity.count(limit.droppedPackets()),
                        Quantity.count(limit.markedPackets()));
            }
        }
        add("limits", table, List.of());
    }

    private void addPolicy() {
        TextTable table = new TextTable("VNET", "PERMITS", "HITS");
        for (Vnet vnet : report.vnets()) {
            for (Rule rule : vnet.policy()) {
                table.row(vnet.name(), rule.rule(), Quantity.count(rule.hits()));
            }
        }
        add("policy", table, List.of());
    }

    private void addDrops() {
        TextTable table = new TextTable("STAGE", "REASON", "PEER", "PACKETS");
        for (Drop drop : report.drops()) {
            table.row(drop.stage(), drop.reason(), orDash(drop.peer()), Quantity.count(drop.packets()));
        }
        add("drops", table, List.of());
        addHandshakeFailures();
        addStreams();
    }

    private void addHandshakeFailures() {
        TextTable table = new TextTable("AS", "REASON", "HANDSHAKES");
        report.gateway()
                .handshakeFailures()
                .forEach(one -> table.row(one.role(), one.reason(), Quantity.count(one.count())));
        add("failed handshakes", table, List.of());
    }

    private void addStreams() {
        StatusReport.Streams streams = report.gateway().streams();
        if (streams != null) {
            line(
                    "\nTCP connections: " + Quantity.count(streams.accepted()) + " accepted, "
                            + Quantity.count(streams.refused()) + " refused, " + Quantity.count(streams.failed())
                            + " failed, " + Quantity.count(streams.tooSlow()) + " too slow, "
                            + Quantity.count(streams.overLimit()) + " over the limit",
                    UnaryOperator.identity());
        }
    }

    /** @param inks one for each row, or none */
    private void add(String title, TextTable table, List<UnaryOperator<String>> inks) {
        if (table.isEmpty()) {
            return;
        }
        text.append('\n').append(ink.bold(title)).append('\n');
        List<String> lines = table.toString().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            line("  " + lines.get(i), i == 0 || inks.isEmpty() ? UnaryOperator.identity() : inks.get(i - 1));
        }
    }

    private void line(String line, UnaryOperator<String> colour) {
        text.append(colour.apply(line)).append('\n');
    }

    private UnaryOperator<String> inkFor(Tunnel tunnel) {
        if (!tunnel.up()) {
            return ink::red;
        }
        return tunnel.peerCertificateExpires() == null
                ? UnaryOperator.identity()
                : inkFor(tunnel.peerCertificateExpires());
    }

    private UnaryOperator<String> inkFor(Instant expires) {
        if (!expires.isAfter(now)) {
            return ink::red;
        }
        return expires.isBefore(now.plus(SOON)) ? ink::yellow : UnaryOperator.identity();
    }

    private String expiry(Instant expires) {
        return expires.isAfter(now) ? "expires in " + timeLeft(expires) : "EXPIRED";
    }

    private String timeLeft(Instant expires) {
        return expires.isAfter(now) ? Quantity.age(-secondsSince(expires)) : "EXPIRED";
    }

    private double secondsSince(Instant moment) {
        return Duration.between(moment, now).toMillis() / 1e3;
    }

    private static String join(List<String> parts) {
        return String.join(", ", parts);
    }

    private static String orDash(@Nullable String text) {
        return text == null ? "-" : text;
    }
}
