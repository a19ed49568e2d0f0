package net.vgate.observe;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import net.vgate.observe.HtmlPage.Cell;
import net.vgate.observe.HtmlPage.Tone;
import net.vgate.observe.StatusReport.Drop;
import net.vgate.observe.StatusReport.Failure;
import net.vgate.observe.StatusReport.Gateway;
import net.vgate.observe.StatusReport.Path;
import net.vgate.observe.StatusReport.Reload;
import net.vgate.observe.StatusReport.Tunnel;
import net.vgate.observe.StatusReport.Vnet;
import org.jspecify.annotations.Nullable;

/**
 * A gateway's status as a page: whether it is ready, its tunnels, V-nets and drops.
 *
 * <p>Whoever reaches the address may look at it, so it leaves out what only those who run the gateway need: files,
 * addresses of members, policy. {@code vgate status} has all of it.
 */
final class StatusPage {
    /** Rows of a table at most: a page of ten thousand V-nets helps nobody, each few seconds. */
    static final int MAX_ROWS = 500;

    /** Before this much time is left, a certificate's end is worth a colour. */
    private static final Duration SOON = Duration.ofDays(30);

    private final StatusReport report;
    private final Instant now;
    private final HtmlPage page;

    private StatusPage(StatusReport report) {
        this.report = report;
        Gateway gateway = report.gateway();
        now = gateway.started().plusMillis((long) (gateway.uptimeSeconds() * 1e3));
        page = new HtmlPage("gateway " + gateway.name() + " of site " + gateway.site());
    }

    static String of(StatusReport report, Health.Report ready) {
        StatusPage status = new StatusPage(report);
        status.addReadiness(ready);
        status.addGateway();
        status.addReload();
        status.addTunnels();
        status.addPaths();
        status.addVnets();
        status.addDrops();
        return status.page.toString();
    }

    private void addReadiness(Health.Report ready) {
        if (ready.ok()) {
            page.line(Tone.GOOD, "ready");
        }
        for (Health.Result check : ready.checks()) {
            if (check.problem() != null) {
                page.line(Tone.BAD, "not ready: " + check.name() + ": " + check.problem());
            }
        }
    }

    private void addGateway() {
        Gateway gateway = report.gateway();
        page.line(
                Tone.PLAIN,
                "up " + Quantity.age(gateway.uptimeSeconds()) + ", UDP " + gateway.udp() + ", vgate "
                        + gateway.version() + ", at " + now.truncatedTo(ChronoUnit.SECONDS));
        Cell expiry = expiry(gateway.certificateExpires());
        page.line(
                expiry.tone(),
                "certificate: " + (isOver(gateway.certificateExpires()) ? "" : "expires in ") + expiry.text());
        if (gateway.draining()) {
            page.line(Tone.WARNING, "DRAINING: peers are asked to send flows elsewhere");
        }
        if (gateway.keyLog() != null) {
            page.line(Tone.BAD, "KEY LOG: session keys are written to a file; whoever reads it can read the traffic");
        }
    }

    private void addReload() {
        Reload last = report.configuration().lastReload();
        if (last != null && !last.applied()) {
            page.line(
                    Tone.WARNING,
                    "last reload refused " + age(last.at()) + " ago; generation "
                            + report.configuration().generation() + " of the configuration stays in use");
        }
    }

    private void addTunnels() {
        add(
                "Tunnels",
                List.of(
                        "peer",
                        "state",
                        "path",
                        "age",
                        "heard",
                        "round trip",
                        "MTU",
                        "out",
                        "in",
                        "rekeys",
                        "failed",
                        "certificate",
                        "cipher"),
                report.tunnels().stream().limit(MAX_ROWS).map(this::row).toList(),
                report.tunnels().size());
        for (Tunnel tunnel : report.tunnels().stream().limit(MAX_ROWS).toList()) {
            Failure failure = tunnel.handshakes().lastFailure();
            if (failure != null && !tunnel.up()) {
                page.line(
                        Tone.BAD,
                        name(tunnel) + ": last handshake failed " + age(failure.at()) + " ago: " + failure.reason());
            }
            String rung = tunnel.rungText();
            if (rung != null) {
                page.line(Tone.PLAIN, name(tunnel) + ": " + rung);
            }
        }
        report.tunnels().stream()
                .flatMap(tunnel -> tunnel.refusedVnets().stream().map(one -> name(tunnel) + " " + one.text()))
                .limit(MAX_ROWS)
                .forEach(line -> page.line(Tone.BAD, line));
        if (report.gateway().handshakesRefused() > 0) {
            page.line(
                    Tone.PLAIN,
                    "handshakes of strangers refused: "
                            + Quantity.count(report.gateway().handshakesRefused()));
        }
    }

    private List<Cell> row(Tunnel tunnel) {
        Instant expires = tunnel.peerCertificateExpires();
        return List.of(
                Cell.of(name(tunnel)),
                new Cell(tunnel.standing(), tunnel.up() ? Tone.GOOD : Tone.BAD),
                Cell.of(orDash(tunnel.local()) + " > " + orDash(tunnel.remote())),
                Cell.number(tunnel.ageSeconds() == null ? "-" : Quantity.age(tunnel.ageSeconds())),
                Cell.number(tunnel.lastReceivedSeconds() == null ? "-" : Quantity.age(tunnel.lastReceivedSeconds())),
                Cell.number(tunnel.rttSeconds() == null ? "-" : Quantity.roundTrip(tunnel.rttSeconds())),
                Cell.number(tunnel.pathMtu() == null ? "-" : tunnel.pathMtu().toString()),
                Cell.number(Quantity.bytes(tunnel.out().bytes())),
                Cell.number(Quantity.bytes(tunnel.in().bytes())),
                count(tunnel.rekeys()),
                count(tunnel.handshakes().failed()),
                expires == null ? Cell.of("-") : expiry(expires),
                Cell.of(tunnel.cipherText(report.gateway().aead())));
    }

    private void addPaths() {
        List<List<Cell>> rows = report.tunnels().stream()
                .flatMap(tunnel -> tunnel.paths().stream().map(path -> row(tunnel, path)))
                .toList();
        add(
                "Paths",
                List.of("peer", "path", "use", "round trip", "loss"),
                rows.stream().limit(MAX_ROWS).toList(),
                rows.size());
    }

    private static List<Cell> row(Tunnel tunnel, Path path) {
        Double loss = path.lossRatio();
        return List.of(
                Cell.of(name(tunnel)),
                Cell.of(orDash(path.local()) + " > " + path.remote()),
                new Cell(path.useText(), path.live() ? Tone.PLAIN : Tone.BAD),
                Cell.number(path.rttSeconds() == null ? "-" : Quantity.roundTrip(path.rttSeconds())),
                Cell.number(loss == null ? "-" : "%.0f%%".formatted(100 * loss)));
    }

    private void addVnets() {
        add(
                "V-nets",
                List.of(
                        "name",
                        "VNI",
                        "device",
                        "namespace",
                        "MTU",
                        "packets out",
                        "bytes out",
                        "packets in",
                        "bytes in",
                        "local packets",
                        "flows",
                        "flow limit"),
                report.vnets().stream().limit(MAX_ROWS).map(StatusPage::row).toList(),
                report.vnets().size());
    }

    private static List<Cell> row(Vnet vnet) {
        return List.of(
                Cell.of(vnet.name()),
                Cell.number(Integer.toString(vnet.vni())),
                Cell.of(vnet.device()),
                Cell.of(orDash(vnet.netns())),
                Cell.number(Integer.toString(vnet.mtu())),
                count(vnet.out().packets()),
                Cell.number(Quantity.bytes(vnet.out().bytes())),
                count(vnet.in().packets()),
                Cell.number(Quantity.bytes(vnet.in().bytes())),
                count(vnet.local().packets()),
                count(vnet.flows()),
                count(vnet.maxFlows()));
    }

    private void addDrops() {
        add(
                "Drops",
                List.of("stage", "reason", "peer", "packets"),
                report.drops().stream().limit(MAX_ROWS).map(StatusPage::row).toList(),
                report.drops().size());
    }

    private static List<Cell> row(Drop drop) {
        return List.of(
                Cell.of(drop.stage()), Cell.of(drop.reason()), Cell.of(orDash(drop.peer())), count(drop.packets()));
    }

    private void add(String heading, List<String> header, List<List<Cell>> rows, int all) {
        page.heading(heading);
        if (rows.isEmpty()) {
            page.line(Tone.PLAIN, "none");
            return;
        }
        page.table(header, rows);
        if (all > rows.size()) {
            page.line(
                    Tone.PLAIN,
                    "the first " + Quantity.count(rows.size()) + " of " + Quantity.count(all)
                            + "; vgate status shows all");
        }
    }

    private Cell expiry(Instant expires) {
        if (isOver(expires)) {
            return new Cell("EXPIRED", Tone.BAD);
        }
        String left = Quantity.age(Duration.between(now, expires).toMillis() / 1e3);
        return new Cell(left, expires.isBefore(now.plus(SOON)) ? Tone.WARNING : Tone.PLAIN);
    }

    private boolean isOver(Instant expires) {
        return !expires.isAfter(now);
    }

    private String age(Instant moment) {
        return Quantity.age(Duration.between(moment, now).toMillis() / 1e3);
    }

    private static String name(Tunnel tunnel) {
        return tunnel.peer() + "/" + tunnel.gateway();
    }

    private static Cell count(long count) {
        return Cell.number(Quantity.count(count));
    }

    private static String orDash(@Nullable String text) {
        return text == null ? "-" : text;
    }
}
