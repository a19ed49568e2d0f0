package net.vgate.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.vgate.observe.Quantity;
import net.vgate.observe.StatusReport;
import net.vgate.observe.VnetReport;
import net.vgate.observe.VnetsReport;
import org.jspecify.annotations.Nullable;

/** V-nets as tables. What is without its device, or not carried, is coloured. */
final class VnetText {
    /** Of a V-net's prefixes, as many are named. */
    private static final int SHOWN_PREFIXES = 10;

    private VnetText() {}

    static String of(VnetsReport report, Ink ink) {
        if (report.vnets().isEmpty()) {
            return "no V-nets are configured\n";
        }
        TextTable table = new TextTable(
                "VNET", "VNI", "KIND", "STATE", "PREFIXES", "JOINED", "EXPECTED", "RULES", "PEERS", "ATTACHMENT");
        List<UnaryOperator<String>> inks = new ArrayList<>(List.of(ink::bold));
        for (VnetsReport.Vnet vnet : report.vnets()) {
            table.row(
                    vnet.name(),
                    vnet.vni(),
                    vnet.kind(),
                    vnet.state(),
                    Quantity.count(vnet.prefixCount()),
                    count(vnet.joined()),
                    count(vnet.expected()),
                    Quantity.count(vnet.rules()),
                    vnet.peers().isEmpty() ? "-" : String.join(", ", vnet.peers()),
                    vnet.attachment());
            inks.add(vnet.state().equals("up") ? UnaryOperator.identity() : ink::red);
        }
        Sections sections = new Sections(ink);
        List<String> lines = table.toString().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            sections.line(lines.get(i), inks.get(i));
        }
        return sections.toString();
    }

    static String of(VnetReport report, Ink ink) {
        Sections sections = new Sections(ink);
        sections.title("V-net %s: VNI %d, %s, class %s"
                .formatted(report.name(), report.vni(), report.kind(), report.tunnelClass()));
        VnetReport.Attachment attachment = report.attachment();
        sections.line("  attachment: " + attachment.text()
                + (attachment.addresses().isEmpty()
                        ? ""
                        : "; the gateway is " + String.join(", ", attachment.addresses())));
        sections.line("  members: " + text(report.members()));
        StatusReport.Vnet status = report.status();
        if (status == null) {
            sections.line("  without its device, so nothing passes; device_failed in the log says why", ink::red);
        } else {
            sections.line("  MTU %d; flows: %s of %s"
                    .formatted(status.mtu(), Quantity.count(status.flows()), Quantity.count(status.maxFlows())));
        }
        addPeers(sections, report, ink);
        if (status != null) {
            addTraffic(sections, status);
            addPolicy(sections, status, report.fallback());
            addLimits(sections, status);
        }
        return sections.toString();
    }

    private static String text(VnetReport.Members members) {
        int more = members.prefixCount() - SHOWN_PREFIXES;
        String prefixes = String.join(
                        ", ", members.prefixes().stream().limit(SHOWN_PREFIXES).toList())
                + (more > 0 ? " and " + Quantity.count(more) + " more prefixes" : "");
        return members.joined() == null || members.expected() == null
                ? "every address of " + prefixes
                : "%s joined and %s expected, listed by the directory within %s"
                        .formatted(Quantity.count(members.joined()), Quantity.count(members.expected()), prefixes);
    }

    private static void addPeers(Sections sections, VnetReport report, Ink ink) {
        TextTable table = new TextTable("SITE", "GRANTED", "CARRIED BY", "OURS", "SEEN THERE AS", "THEIRS");
        List<UnaryOperator<String>> inks = new ArrayList<>();
        for (VnetReport.Peer peer : report.peers()) {
            List<StatusReport.Translation> ours = report.status() == null
                    ? List.of()
                    : report.status().translations().stream()
                            .filter(one -> one.peer().equals(peer.site()))
                            .toList();
            table.row(
                    peer.site(),
                    peer.granted() ? "yes" : "no",
                    listed(peer.carriedBy()),
                    listed(ours.stream().map(StatusReport.Translation::local).toList()),
                    ours.isEmpty()
                            ? "as they are"
                            : listed(ours.stream()
                                    .map(StatusReport.Translation::as)
                                    .toList()),
                    listed(prefixesAt(peer.site(), report.status())));
            inks.add(peer.carriedBy().isEmpty() ? ink::yellow : UnaryOperator.identity());
        }
        sections.table("other sites", table, inks);
    }

    private static List<String> prefixesAt(String site, StatusReport.@Nullable Vnet status) {
        return status == null
                ? List.of()
                : status.remotes().stream()
                        .filter(remote -> remote.peer().equals(site))
                        .flatMap(remote -> remote.prefixes().stream())
                        .toList();
    }

    private static void addTraffic(Sections sections, StatusReport.Vnet status) {
        TextTable table = new TextTable("WAY", "PACKETS", "BYTES", "DENIED", "LAST DENIED");
        addWay(table, "out", status.out(), status.deniedOut());
        addWay(table, "in", status.in(), status.deniedIn());
        table.row(
                "local",
                Quantity.count(status.local().packets()),
                Quantity.bytes(status.local().bytes()),
                "-",
                "-");
        sections.table("traffic", table, List.of());
    }

    private static void addWay(TextTable table, String way, StatusReport.Traffic traffic, StatusReport.Denied denied) {
        table.row(
                way,
                Quantity.count(traffic.packets()),
                Quantity.bytes(traffic.bytes()),
                Quantity.count(denied.packets()),
                PolicyListing.age(denied.lastSeconds()));
    }

    private static void addPolicy(Sections sections, StatusReport.Vnet status, String fallback) {
        TextTable table = new TextTable("RULE", "LINE", "HITS", "LAST HIT");
        status.policy()
                .forEach(rule -> table.row(
                        rule.rule(),
                        rule.line(),
                        Quantity.count(rule.hits()),
                        PolicyListing.age(rule.lastHitSeconds())));
        long denied = status.deniedOut().packets() + status.deniedIn().packets();
        table.row("all else: " + fallback, "-", Quantity.count(denied), "-");
        sections.table("policy", table, List.of());
    }

    private static void addLimits(Sections sections, StatusReport.Vnet status) {
        TextTable table = new TextTable("SITE", "RATE", "WAITING", "DROPPED", "MARKED");
        status.limits()
                .forEach(limit -> table.row(
                        limit.peer(),
                        Quantity.bitRate(limit.bitsPerSecond()),
                        Quantity.count(limit.waitingPackets()),
                        Quantity.count(limit.droppedPackets()),
                        Quantity.count(limit.markedPackets())));
        sections.table("limits", table, List.of());
    }

    /** At most so many as a line takes. */
    private static String listed(List<String> names) {
        int more = names.size() - SHOWN_PREFIXES;
        String shown = String.join(", ", names.stream().limit(SHOWN_PREFIXES).toList());
        return names.isEmpty() ? "-" : more > 0 ? shown + " and " + more + " more" : shown;
    }

    private static String count(@Nullable Integer count) {
        return count == null ? "-" : Quantity.count(count);
    }
}
